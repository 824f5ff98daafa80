"""What one person says of a row in a review, and what becomes decided by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.review.batches import Review, checked_rows, name_of, now, review_of
from agent.rights import may, refusal
from agent.run import Run
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.words import Words

if TYPE_CHECKING:
    from tools.votes import Opinion, Vote


def vote(
    review: Review, person: str, row: str, seen: int, opinion: Opinion, answer: str = "", note: str = ""
) -> Review:
    """One person's word about one row. Raises UserError where it is not theirs to say, or can't be taken."""
    from tools.votes import Vote, cast

    name = _voter(review, person)
    before = next((one for one in review.rows if one.id == row), None)
    if before is None:
        raise UserError(
            Words("That row is not part of this review.", "这条数据不在本次审阅中。"),
            Words("Choose one from it.", "请选择其中的数据。"),
        )
    if opinion in ("accept", "fix"):
        refuse_spoiling(review, row)
    said = corrected(review.run, before, answer) if opinion == "fix" else ""
    given = Vote(
        row=row,
        reviewer=name,
        round=review.round(name),
        opinion=opinion,
        answer=said,
        note=note.strip()[:500],
        at=now(),
    )
    cast(review.run.project.journal, review.run.id, review.batch, given, seen)
    # Whether or not it was there already: a kill may have come before what follows from it.
    return _followed(review, name, row, seen)


def undo(review: Review, person: str) -> tuple[Review, str | None]:
    """Their last vote taken back; the row that it was about."""
    from tools.votes import Vote, cast, live

    name = _voter(review, person)
    said = live(review.said, name, review.round(name))
    if not said:
        return review, None
    row, seen = said[-1].row, review.spoken(said[-1].row, name)
    back = Vote(row=row, reviewer=name, round=review.round(name), opinion="none", at=now())
    cast(review.run.project.journal, review.run.id, review.batch, back, seen)
    return _followed(review, name, row, seen), row


def _voter(review: Review, person: str) -> str:
    """Their name. What everybody has seen is not changed any more, unless one looks at the rows alone."""
    name = name_of(person)
    if name not in review.batch.reviewers or not may(review.run.project, person, "review"):
        raise refusal("review")
    if review.finished and not review.batch.alone:
        raise UserError(
            Words("Everybody has voted, so votes can't be changed any more.", "所有人都已投票，不能再更改。"),
            Words("Ask for another round.", "如需更改，请再审一轮。"),
        )
    return name


def _followed(review: Review, name: str, row: str, seen: int) -> Review:
    fresh = review_of(review.run, review.batch)
    if review.batch.alone:
        _decide_alone(fresh, name, row, seen)
    else:
        settle_if_agreed(fresh)
    return fresh


def _decide_alone(review: Review, name: str, row: str, seen: int) -> None:
    """What one person alone says is decided at once."""
    vote = review.standing[name].get(row)
    verdict = vote.opinion if vote and vote.opinion != "unsure" else "undone"
    decide(review, row, verdict, name, vote, f"{review.round(name)} {name} {seen}")


def settle_if_agreed(review: Review) -> None:
    """What several say is decided once all have spoken and agree well enough."""
    if review.finished and review.reliability.level in ("accept", "unknown") and not pairs_to_repeat(review):
        settle(review)


def take_all(review: Review, votes: Sequence[Vote]) -> Review:
    """Votes that were collected elsewhere, each person's last word on a row; the same once more is no other vote.

    Raises UserError at the first that can't be taken; then none is.
    """
    from tools.votes import cast

    rows = {row.id: row for row in review.rows}
    given = []
    for vote in votes:
        if vote.opinion in ("accept", "fix"):
            refuse_spoiling(review, vote.row)
        answer = corrected(review.run, rows[vote.row], vote.answer) if vote.opinion == "fix" else ""
        mine = vote.model_copy(update={"answer": answer, "round": review.round(vote.reviewer)})
        before = review.standing[vote.reviewer].get(vote.row)
        if before is None or (before.says, before.note) != (mine.says, mine.note):
            given.append(mine)
    for vote in given:
        seen = review.spoken(vote.row, vote.reviewer)
        if seen and not review.batch.alone:
            decide(review, vote.row, "undone", vote.reviewer, None, f"mended {_lines(review, vote.row)}")
        cast(review.run.project.journal, review.run.id, review.batch, vote, seen)
    fresh = review_of(review.run, review.batch)
    if not review.batch.alone:
        settle_if_agreed(fresh)
        return fresh
    for vote in votes:
        _decide_alone(fresh, vote.reviewer, vote.row, fresh.spoken(vote.row, vote.reviewer) - 1)
    return fresh


def _lines(review: Review, row: str) -> int:
    """How often anybody has spoken of it."""
    return sum(vote.row == row for vote in review.said)


def pairs_to_repeat(review: Review) -> tuple[tuple[str, str], ...]:
    return tuple((pair.one, pair.other) for pair in review.reliability.pairs if pair.again)


def settle(review: Review) -> None:
    """What they agree on becomes decided. A row that may not be taken in is left for whoever decides."""
    from tools.votes import agreed

    rounds = " ".join(str(review.round(name)) for name in review.batch.reviewers)
    said, fresh = review.counted, review
    for row in said.rows:
        found = agreed(said, row, review.standing)
        if found is None:
            continue
        names = [name for name, own in review.standing.items() if own[row].says == found.says]
        if found.opinion == "reject" or may_be_taken_in(fresh, row):
            decide(review, row, found.opinion, ", ".join(names), found, f"rounds {rounds} of {_lines(review, row)}")
            if checked_rows(review.run)[row].split == "test":
                fresh = review_of(review.run, review.batch)  # what may be taken in depends on what is in the test


def corrected(run: Run, row: Sample, answer: str) -> str:
    """As it would stand in the row: tidied, and without what the specification wants hidden. Raises UserError where it
    is empty, no label, or what stands there already."""
    from tools.base import Edit, Kit, tool
    from tools.decisions import answering
    from tools.pipeline import run_edits

    labels = labels_of(run) if row.label is not None else ()
    given = answer.strip()[:20_000]
    if labels and given not in labels:
        raise UserError(
            Words(f"{given or '…'} is none of the labels.", f"“{given or '…'}”不在类别之中。"),
            Words(f"Choose one of: {', '.join(labels)}.", f"请选择其中之一：{'、'.join(labels)}。"),
        )
    if not given or given == row.answer:
        raise UserError(
            Words("Nothing was changed.", "没有做任何更改。"),
            Words("Write what it should say, or accept it as it is.", "请写出正确内容，或直接接受。"),
        )
    edits = [tool(Edit, name)() for name in ("normalise", "mask")]  # type: ignore[type-abstract]
    alone = answering(row, given).model_copy(update={"findings": ()})
    (tidied,) = run_edits([alone], edits, Kit(spec=run.spec, project=run.project))
    return tidied.label if tidied.label is not None else tidied.answer


def labels_of(run: Run) -> tuple[str, ...]:
    return tuple(label.name for label in run.spec.labels.value) if run.spec.labels else ()


def refuse_spoiling(review: Review, row: str) -> None:
    from tools.base import Kit
    from tools.decisions import refuse_spoiling as refuse

    before = checked_rows(review.run)[row]
    if not before.kept:
        refuse(before, review.held, Kit(spec=review.run.spec, project=review.run.project))


def may_be_taken_in(review: Review, row: str) -> bool:
    try:
        refuse_spoiling(review, row)
    except UserError:
        return False
    return True


def decide(review: Review, row: str, verdict: str, by: str, vote: Vote | None, once: str) -> None:
    from tools.decisions import Decision, keep

    decision = Decision.model_validate(
        {
            "row": row,
            "verdict": verdict,
            "by": by,
            "at": now(),
            "note": vote.note if vote else "",
            "answer": vote.answer if vote else "",
            "batch": review.batch.id,
        }
    )
    keep(review.run.project.journal, review.run.id, decision, f"{review.batch.id} {once}")
