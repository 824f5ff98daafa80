"""The test rows of a version stay away from whatever trains: it is given the other rows, and the hash of these."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.project import read_samples, sample_line
from workspace.sample import Sample

SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Parted:
    """`twins` is how many rows are not learned from because a test row asks the same."""

    learned: Sequence[Sample]
    test: Sequence[Sample]
    twins: int


def parted(data: Path) -> Parted:
    """The kept rows of a file: those to learn from (validation among them) and those held back."""
    rows = [row for row in read_samples(data) if row.kept]
    test = [row for row in rows if row.split == "test"]
    seen = {asked(row) for row in test}
    others = [row for row in rows if row.split != "test"]
    learned = [row for row in others if asked(row) not in seen]
    return Parted(learned, test, len(others) - len(learned))


def asked(row: Sample) -> str:
    """Everything before the answer, without what the eye passes over: case, width, white space."""
    turns = row.messages[:-1] if row.messages and row.messages[-1].role == "assistant" else row.messages
    text = "\n".join(f"{turn.role}:{turn.content}" for turn in turns)
    return SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def fingerprint(rows: Iterable[Sample]) -> str:
    """SHA-256 of the rows as they stand in a file, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(sample_line(row))
    return digest.hexdigest()
