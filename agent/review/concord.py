"""How far reviewers agree, in plain words with the numbers behind them, and what each of them said of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent import run as runs
from agent.events import Event, Say, Table
from agent.review.arbitration import agreeing, queue
from agent.review.ballots import OPINIONS, rows_words, title
from agent.review.batches import REJECTED, Review, reviews
from agent.review.voting import pairs_to_repeat
from workspace.sample import Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.reliability import Level, Missing, Reliability

HEADS: dict[Level, Words] = {
    "accept": Words(
        "They agree well: what they say of these rows can be relied on.", "意见高度一致：他们的判断可以信赖。"
    ),
    "talk": Words(
        "They agree, but not well enough. Let them talk about the rows where they differ, then decide those.",
        "基本一致，但还不够。请让他们讨论有分歧的数据，再作裁决。",
    ),
    "train": Words(
        "They don't mean the same by these choices. Go through the examples below with them, make the definitions "
        "clearer, and let them look again.",
        "他们对这些选项的理解不同。请和他们一起看下面的例子，把定义说清楚，然后重新审阅。",
    ),
    "unknown": Words("How well they agree can't be measured here.", "这里无法衡量一致程度。"),
}
WHY: dict[Missing, Words] = {
    "nobody": Words("Only one person has voted.", "只有一个人投票。"),
    "no overlap": Words("No row was judged by two people.", "没有任何一条由两个人判断过。"),
    "one row": Words("One row says nothing about agreement.", "只有一条数据，说明不了一致程度。"),
    "one category": Words(
        "Every vote is the same, so it can't be told from chance: kappa and alpha have no value.",
        "所有投票都相同，无法与巧合区分，因此 kappa 与 alpha 没有数值。",
    ),
}
MOSTLY = Words(
    "They say the same of {share:.0%} of the rows, but nearly all votes are alike, and chance alone would give "
    "almost as much.",
    "他们在 {share:.0%} 的数据上意见相同，但几乎所有投票都一样，单凭巧合也差不多能达到。",
)
TAKEN_OUT = Words("(taken out)", "（排除）")


@dataclass(frozen=True)
class Confused:
    one: str
    other: str
    told: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Concord:
    """`numbers` are (name, value, what it means); `pairs` (who, how far they agree, whether they look again)."""

    level: Level
    head: str
    more: tuple[str, ...]
    numbers: tuple[tuple[str, str, str], ...]
    pairs: tuple[tuple[str, str, bool], ...]
    again: tuple[str, ...]
    confused: tuple[Confused, ...]
    agreeing: int
    waiting: int
    rounds: int


@dataclass(frozen=True)
class Said:
    """`key` stands for an opinion that can be taken over: the same for all who said it."""

    name: str
    told: str
    note: str
    key: str


def concord(review: Review, language: Language) -> Concord:
    found = review.reliability
    return Concord(
        level=found.level,
        head=HEADS[found.level].to(language),
        more=tuple(_more(review, language)),
        numbers=tuple(_numbers(found, language)),
        pairs=tuple(
            (f"{pair.one} – {pair.other}", _of(pair.same, pair.rows, language), pair.again) for pair in found.pairs
        ),
        again=tuple(sorted({name for pair in pairs_to_repeat(review) for name in pair})),
        confused=tuple(_confused(review, language)),
        agreeing=len(agreeing(review)),
        waiting=len(queue(review)),
        rounds=len(review.repeated),
    )


def _more(review: Review, language: Language) -> Iterator[str]:
    found = review.reliability
    if found.missing:
        yield WHY[found.missing].to(language)
    if found.level in ("talk", "train") and (found.agreement or 0) >= 0.9:
        yield MOSTLY.to(language).format(share=found.agreement)
    unsure = sum(vote.opinion == "unsure" for own in review.standing.values() for vote in own.values())
    if unsure:
        yield Words(
            "1 vote was “unsure”; it is left out of these numbers."
            if unsure == 1
            else f"{unsure} votes were “unsure”; they are left out of these numbers.",
            f"有 {unsure} 票为“不确定”，未计入这些数值。",
        ).to(language)


def _numbers(found: Reliability, language: Language) -> Iterator[tuple[str, str, str]]:
    if found.agreement is not None:
        told = Words("of two votes on one row, how many are the same", "对同一条数据，两票相同的比例").to(language)
        yield Words("Same vote", "投票相同").to(language), f"{found.agreement:.1%}", told
    beyond = Words(
        "agreement beyond chance, 1 is perfect; 0.85 is enough, below 0.6 is too little",
        "扣除巧合后的一致程度，1 为完全一致；0.85 以上合格，0.6 以下不足",
    ).to(language)
    name = "Cohen’s kappa" if len(found.reviewers) == 2 else "Fleiss’ kappa"
    if found.kappa is not None:
        yield name, f"{found.kappa:.3f}", beyond
    if found.alpha is not None:
        too = Words("the same, counting rows that only some judged too", "同上，并计入只有部分人判断的数据").to(
            language
        )
        yield "Krippendorff’s alpha", f"{found.alpha:.3f}", too


def _of(same: int, rows: int, language: Language) -> str:
    if not rows:
        return Words("no row in common", "没有共同的数据").to(language)
    return Words(f"{same} of {rows} ({same / rows:.0%})", f"{rows} 条中 {same} 条（{same / rows:.0%}）").to(language)


def _confused(review: Review, language: Language) -> Iterator[Confused]:
    texts = {row.id: row.question for row in review.rows}
    for pair in review.reliability.confused:
        told = Words("once" if pair.count == 1 else f"{pair.count} times", f"{pair.count} 次").to(language)
        examples = tuple(texts[row] for row in pair.rows)
        yield Confused(_category(pair.one, language), _category(pair.other, language), told, examples)


def _category(name: str, language: Language) -> str:
    if name == REJECTED:
        return TAKEN_OUT.to(language)
    return OPINIONS[name].to(language) if name in OPINIONS else name


def opinions(review: Review, row: Sample, language: Language) -> tuple[Said, ...]:
    """What everybody said of a row, once all have."""
    found = []
    for name, own in review.standing.items():
        vote = own.get(row.id)
        if vote is None:
            continue
        told = OPINIONS[vote.opinion].to(language) + (f": {vote.answer}" if vote.answer else "")
        found.append(Said(name, told, vote.note, f"{vote.opinion} {vote.answer}".strip()))
    return tuple(found)


def agreement(home: Path, run: str, language: Language = "en") -> Iterator[Event]:
    """Of each review of a run by several people: what their agreement comes to, and the numbers."""
    current = runs.find(home, run)
    found = [review for review in reviews(current, "") if not review.batch.alone]
    if not found:
        yield Say(text=Words("Nobody has reviewed these rows in twos yet.", "还没有多人审阅过这些数据。").to(language))
    for review in found:
        yield from told(review, language)


def told(review: Review, language: Language) -> Iterator[Event]:
    name, shown = title(review.batch, language), concord(review, language)
    heads = (Words("What", "项目"), Words("Value", "数值"), Words("Meaning", "含义"))
    pairs = ((who, value, "") for who, value, _ in shown.pairs)
    yield Table(
        panel="review",
        title=f"{name} ({', '.join(review.batch.reviewers)})",
        columns=tuple(head.to(language) for head in heads),
        rows=(*shown.numbers, *pairs),
    )
    missing = [who for who, own in review.standing.items() if len(own) < len(review.batch.rows)]
    if missing:
        text = Words(f"Not finished yet: {', '.join(missing)}.", f"尚未完成：{'、'.join(missing)}。").to(language)
        yield Say(text=text)
        return
    after = Words(
        f"Left to be decided by somebody who did not vote: {rows_words(shown.waiting).en}.",
        f"有 {shown.waiting} 条需要由未投票的人裁决。",
    ).to(language)
    yield Say(text="\n".join([shown.head, *shown.more, *([after] if shown.waiting else [])]))
