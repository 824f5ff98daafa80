"""Whether the goals are met, by how much and how surely, as one would tell a colleague."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from workspace.results import Estimate, ReportCard, System, ThresholdResult
from workspace.stated import METRICS, Beyond, Metric
from workspace.words import Language, Words

# `here`: on these rows, but perhaps not in truth. `open`: nothing was to be reached.
Standing = Literal["surely", "here", "missed", "unmeasured", "open"]
CHIPS: dict[Standing, Words] = {
    "surely": Words("Goal met", "已达标"),
    "here": Words("Met on these rows, not surely", "在这些数据上达标，但不确定"),
    "missed": Words("Goal missed", "未达标"),
    "unmeasured": Words("Not measured", "未测量"),
    "open": Words("No goal set", "未设目标"),
}
OF_ALL: dict[Standing, Words] = {
    "surely": Words("All goals met", "全部达标"),
    "here": Words("All met on these rows, not surely", "在这些数据上全部达标，但不确定"),
    "missed": Words("Not all goals met", "没有全部达标"),
}


@dataclass(frozen=True)
class GoalView:
    standing: Standing
    chip: str
    name: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """`text` is one sentence; `goals` one each, in the order of the specification."""

    standing: Standing
    chip: str
    text: str
    goals: tuple[GoalView, ...]


def verdict(card: ReportCard, language: Language) -> Verdict:
    """Where something untuned is as good, that is said before anything else."""
    from finetune.judging.untuned import first

    found, gained = _of_goals(card, language), first(card)
    if gained is None:
        return found
    return replace(found, text=f"{gained.to(language)}{'' if language == 'zh' else ' '}{found.text}")


def _of_goals(card: ReportCard, language: Language) -> Verdict:
    if not card.thresholds or "tuned" not in card.systems:
        return Verdict("open", CHIPS["open"].to(language), _reached(card).to(language), ())
    goals = tuple(_goal(card, goal, language) for goal in card.thresholds)
    if len(goals) == 1:
        return Verdict(goals[0].standing, goals[0].chip, goals[0].text, goals)
    found = {goal.standing for goal in goals}
    standing: Standing = "missed" if found & {"missed", "unmeasured"} else "here" if "here" in found else "surely"
    return Verdict(standing, OF_ALL[standing].to(language), _together(goals).to(language), goals)


def _together(goals: tuple[GoalView, ...]) -> Words:
    """One sentence of several goals."""
    all_, met = len(goals), sum(goal.standing in ("surely", "here") for goal in goals)
    missed = [goal.name for goal in goals if goal.standing in ("missed", "unmeasured")]
    unsure = sum(goal.standing == "here" for goal in goals)
    doubt = Words("", "")
    if unsure:
        doubt = Words(
            f"; {'one' if unsure == 1 else unsure} of them only on these rows, not surely",
            f"；其中 {unsure} 个只是在这些数据上达到，并不确定",
        )
    if not missed:
        return Words(f"All {all_} goals are met{doubt.en}.", f"{all_} 个目标全部达到{doubt.zh}。")
    named = Words(", ".join(missed), "、".join(missed))
    return Words(
        f"{met} of {all_} goals are met{doubt.en}; not reached: {named.en}.",
        f"{all_} 个目标中达到 {met} 个{doubt.zh}；没有达到：{named.zh}。",
    )


def _reached(card: ReportCard) -> Words:
    """Without a goal: what the tuned model, or the only one tested, came to."""
    system: System = "tuned" if "tuned" in card.systems else "base"
    metrics = card.systems[system].metrics if system in card.systems else {}
    if not metrics or not card.rows:
        return Words("Nothing was tested: there are no held-back rows.", "没有可测试的留出数据。")
    metric, found = next(iter(metrics.items()))
    value, low, high = (shown(metric, x) for x in (found.value, found.low, found.high))
    name, none = aside(dict(METRICS)[metric]), Words("no goal was set", "没有设定目标")
    who = Words("The tuned model", "微调后的模型")
    if system == "base":
        who, none = Words("The base model", "基础模型"), Words("nothing is tuned yet", "还没有微调")
    return Words(
        f"{who.en} reaches {value} ({name.en}) on {card.rows} held-back rows, in truth {low} to {high}; {none.en}.",
        f"{who.zh}在 {card.rows} 条留出数据上达到 {value}（{name.zh}），真实值在 {low} 到 {high} 之间；{none.zh}。",
    )


def shown(name: Metric | Beyond, value: float) -> str:
    """As in the report, without a place behind the point that says nothing."""
    from finetune.judging import verdict as judged

    return _bare(judged.shown(name, value))


def _bare(text: str) -> str:
    return text.replace(".0%", "%")


def aside(name: Words) -> Words:
    """To stand in brackets, where it may have some of its own."""
    return Words(name.en.replace(" (", ", ").rstrip(")"), name.zh.replace("（", "，").rstrip("）"))


def _goal(card: ReportCard, goal: ThresholdResult, language: Language) -> GoalView:
    from finetune.judging.verdict import NAMES, aim, reached, settled

    found, name = reached(card, goal.metric), NAMES[goal.metric]
    if found is None:
        to = aim(goal)
        text = Words(
            f"The goal for “{name.en}” is {_bare(to.en)}, and nothing measured it.",
            f"“{name.zh}”的目标是{_bare(to.zh)}，但没有测量这一项。",
        )
        return GoalView("unmeasured", CHIPS["unmeasured"].to(language), name.to(language), text.to(language))
    standing: Standing = "missed" if not goal.met else "surely" if settled(goal, found) else "here"
    head, tail = _head(card, goal, found), _tail(goal, found, standing)
    text = Words(f"{head.en}{tail.en}.", f"{head.zh}{tail.zh}。")
    return GoalView(standing, CHIPS[standing].to(language), name.to(language), text.to(language))


def _head(card: ReportCard, goal: ThresholdResult, found: Estimate) -> Words:
    from finetune.judging.verdict import ELSEWHERE, NAMES

    value, aim, name = shown(goal.metric, found.value), shown(goal.metric, goal.goal), aside(NAMES[goal.metric])
    # An attack, or a foreign message, is not one of the test rows.
    counted = found.low < found.high and goal.metric not in ELSEWHERE
    rows = Words(f" on {card.rows} held-back rows", f"在 {card.rows} 条留出数据上") if counted else Words("", "")
    by = _distance(goal, abs(found.value - goal.goal))
    where = (
        Words(f"{by.en} above", f"高 {by.zh}") if found.value > goal.goal else Words(f"{by.en} below", f"低 {by.zh}")
    )
    if found.value == goal.goal:
        where = Words("exactly at", "正好相等")
    return Words(
        f"The tuned model reaches {value} ({name.en}){rows.en}, {where.en} the goal of {aim}",
        f"微调后的模型{rows.zh}达到 {value}（{name.zh}），与目标 {aim} 相比{where.zh}",
    )


def _distance(goal: ThresholdResult, gap: float) -> Words:
    text = shown(goal.metric, gap)
    if text.endswith("%"):
        return Words(f"{text[:-1]} points", f"{text[:-1]} 个百分点")
    return Words(text, text)


def _tail(goal: ThresholdResult, found: Estimate, standing: Standing) -> Words:
    """What the interval says. A cost has none."""
    from finetune.judging.verdict import settled

    low, high = (shown(goal.metric, x) for x in (found.low, found.high))
    if low == high:
        return Words("", "")
    if standing == "here":
        return Words(
            f"; but in truth it may be anywhere from {low} to {high}, so only more test rows can make it sure",
            f"；但真实值可能在 {low} 到 {high} 之间，要更多测试数据才能确定",
        )
    if not settled(goal, found):
        return Words(
            f"; in truth it may be anywhere from {low} to {high}, so these rows don't rule out that it is met",
            f"；真实值可能在 {low} 到 {high} 之间，这些数据还不能排除已经达标",
        )
    if standing == "surely":
        end, side = (high, Words("highest", "最高")) if goal.at_most else (low, Words("lowest", "最低"))
        return Words(
            f", and even the {side.en} likely value, {end}, meets it", f"；即使按{side.zh}的可能值 {end} 也达标"
        )
    end, side = (low, Words("lowest", "最低")) if goal.at_most else (high, Words("highest", "最高"))
    return Words(
        f", and even the {side.en} likely value, {end}, misses it", f"；即使按{side.zh}的可能值 {end} 也不达标"
    )
