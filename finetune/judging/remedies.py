"""What to do next, in concrete words: which labels need rows, which rows are hard, whose label may be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finetune.judging.doubts import Doubt
from finetune.judging.exam import Exam
from finetune.judging.tables import maybe_chance
from finetune.judging.untuned import step, untuned
from workspace.results import NextStep, ReportCard
from workspace.words import Words

# A label whose recall is below this is weak, whatever the goal is.
WEAK = 0.9
FEW_TESTED = 10
MOST_LABELS, MOST_ROWS = 3, 5
LONGEST = 90


@dataclass(frozen=True)
class Evidence:
    """What an evaluation knows of its rows. `chances` are those of the right answer, None where nobody measured them.

    `dropped` is the check that took most rows out of the version, in words.
    """

    exam: Exam
    given: Sequence[str]
    chances: Sequence[float] | None
    doubts: Sequence[Doubt]
    dropped: Words | None = None


def next_steps(card: ReportCard, found: Evidence) -> tuple[NextStep, ...]:
    """The most useful first; with all goals met only what would matter all the same."""
    steps = [*_without_tuning(card), *_doubted(found)]
    if not card.thresholds or any(not goal.met for goal in card.thresholds):
        steps = [*_learned_nothing(card), *steps, *_weak_labels(card, found), *_curve(card), *_dropped(found)]
    elif not steps:
        steps = [NextStep(kind="nothing", words=Words("Every goal was met: use it.", "各项目标都已达到，可以使用。"))]
    return (*steps, *_hardest(found))


def _without_tuning(card: ReportCard) -> Iterator[NextStep]:
    """Something that costs less and is as good: one way with the base, and the classic method."""
    told: set[bool] = set()
    for one in untuned(card):
        # A base that misses the goal as well is no way out; what to do then is said of the training.
        if (one.system == "classic") in told or (one.system == "base" and one.meets is False):
            continue
        told.add(one.system == "classic")
        yield NextStep(kind="instead", words=step(one))


def _learned_nothing(card: ReportCard) -> Iterator[NextStep]:
    """Then more rows of the same won't help either."""
    base = next(test for test in card.tests if test.against == "base")
    # Who has something that will do needs no other training.
    if any(one.meets is not False for one in untuned(card)):
        return
    if not maybe_chance(base) and base.difference.value > 0:
        return
    words = Words(
        "The tuned model is not surely better than its base, so first look at the training itself: did the loss fall? "
        "Train for longer, by another method, or on a larger base.",
        "微调后的模型并不确定比基础模型好，请先看训练本身：误差有没有下降？可以训练更久、换一种方法，或换更大的基础模型。",
    )
    yield NextStep(kind="training", words=words)


def _weak_labels(card: ReportCard, found: Evidence) -> Iterator[NextStep]:
    exam, wanted = found.exam, found.exam.wanted
    taken = Counter((w, g) for w, g in zip(wanted, found.given, strict=True) if w != g)
    learned = Counter(row.label for row in exam.train)
    missed = Counter(w for (w, _), count in taken.items() for _ in range(count))
    scores = card.systems["tuned"].per_class
    weak = [label for label, _ in missed.most_common() if label in scores and scores[label].recall < WEAK]
    for label in weak[:MOST_LABELS]:
        support, (other, count) = scores[label].support, _most(taken, label)
        right = support - missed[label]
        few = support < FEW_TESTED
        words = Words(
            f"Add rows of “{label}”: {right} of {support} were right; {times(count)} it was taken for “{other}”. It "
            f"has {learned[label]} training rows."
            + (" With so few test rows this may be chance: add test rows, too." if few else ""),
            f"增加“{label}”的数据：{support} 条中答对 {right} 条，{count} 次被当成“{other}”；"
            f"目前有 {learned[label]} 条训练数据。"
            + ("测试数据太少，这可能只是偶然：也请增加测试数据。" if few else ""),
        )
        yield NextStep(kind="more_rows", words=words, label=label)


def _most(taken: Counter[tuple[str, str]], label: str) -> tuple[str, int]:
    """What it was taken for most often, and how often."""
    pairs = {given: count for (wanted, given), count in taken.items() if wanted == label}
    other = max(sorted(pairs), key=lambda given: pairs[given])
    return other, pairs[other]


def _doubted(found: Evidence) -> Iterator[NextStep]:
    if not found.doubts:
        return
    shown = found.doubts[:MOST_ROWS]
    many = f"{len(found.doubts)} labels" if len(found.doubts) > 1 else "One label"
    words = Words(
        f"{many} may be wrong: a model that never saw these rows is sure of another one (given → likely). Look there "
        "first.",
        f"有 {len(found.doubts)} 条的标签可能有误：没见过这些数据的模型都认定是另一个标签"
        "（现标签 → 更可能的标签）。请先检查它们。",
    )
    rows = tuple(f"“{_short(d.row.question)}”: {d.row.label} → {d.likely} ({d.chance:.0%})" for d in shown)
    yield NextStep(kind="labels", words=words, rows=rows)


def _curve(card: ReportCard) -> Iterator[NextStep]:
    curve = card.sections.get("tuned_curve") or card.sections.get("curve")
    gain = curve.values.get("doubling") if curve else None
    if gain and gain.low > 0:
        words = Words(
            f"Make more rows: twice as many would bring about {100 * gain.value:+.1f} points.",
            f"增加数据：增加一倍大约能提高 {100 * gain.value:+.1f} 个百分点。",
        )
        yield NextStep(kind="more_rows", words=words)


def _dropped(found: Evidence) -> Iterator[NextStep]:
    if found.dropped:
        yield NextStep(kind="check", words=found.dropped)


def _hardest(found: Evidence) -> Iterator[NextStep]:
    """By the chance that the model gave the right answer; only those that it got wrong."""
    wanted = found.exam.wanted
    wrong = [row for row, (w, g) in enumerate(zip(wanted, found.given, strict=True)) if w.strip() != g.strip()]
    if not wrong:
        return
    chances = found.chances
    if chances:
        wrong.sort(key=lambda row: chances[row])
    rows = tuple(
        f"“{_short(found.exam.test[row].question)}”: {_short(wanted[row])} → {_short(found.given[row])}"
        + (f" ({_chance(chances[row])})" if chances else "")
        for row in wrong[:MOST_ROWS]
    )
    words = Words(
        "The hardest rows (right answer → what the model gave, with the chance that it gave the right one): is their "
        "answer right, and could a person tell?",
        "最难的几条（正确答案 → 模型的回答，以及模型给出正确答案的概率）：答案本身对吗？人能判断出来吗？",
    )
    yield NextStep(kind="hard_rows", words=words, rows=rows)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _chance(value: float) -> str:
    return "< 1%" if value < 0.01 else f"{value:.0%}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
