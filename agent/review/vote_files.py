"""Votes that were collected elsewhere, from a file: they count as if they had been given here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from agent import run as runs
from agent.events import Event, Say
from agent.review import concord
from agent.review.batches import Review, checked_rows, name_of, now, review_of
from agent.review.voting import take_all
from workspace.errors import UserError
from workspace.sample import Frozen
from workspace.words import Language, Words


class Line(Frozen):
    """A line of a file of votes: a row of the run by its id, and what somebody said of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    reviewer: str = Field(min_length=1, max_length=100)
    verdict: Literal["accept", "fix", "reject", "unsure"]
    answer: str = ""
    note: str = Field("", max_length=500)


def take(home: Path, run: str, file: Path, language: Language = "en") -> Iterator[Event]:
    """The same file again is the same votes. Raises UserError at the first line that is none."""
    from tools.votes import Vote

    current = runs.find(home, run)
    with current.project.working():
        lines = _read(file, checked_rows(current))
        review, at = _begun(current, lines), now()
        votes = [
            Vote(row=one.id, reviewer=one.reviewer, opinion=one.verdict, answer=one.answer, note=one.note, at=at)
            for one in lines
        ]
        review = take_all(review, votes)
    rows, people = len(review.batch.rows), len(review.batch.reviewers)
    words = Words(
        f"{len(lines)} votes of {people} people on {rows} rows are kept.",
        f"已记录 {people} 人对 {rows} 条数据的 {len(lines)} 票。",
    )
    yield Say(text=words.to(language))
    if not review.batch.alone:
        yield from concord.told(review, language)


def _begun(current: runs.Run, lines: Sequence[Line]) -> Review:
    from tools.votes import Batch, batch_id, begin

    spoken = {one.id for one in lines}
    rows = tuple(id for id in checked_rows(current) if id in spoken)
    names = tuple(sorted({one.reviewer for one in lines}))
    batch = Batch(
        id=batch_id("file", "", rows, names), kind="file", rows=rows, reviewers=names, by=name_of(""), at=now()
    )
    return review_of(current, begin(current.project.journal, current.id, batch))


def _read(path: Path, known: Collection[str]) -> list[Line]:
    found: dict[tuple[str, str], Line] = {}
    for number, text in enumerate(path.read_bytes().split(b"\n") if path.is_file() else [], 1):
        if not text.strip():
            continue
        try:
            line = Line.model_validate_json(text)
        except ValidationError as error:
            raise _no_vote(path, number) from error
        if line.id not in known:
            raise _no_vote(path, number)
        found[line.id, line.reviewer] = line
    if not found:
        raise _no_vote(path, 1)
    return list(found.values())


def _no_vote(path: Path, line: int) -> UserError:
    return UserError(
        Words(
            f"{path.name}, line {line}: that is no vote on a row of this run.",
            f"{path.name} 第 {line} 行不是对本次运行数据的有效投票。",
        ),
        Words(
            'Each line is such as {"id": "0a1b2c3d4e5f", "reviewer": "ann", "verdict": "accept"}; the verdict is '
            "accept, fix (with an answer), reject or unsure.",
            '每行形如 {"id": "0a1b2c3d4e5f", "reviewer": "ann", "verdict": "accept"}；'
            "verdict 为 accept、fix（附 answer）、reject 或 unsure。",
        ),
    )
