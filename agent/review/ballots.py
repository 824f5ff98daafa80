"""What a review shows one person: what there is to look at, one row at a time, and how far they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Literal

from agent import drawing, gates
from agent.review.arbitration import may_arbitrate, queue
from agent.review.batches import Review, checked_rows, name_of, rows_now
from agent.review.voting import labels_of
from agent.rights import may
from agent.run import Run
from workspace.members import members
from workspace.sample import PERSON, REVIEW, Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.votes import Batch, Kind, Vote

PAUSE = 120.0  # seconds after which somebody was not thinking about the row but away
State = Literal["vote", "others", "arbitrate", "done", "watch"]
KINDS: dict[Kind, Words] = {
    "gate": Words("Random rows, before more are made", "随机抽取的数据（扩大规模之前）"),
    "audit": Words("Final audit: one row in a hundred", "最终抽检（1%）"),
    "waiting": Words("Rows that wait for a person", "等待人工判断的数据"),
    "label": Words("All rows of one label", "某一类别的全部数据"),
    "everything": Words("Everything that is kept", "所有保留的数据"),
    "file": Words("Votes from a file", "来自文件的投票"),
}
OPINIONS: dict[str, Words] = {
    "accept": Words("right", "正确"),
    "fix": Words("corrected", "已更正"),
    "reject": Words("taken out", "排除"),
    "unsure": Words("unsure", "不确定"),
}
STATES: dict[State, Words] = {
    "vote": Words("your turn", "轮到您"),
    "others": Words("others are still voting", "等待其他人投票"),
    "arbitrate": Words("rows to decide", "有待裁决"),
    "done": Words("done", "已完成"),
    "watch": Words("under way", "进行中"),
}
TURNS = {
    "system": Words("Instructions", "系统提示"),
    "user": Words("Question", "提问"),
    "assistant": Words("Answer so far", "此前的回答"),
    "call": Words("Tool call", "工具调用"),
    "tool": Words("Tool reply", "工具返回"),
}


@dataclass(frozen=True)
class Offer:
    """Something that could be reviewed; `urgent` where the work waits for it."""

    kind: Kind
    title: str
    rows: int
    urgent: bool = False


@dataclass(frozen=True)
class Listed:
    """A review as it stands in the list: `people` with how many rows each has spoken of."""

    id: str
    kind: Kind
    title: str
    total: int
    state: State
    told: str
    people: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Ballot:
    """One row as somebody who votes sees it. `checks` are the machine's opinions: hidden before they have spoken."""

    row: str
    place: int
    total: int
    turns: tuple[tuple[str, str], ...]
    answer: str
    label: bool
    labels: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    seen: int
    said: str
    note: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """`open` are the places, from 0, of rows that this person has not spoken of; `unsure` of those they left open."""

    done: int
    total: int
    left: str
    open: tuple[int, ...]
    unsure: tuple[int, ...]
    counts: str


def offers(run: Run, language: Language) -> tuple[Offer, ...]:
    """Nothing is drawn by looking at what could be drawn."""
    rows = rows_now(run)
    kept, waiting = sum(row.kept for row in rows), sum(row.outcome == "review" for row in rows)
    found = [Offer("gate", "", min(_pilot(), kept))] if gates.ready(run, "gate") else []
    if gates.ready(run, "audit"):
        found += [Offer("audit", "", min(kept, max(_least(), math.ceil(kept / 100))))]
    found += [Offer("waiting", "", waiting), Offer("everything", "", kept)]
    urgent = _urgent(run)
    return tuple(
        Offer(offer.kind, KINDS[offer.kind].to(language), offer.rows, offer.kind == urgent)
        for offer in found
        if offer.rows
    )


def _pilot() -> int:
    from tools.gates import PILOT

    return PILOT


def _least() -> int:
    from tools.gates import LEAST_AUDITED

    return LEAST_AUDITED


def _urgent(run: Run) -> Kind:
    """What the run waits for, else the rows that wait."""
    if not gates.gated(run):
        return "waiting"
    wanted = [which for which in gates.WHICH if gates.ready(run, which)]
    return next((which for which in wanted if not ((s := gates.state(run, which)) and s.passed)), "waiting")


def labels(run: Run) -> tuple[tuple[str, int], ...]:
    """Of kept rows, with their number."""
    counted = Counter(row.label for row in rows_now(run) if row.kept and row.label is not None)
    return tuple((name, counted[name]) for name in labels_of(run) if counted[name])


def people(run: Run, person: str) -> tuple[str, ...]:
    """Who could vote: the owner first, then whom they invited."""
    found = members(run.project)
    return tuple(dict.fromkeys((name_of(found.owner) if found.owner else name_of(person), *found.reviewers)))


def listed(review: Review, person: str, language: Language) -> Listed:
    batch, state = review.batch, state_of(review, person)
    told = STATES[state].to(language)
    if state == "arbitrate":
        n = len(queue(review))
        told = Words(f"{n} to decide", f"{n} 条待裁决").to(language)
    done = tuple((name, len(own)) for name, own in review.standing.items())
    return Listed(batch.id, batch.kind, title(batch, language), len(batch.rows), state, told, done)


def rows_words(n: int) -> Words:
    return Words("1 row" if n == 1 else f"{n} rows", f"{n} 条")


def title(batch: Batch, language: Language) -> str:
    if batch.kind == "label":
        return Words(f"All rows of “{batch.label}”", f"“{batch.label}”类的全部数据").to(language)
    return KINDS[batch.kind].to(language)


def state_of(review: Review, person: str) -> State:
    name = name_of(person)
    votes = name in review.batch.reviewers and may(review.run.project, person, "review")
    if not review.finished:
        return "watch" if not votes else "vote" if len(review.standing[name]) < len(review.batch.rows) else "others"
    if review.batch.alone:
        return "done"
    return "arbitrate" if queue(review) and may_arbitrate(review, person) else "done"


def ballot(review: Review, person: str, place: int, language: Language) -> Ballot:
    """`place` from 0; one that is out of range is the nearest."""
    name = name_of(person)
    place = max(0, min(place, len(review.rows) - 1))
    row = review.rows[place]
    vote = review.standing[name].get(row.id)
    return Ballot(
        row=row.id,
        place=place,
        total=len(review.rows),
        turns=turns(row, language),
        answer=vote.answer if vote and vote.opinion == "fix" else row.answer,
        label=row.label is not None,
        labels=labels_of(review.run) if row.label is not None else (),
        evidence=evidence(row, language),
        seen=review.spoken(row.id, name),
        said=vote.opinion if vote else "",
        note=vote.note if vote else "",
        checks=checks(checked_rows(review.run)[row.id], language) if vote else (),
    )


def turns(row: Sample, language: Language) -> tuple[tuple[str, str], ...]:
    """(who speaks, what they say) of all that stands before the answer."""
    last = max((place for place, m in enumerate(row.messages) if m.role == "assistant"), default=len(row.messages))
    return tuple((TURNS[message.role].to(language), message.content) for message in row.messages[:last])


def evidence(row: Sample, language: Language) -> tuple[tuple[str, str], ...]:
    """(where it stands, what it says): what a person can hold the answer against, without what a check makes of it."""
    came = Words("Came with the row", "随数据提供").to(language)
    own = [(came, row.evidence)] if row.evidence else []
    quoted = [
        (finding.evidence.document, finding.evidence.quote)
        for finding in row.findings
        if finding.evidence and finding.check not in ("leak", "split", "duplicates", PERSON)
    ]
    return tuple(dict.fromkeys([*own, *quoted]))[:5]


def checks(row: Sample, language: Language) -> tuple[str, ...]:
    """What each check made of it, in a line."""
    verdicts = {
        "pass": Words("fine", "通过"),
        "supported": Words("borne out by the documents", "文档支持"),
        "unknown": Words("can't tell", "无法判断"),
        "fail": Words("not right", "不通过"),
        "contradicted": Words("contradicted by the documents", "与文档矛盾"),
    }
    found = []
    for finding in row.findings:
        if finding.check in (PERSON, REVIEW):
            continue
        sure = Words(f", {finding.confidence:.0%} sure", f"，把握 {finding.confidence:.0%}").to(language)
        sure = sure if finding.confidence < 1 else ""
        name, verdict = drawing.check_words(finding.check, language), verdicts[finding.verdict].to(language)
        colon = Words(": ", "：").to(language)
        found.append(f"{name}{colon}{verdict}{sure} ({finding.reason})")
    nothing = Words("The checks found nothing wrong.", "各项检查都没有发现问题。").to(language)
    return tuple(found) or (nothing,)


def progress(review: Review, person: str, language: Language) -> Progress:
    own = review.standing[name_of(person)]
    ids = [row.id for row in review.rows]
    still = tuple(place for place, id in enumerate(ids) if id not in own)
    unsure = tuple(place for place, id in enumerate(ids) if id in own and own[id].opinion == "unsure")
    counted = Counter[str](vote.opinion for vote in own.values())
    counts = [f"{OPINIONS[name].to(language)} {counted[name]}" for name in OPINIONS if counted[name]]
    return Progress(
        len(ids) - len(still), len(ids), _time_left(_own_votes(review, person), len(still), language), still, unsure,
        " · ".join(counts),
    )  # fmt: skip


def _own_votes(review: Review, person: str) -> list[Vote]:
    from tools.votes import live

    name = name_of(person)
    return live(review.said, name, review.round(name))


def last_vote(review: Review, person: str, language: Language) -> tuple[int, str, tuple[str, ...]] | None:
    """(number of the row, what was said of it, what the checks say) of the newest vote that stands."""
    said = _own_votes(review, person)
    ids = [row.id for row in review.rows]
    if not said or said[-1].row not in ids:
        return None
    row = checked_rows(review.run)[said[-1].row]
    return ids.index(said[-1].row) + 1, OPINIONS[said[-1].opinion].to(language), checks(row, language)


def _time_left(said: Sequence[Vote], left: int, language: Language) -> str:
    """At the person's own pace; nothing before they have one."""
    times = [datetime.fromisoformat(vote.at) for vote in said]
    gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
    gaps = [gap for gap in gaps if 0 < gap <= PAUSE]
    if not left or len(gaps) < 2:
        return ""
    seconds = median(gaps[-20:]) * left
    if seconds < 60:
        return Words("less than a minute left at your pace", "按您的速度，不到一分钟").to(language)
    minutes = round(seconds / 60)
    return Words(f"about {minutes} min left at your pace", f"按您的速度约剩 {minutes} 分钟").to(language)


def came_to(review: Review, language: Language) -> tuple[str, ...]:
    """What the gate or the audit has come to by it, in sentences."""
    kind = review.batch.kind
    found = gates.state(review.run, kind) if kind in ("gate", "audit") else None
    if found is None:
        return ()
    lines = [found.words.to(language)]
    if found.failed:
        lines.append(gates.refused(found).fix.to(language))
    return tuple(lines)


def sample_decided(run: Run) -> bool:
    """Nothing of what the run waits for is left to look at, and enough of it was right."""
    drawn = [found for which in gates.WHICH if (found := gates.state(run, which))]
    return bool(drawn) and all(found.passed for found in drawn)
