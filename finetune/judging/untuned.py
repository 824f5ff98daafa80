"""Whether something that nobody has to tune is as good, which is the first thing that a person should hear."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.judging.scores import RIGHT_OR_WRONG
from finetune.judging.verdict import shown
from workspace.results import Estimate, PairedTest, ReportCard, System
from workspace.stated import METRICS, Metric
from workspace.words import Words

# Under so many rows one row more or less is two points or more.
FEW = 50
CALLED: dict[System, Words] = {
    "base": Words("the base model without any tuning", "没有微调的基础模型"),
    "prompted": Words("the base model with a good prompt, without any tuning,", "没有微调、配上好提示的基础模型"),
    "retrieval": Words("the base model with your documents, without any tuning,", "没有微调、配上您文档的基础模型"),
    "classic": Words("the classic method without a neural network", "不用神经网络的传统方法"),
}
USE: dict[System, Words] = {
    "base": Words("use the base as it is", "直接使用基础模型"),
    "prompted": Words("use the base with the prompt", "使用基础模型加提示"),
    "retrieval": Words("use the base with your documents", "使用基础模型加您的文档"),
    "classic": Words("use the classic method, which is far cheaper, too", "使用传统方法，而且便宜得多"),
}
# Of two that are equally good the one with less around it.
ORDER: tuple[System, ...] = ("base", "prompted", "retrieval", "classic")


@dataclass(frozen=True)
class Untuned:
    """`meets`: all goals on what was measured of it too, None where none was set."""

    system: System
    metric: Metric
    its: Estimate
    tuned: Estimate
    meets: bool | None
    tuned_meets: bool


def untuned(card: ReportCard) -> tuple[Untuned, ...]:
    """All that is at least as good on these rows without tuning, the best first."""
    if "tuned" not in card.systems:
        return ()
    found = [one for test in card.tests if test.difference.value <= 0 and (one := _one(card, test))]
    return tuple(sorted(found, key=lambda one: (-one.its.value, ORDER.index(one.system))))


def _one(card: ReportCard, test: PairedTest) -> Untuned | None:
    tuned = card.systems["tuned"].metrics
    metric = test.metric or next(iter(tuned), None)
    other = card.systems.get(test.against)
    if test.against not in ORDER or other is None or metric not in other.metrics or metric not in tuned:
        return None
    goals = [(other.metrics[name], goal) for name in other.metrics for goal in card.thresholds if goal.metric == name]
    return Untuned(
        system=test.against,
        metric=metric,
        its=other.metrics[metric],
        tuned=tuned[metric],
        meets=all(found.value >= goal.goal for found, goal in goals) if goals else None,
        tuned_meets=all(goal.met for goal in card.thresholds),
    )


def first(card: ReportCard) -> Words | None:
    """What a verdict begins with, where tuning brought nothing; None where it did."""
    found = untuned(card)
    if not found:
        return None
    one = found[0]
    its, tuned, who = _share(one, one.its), _share(one, one.tuned), CALLED[one.system]
    right = one.metric in RIGHT_OR_WRONG
    name = dict(METRICS)[one.metric]
    reached = Words(f"was right in {its}", f"答对 {its}") if right else Words(
        f"reached {its} ({name.en})", f"达到 {its}（{name.zh}）"
    )  # fmt: skip
    both = Words(f"; the tuned one {'in ' if right else ''}{tuned}", f"；微调后的模型 {tuned}")
    goal = Words(" and meets your goal", "，达到您的目标") if one.meets else Words("", "")
    todo, little = _todo(one), _little(card, one)
    return Words(
        f"On these {card.rows} rows {who.en} {reached.en}{goal.en}{both.en}. {todo.en}{little.en}",
        f"在这 {card.rows} 条数据上，{who.zh}{reached.zh}{goal.zh}{both.zh}。{todo.zh}{little.zh}",
    )


def _todo(one: Untuned) -> Words:
    use = USE[one.system]
    if one.meets is False:
        return Words(
            "Tuning has brought nothing yet: don't use the tuned one as it is.",
            "微调暂时没有带来好处：先不要使用微调后的模型。",
        )
    if one.meets and one.tuned_meets:
        return Words(f"Tuning has not paid off: {use.en}.", f"微调没有带来好处：{use.zh}即可。")
    return Words(f"Don't use the tuned one; {use.en}.", f"不要使用微调后的模型；请{use.zh}。")


def _little(card: ReportCard, one: Untuned) -> Words:
    """So few rows that both may in truth be far from what they came to."""
    if card.rows >= FEW:
        return Words("", "")
    spans = [tuple(shown(one.metric, x).replace(".0%", "%") for x in (e.low, e.high)) for e in (one.its, one.tuned)]
    (low, high), (below, above) = spans
    return Words(
        f" {card.rows} rows tell little, though: in truth the one may reach anything from {low} to {high}, the tuned "
        f"one from {below} to {above}.",
        f"不过 {card.rows} 条数据说明不了太多：真实值前者可能在 {low} 到 {high} 之间，"
        f"微调后的在 {below} 到 {above} 之间。",
    )


def _share(one: Untuned, found: Estimate) -> str:
    return shown(one.metric, found.value).replace(".0%", "%")


def step(one: Untuned) -> Words:
    """The next step that follows from it."""
    its, tuned, use, who = _share(one, one.its), _share(one, one.tuned), USE[one.system], CALLED[one.system]
    if one.meets is False:
        return Words(
            f"{who.en[:1].upper()}{who.en[1:].rstrip(',')} is at least as good ({its}, tuned {tuned}): tuning has not "
            "paid off yet.",
            f"{who.zh}至少一样好（{its}，微调后 {tuned}）：微调暂时没有带来好处。",
        )
    return Words(
        f"{use.en[:1].upper()}{use.en[1:]}: on these rows {who.en.rstrip(',')} is at least as good ({its}, tuned "
        f"{tuned}).",
        f"{use.zh}：在这些数据上，{who.zh}至少一样好（{its}，微调后 {tuned}）。",
    )
