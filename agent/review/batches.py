"""A review of rows: which they are, who says something of each, and all that was said so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent import gates
from agent.rights import Right, may, require
from agent.run import Run
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.sample import Sample
from workspace.who import login_name
from workspace.words import Words

if TYPE_CHECKING:
    from tools.reliability import Reliability
    from tools.votes import Again, Batch, Standing, Vote

# What an owner can choose to have looked at.
Chosen = Literal["gate", "audit", "waiting", "label", "everything"]
REJECTED = "✗"  # as a category beside labels: no label can be called so


@dataclass(frozen=True)
class Review:
    """A batch with all that was said in it so far. Made anew after each deed."""

    run: Run
    batch: Batch
    said: tuple[Vote, ...]
    repeated: tuple[Again, ...]

    @cached_property
    def counted(self) -> Batch:
        """With those alone whose votes are waited for: one who may not vote any more keeps the others from nothing,
        but for what they finished before. In a file anybody may be named."""
        from tools.votes import standing

        if self.batch.alone or self.batch.kind == "file":
            return self.batch
        said = standing(self.batch, self.said, self.repeated)
        still = tuple(
            name
            for name in self.batch.reviewers
            if len(said[name]) == len(self.batch.rows) or may_by_name(self.run, name, "review")
        )
        return self.batch.model_copy(update={"reviewers": still or self.batch.reviewers})

    @cached_property
    def standing(self) -> Standing:
        from tools.votes import standing

        return standing(self.counted, self.said, self.repeated)

    @cached_property
    def finished(self) -> bool:
        from tools.votes import finished

        return finished(self.counted, self.standing)

    @cached_property
    def rows(self) -> tuple[Sample, ...]:
        """As everybody sees them, early or late: with what was decided of them before it began."""
        from tools.decisions import decisions, reviewed

        checked = checked_rows(self.run)
        before = decisions(self.run.project.journal, self.run.id, before=self.batch.at)
        return tuple(reviewed((checked[id] for id in self.batch.rows if id in checked), before))

    @cached_property
    def held(self) -> list[Sample]:
        """The test, with what was decided since; one list, so that what it is indexed by is made once."""
        from tools.decisions import held_back

        return held_back(rows_now(self.run))

    @cached_property
    def reliability(self) -> Reliability:
        from tools.reliability import reliability

        rows = {row.id: row for row in self.rows}
        return reliability(
            {
                name: {id: category(rows[id], vote) for id, vote in own.items() if vote.opinion != "unsure"}
                for name, own in self.standing.items()
            }
        )

    @property
    def open_rows(self) -> tuple[str, ...]:
        """Those of which nothing is decided by this review yet, though everybody has spoken."""
        decided = {id for id, said in self.run.decided.items() if any(d.batch == self.batch.id for d in said)}
        return tuple(id for id in self.batch.rows if id not in decided)

    def round(self, reviewer: str) -> int:
        from tools.votes import round_of

        return round_of(reviewer, self.repeated)

    def spoken(self, row: str, reviewer: str) -> int:
        from tools.votes import spoken

        return spoken(self.said, row, reviewer, self.round(reviewer))


def name_of(person: str) -> str:
    """As they are called in votes and decisions; "" is whoever is logged in to this machine."""
    return person or login_name()


def category(row: Sample, vote: Vote) -> str:
    """What somebody holds a row to be: its label, where it has one, else what is to become of it."""
    if row.label is None or vote.opinion not in ("accept", "fix"):
        return REJECTED if row.label is not None else vote.opinion
    return vote.answer if vote.opinion == "fix" else row.label


def checked_rows(run: Run) -> dict[str, Sample]:
    """By id, as the checks left them."""
    path = run.folder / "rows.jsonl"
    if not path.exists():
        return {}
    about = path.stat()
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> dict[str, Sample]:
    return {row.id: row for row in read_samples(path)}


def rows_now(run: Run) -> list[Sample]:
    """With what was decided since, as `Run.rows`, and without reading the file again."""
    from tools.decisions import reviewed

    return list(reviewed(checked_rows(run).values(), run.decided))


def may_by_name(run: Run, name: str, right: Right) -> bool:
    """As `may`, for a name out of a batch: whoever is logged in to this machine may do everything."""
    return name == login_name() or may(run.project, name, right)


def opened(run: Run, id: str, person: str = "") -> Review:
    """Raises UserError if there is no such review, or it doesn't concern them."""
    found = next((batch for batch in _concerning(run, person) if batch.id == id), None)
    if found is None:
        raise UserError(
            Words("There is no such review of these rows.", "没有这次审阅。"),
            Words("Choose one from the list.", "请从列表中选择。"),
        )
    return review_of(run, found)


def review_of(run: Run, batch: Batch) -> Review:
    from tools.votes import rounds, votes

    journal = run.project.journal
    return Review(run, batch, tuple(votes(journal, run.id, batch)), tuple(rounds(journal, run.id, batch)))


def reviews(run: Run, person: str) -> list[Review]:
    """Those that concern them, the newest first."""
    return [review_of(run, batch) for batch in reversed(_concerning(run, person))]


def _concerning(run: Run, person: str) -> list[Batch]:
    """An owner all, anybody else where they vote or decide."""
    from tools.votes import batches

    every = may(run.project, person, "order")
    name = name_of(person)
    return [b for b in batches(run.project.journal, run.id) if every or name in (*b.reviewers, b.arbiter)]


def rows_for(run: Run, kind: Chosen, label: str = "") -> tuple[str, ...]:
    """Ids of what there is to look at; a sample that nobody has drawn yet is drawn."""
    if kind in ("gate", "audit"):
        gates.sample(run, kind)
        found = gates.state(run, kind)
        return found.rows if found else ()
    rows = rows_now(run)
    if kind == "waiting":
        return tuple(row.id for row in rows if row.outcome == "review")
    return tuple(row.id for row in rows if row.kept and (kind == "everything" or row.label == label))


def begin(run: Run, kind: Chosen, label: str, reviewers: Sequence[str], arbiter: str = "", person: str = "") -> Batch:
    """Raises UserError where there is nothing to look at, or two who vote have nobody who decides."""
    from tools.votes import Batch, batch_id
    from tools.votes import begin as keep

    require(run.project, person, "order")
    names = tuple(sorted(set(reviewers))) or (name_of(person),)
    _refuse_arbiter(names, arbiter, name_of(person))
    rows = rows_for(run, kind, label)
    if not rows:
        raise UserError(
            Words("There are no such rows to look at.", "没有可以查看的这类数据。"),
            Words("Choose others, or let more be made first.", "请选择其他数据，或先制作更多数据。"),
        )
    batch = Batch(
        id=batch_id(kind, label, rows, names), kind=kind, label=label, rows=rows, reviewers=names,
        arbiter=arbiter, by=name_of(person), at=now(),
    )  # fmt: skip
    return keep(run.project.journal, run.id, batch)


def _refuse_arbiter(names: Sequence[str], arbiter: str, owner: str) -> None:
    if len(names) > 1 and (arbiter or owner) in names:
        raise UserError(
            Words(
                f"{arbiter or owner} can't both vote and decide where votes differ.",
                f"{arbiter or owner} 不能既投票又裁决分歧。",
            ),
            Words(
                "Leave them out of the voting, or name somebody else who decides.",
                "请不要让其参与投票，或指定其他人裁决。",
            ),
        )


def now() -> str:
    """To the thousandth of a second: the pace of a person is taken from it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
