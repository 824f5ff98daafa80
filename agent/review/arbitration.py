"""What is done where people differ: somebody who did not vote decides, or they look once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent import gates
from agent.review.batches import Review, may_by_name, name_of, now
from agent.review.voting import corrected, decide, may_be_taken_in, refuse_spoiling, settle
from agent.rights import may, refusal, require
from agent.run import Run
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from tools.votes import Opinion


def settle_anyway(review: Review, person: str) -> None:
    """The owner goes on with what most say, though they agree less than they should."""
    require(review.run.project, person, "order")
    if review.finished:
        settle(review)


def may_arbitrate(review: Review, person: str) -> bool:
    """Whoever was named, else the owner, also where who was named may review no longer; never one who voted."""
    name, project = name_of(person), review.run.project
    if review.batch.alone or name in review.batch.reviewers:
        return False
    if review.batch.arbiter and may_by_name(review.run, review.batch.arbiter, "review"):
        return name == review.batch.arbiter and may(project, person, "review")
    return may(project, person, "arbitrate")


def agreeing(review: Review) -> tuple[str, ...]:
    """Rows that they agree on, and that are not decided yet."""
    from tools.votes import agreed

    if not review.finished or review.batch.alone:
        return ()
    found = {row: agreed(review.counted, row, review.standing) for row in review.open_rows}
    return tuple(
        row for row, vote in found.items() if vote and (vote.opinion == "reject" or may_be_taken_in(review, row))
    )


def queue(review: Review) -> tuple[str, ...]:
    """Rows that somebody has to decide."""
    if not review.finished or review.batch.alone:
        return ()
    settled = set(agreeing(review))
    return tuple(row for row in review.open_rows if row not in settled)


def arbitrate(
    review: Review, person: str, row: str, opinion: Opinion, answer: str = "", note: str = "", seen: int = 0
) -> None:
    """`seen`: how often something was decided of the row before, so that the same press twice is one decision."""
    from tools.votes import Vote

    if not may_arbitrate(review, person):
        raise refusal("arbitrate")
    before = next((one for one in review.rows if one.id == row), None)
    if before is None or not review.finished or opinion == "unsure":
        raise UserError(
            Words("That row can't be decided now.", "这条数据现在不能裁决。"),
            Words("Wait until everybody has voted.", "请等所有人投完票。"),
        )
    if opinion != "reject":
        refuse_spoiling(review, row)
    said = corrected(review.run, before, answer) if opinion == "fix" else ""
    name = name_of(person)
    given = Vote(row=row, reviewer=name, opinion=opinion, answer=said, note=note.strip()[:500], at=now())
    decide(review, row, opinion, name, given, f"arbitrated {seen}")


def reopen(review: Review, person: str, row: str, seen: int) -> None:
    """What was arbitrated is open again."""
    if not may_arbitrate(review, person):
        raise refusal("arbitrate")
    decide(review, row, "undone", name_of(person), None, f"arbitrated {seen}")


def again(review: Review, person: str, reviewers: Sequence[str], after: int) -> None:
    """These people look at all the rows once more; `after` so many rounds asked for before.

    What was decided by what they said is open until they have: else nobody would be asked where they differ now.
    """
    from tools.votes import Again, repeat

    require(review.run.project, person, "order")
    names = tuple(name for name in review.batch.reviewers if name in reviewers)
    if names and review.finished and not review.batch.alone:
        for row in sorted({*review.batch.rows} - {*review.open_rows}):
            decide(review, row, "undone", name_of(person), None, f"again {after}")
        given = Again(after=after, reviewers=names, by=name_of(person), at=now())
        repeat(review.run.project.journal, review.run.id, review.batch, given)


def left_of_sample(run: Run) -> int:
    """How many rows of the sample that the run waits for are still undecided. Raises UserError where it failed."""
    found = gates.waiting(run)
    return found.left if found else 0


def arbitrations(review: Review, row: str) -> int:
    """How often something was decided of a row in this review."""
    from tools.decisions import spoken

    return spoken(review.run.project.journal, review.run.id, row, review.batch.id)
