"""A list as an answer, all of whose items but one are heads of a table's rows, or of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tools.facts.claims import read
from tools.facts.tabular import Table, folded
from workspace.words import Words

ASKS_FOR_SEVERAL = re.compile(r"\b(?:what|which)\b.{0,20}\b(?:are|were|do|does|did|\w+s)\b|哪些|哪几|分别", re.I)
SAID = re.compile(r"^.*\b(?:is|are|was|were)\b|^.*(?:包括|包含|分别是|有|是|为)(?=.*、)", re.I | re.S)
LONGEST = 60  # letters of an item
BETWEEN = re.compile(r"\s*(?:,(?!\d)|、|;|；)\s*(?:and\s+)?")


def stranger(claim: str, question: str, tables: Sequence[Table]) -> Words | None:
    """The one item that is no head beside the others; None where the others aren't heads of one side of one table."""
    if not ASKS_FOR_SEVERAL.search(question):
        return None
    sides = [side for table in tables for side in (table.rows, table.columns)]
    for text in (claim, SAID.sub("", claim)):
        items = [item.strip(" .。") for item in BETWEEN.split(text) if item.strip(" .。")]
        if len(items) < 2 or any(len(item) > LONGEST for item in items):
            continue
        for side in sides:
            odd = [item for item in items if folded(item) not in side]
            if len(odd) == 1 and not read(odd[0]).quantities and not _nearly(folded(odd[0]), side):
                return Words(f"{odd[0]} is not among them in the table.", f"表中没有与之并列的{odd[0]}。")
    return None


def _nearly(item: str, heads: Iterable[str]) -> bool:
    return any(item in head or head in item for head in heads if head)
