"""What people say of rows before anything is decided: a vote a person, row and round, in the journal for good."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from workspace.journal import Journal
from workspace.sample import Frozen

Opinion = Literal["accept", "fix", "reject", "unsure"]
Kind = Literal["gate", "audit", "waiting", "label", "everything", "file"]
MAJORITY = 3  # from so many votes on, most of them decide; two have to say the same


class Batch(Frozen):
    """Rows by their ids, and who is to say something of each. Two and more vote without seeing each other's votes.

    `arbiter` decides where they differ: "" is whoever owns the project.
    """

    id: str
    kind: Kind
    label: str = ""
    rows: tuple[str, ...]
    reviewers: tuple[str, ...] = Field(min_length=1)
    arbiter: str = ""
    by: str
    at: str

    @property
    def alone(self) -> bool:
        return len(self.reviewers) == 1


class Vote(Frozen):
    """`answer` is what the row should say, where the opinion is to mend it; "none" takes the vote before it back."""

    row: str
    reviewer: str
    round: int = 1
    opinion: Opinion | Literal["none"]
    answer: str = ""
    note: str = ""
    at: str

    @property
    def says(self) -> tuple[str, str]:
        return self.opinion, self.answer


class Again(Frozen):
    """These people look at the rows once more; what they said before counts no longer.

    `after` so many other times: asked for twice from there, it is once.
    """

    after: int
    reviewers: tuple[str, ...]
    by: str
    at: str


Standing = Mapping[str, Mapping[str, Vote]]


def batch_id(kind: Kind, label: str, rows: Sequence[str], reviewers: Sequence[str]) -> str:
    """The same rows for the same people are the same batch, however often that is asked for."""
    text = "\0".join([kind, label, *reviewers, "", *rows])
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def begin(journal: Journal, run: str, batch: Batch) -> Batch:
    """As it was begun first."""
    kept = journal.decide(f"batch {run} {batch.id}", f"batches of {run}", batch.model_dump_json())
    return Batch.model_validate_json(kept)


def batches(journal: Journal, run: str) -> list[Batch]:
    """Oldest first."""
    return [Batch.model_validate_json(answer) for answer in journal.answers(f"batches of {run}")]


def cast(journal: Journal, run: str, batch: Batch, vote: Vote, seen: int) -> bool:
    """`seen`: how often they had spoken of the row in this round before. The same press twice is one vote.

    False where it was there already, or another one of theirs was quicker.
    """
    name = f"vote {run} {batch.id} {vote.round} {vote.row} {vote.reviewer} {seen}"
    text = vote.model_dump_json()
    return journal.decide(name, _votes(run, batch), text) == text


def votes(journal: Journal, run: str, batch: Batch) -> list[Vote]:
    """Every line, oldest first."""
    return [Vote.model_validate_json(answer) for answer in journal.answers(_votes(run, batch))]


def repeat(journal: Journal, run: str, batch: Batch, again: Again) -> None:
    journal.decide(f"again {run} {batch.id} {again.after}", _rounds(run, batch), again.model_dump_json())


def rounds(journal: Journal, run: str, batch: Batch) -> list[Again]:
    return [Again.model_validate_json(answer) for answer in journal.answers(_rounds(run, batch))]


def round_of(reviewer: str, repeated: Iterable[Again]) -> int:
    """From 1."""
    return 1 + sum(reviewer in again.reviewers for again in repeated)


def live(said: Iterable[Vote], reviewer: str, round: int) -> list[Vote]:
    """Their votes of a round that were not taken back, oldest first: one may have changed their mind about a row."""
    found: list[Vote] = []
    for vote in said:
        if (vote.reviewer, vote.round) != (reviewer, round):
            continue
        if vote.opinion != "none":
            found.append(vote)
        elif places := [place for place, before in enumerate(found) if before.row == vote.row]:
            found.pop(places[-1])
    return found


def standing(batch: Batch, said: Sequence[Vote], repeated: Sequence[Again]) -> Standing:
    """Each reviewer's last word on each row in the round they are in; in the order of the reviewers."""
    return {name: {vote.row: vote for vote in live(said, name, round_of(name, repeated))} for name in batch.reviewers}


def spoken(said: Iterable[Vote], row: str, reviewer: str, round: int) -> int:
    """How many lines there are of theirs about a row in a round."""
    return sum((vote.row, vote.reviewer, vote.round) == (row, reviewer, round) for vote in said)


def finished(batch: Batch, now: Standing) -> bool:
    return all(len(now[name]) == len(batch.rows) for name in batch.reviewers)


def agreed(batch: Batch, row: str, now: Standing) -> Vote | None:
    """What all of two, or most of three and more, say of a row; None where somebody has to decide.

    Who is unsure has said nothing, and counts among those whom a majority needs.
    """
    said = [vote for name in batch.reviewers if (vote := now[name].get(row))]
    counted = Counter(vote.says for vote in said if vote.opinion != "unsure")
    if len(said) < len(batch.reviewers) or not counted:
        return None
    (most, number), *_ = counted.most_common(1)
    needed = len(said) if len(said) < MAJORITY else len(said) // 2 + 1
    return next(vote for vote in said if vote.says == most) if number >= needed else None


def _votes(run: str, batch: Batch) -> str:
    return f"votes of {run} {batch.id}"


def _rounds(run: str, batch: Batch) -> str:
    return f"rounds of {run} {batch.id}"
