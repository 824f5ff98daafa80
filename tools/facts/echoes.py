"""An answer that says its question back with something in it changed: another year, "after" for "before", a "not"."""

from __future__ import annotations

import re

from tools.facts.alignment import Change, aligned
from tools.facts.claims import Reading
from tools.facts.polarity import negated, turned_round
from tools.facts.renaming import another_name
from workspace.words import Words

FEWEST = 4  # words of the question that the answer says again
MOST = 0.75  # share of them
ASKS_WHAT = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|how (?:many|much|long|often|far|old|high|large))\b|"
    r"什么|多少|哪|谁|何时|何地|几",
    re.I,
)
# What is left of a question when the answer says it back.
ASKING = re.compile(r"^\W*(?:what|which|who|when|where|how (?:much|many))\b(?: (?:is|are|was|were)\b)?|[?？]", re.I)
DENIES = re.compile(r"\b(?:is|are|was|were) not (?=.*\d)|不是(?=.*[\d一二三四五六七八九十])", re.I)
FIGURE = re.compile(r"\d[\d,.]*")
SHORT = 25  # letters of what stands for something else


def otherwise(claim: Reading, question: str) -> Words | None:
    """What the claim says in place of what its question says; None where it says the same, or not the question."""
    if not question or not ASKS_WHAT.search(question):
        return None
    asked, said = ASKING.sub(" ", question).replace("’", "'"), claim.text.replace("’", "'")
    laid = aligned(asked, said)
    if laid.kept < max(FEWEST, MOST * laid.total):
        return None
    if DENIES.search(claim.text) and not negated(question):
        return Words("The question asks what it is, not what it is not.", "问的是“是什么”，而不是“不是什么”。")
    changed = next((c for c in laid.changes if _another(c, asked, said)), None)
    if changed is None:
        return None
    return Words(
        f"It says {changed.theirs}, the question asks about {changed.ours}.",
        f"这里写的是{changed.theirs}，问的是{changed.ours}。",
    )


def _another(change: Change, asked: str, claim: str) -> bool:
    ours, theirs = change.ours, change.theirs
    if not ours or not theirs or max(len(ours), len(theirs)) > SHORT or _says(claim, ours) or ASKS_WHAT.search(ours):
        return False
    if FIGURE.fullmatch(ours) and FIGURE.fullmatch(theirs):
        # One may be said twice: "from 2018 to 2018".
        return not _says(asked, theirs) or claim.count(theirs) > asked.count(theirs)
    if _says(asked, theirs):
        return False
    return turned_round(ours, theirs) or another_name(ours, theirs, asked, claim, change.our_start, change.their_start)


def _says(text: str, run: str) -> bool:
    return bool(re.search(rf"(?<![\w.,]){re.escape(run)}(?![\w]|[.,]\d)", text, re.I if run.isascii() else 0))
