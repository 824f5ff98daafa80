"""Each goal of the specification, met or not, in words that say how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

from workspace.results import Estimate, ReportCard, ThresholdResult
from workspace.stated import AT_MOST, BEYOND, METRICS, Beyond, Metric
from workspace.words import Language, Words

Goals = Mapping[Metric | Beyond, float]
ELSEWHERE: tuple[Beyond, ...] = ("attack_success", "out_of_domain_auroc")
NAMES: dict[str, Words] = {**dict(METRICS), **dict(BEYOND)}


def judged(card: ReportCard, goals: Goals) -> tuple[ThresholdResult, ...]:
    """In the order of the goals. What nothing measured isn't met."""
    return tuple(_judged(card, name, goal) for name, goal in goals.items())


def _judged(card: ReportCard, name: Metric | Beyond, goal: float) -> ThresholdResult:
    value = reached(card, name)
    at_most = name in AT_MOST
    met = value is not None and (value.value <= goal if at_most else value.value >= goal)
    return ThresholdResult(metric=name, goal=goal, reached=value.value if value else None, met=met, at_most=at_most)


def reached(card: ReportCard, name: Metric | Beyond) -> Estimate | None:
    """What the tuned model came to, by whatever measured it."""
    tuned = card.systems["tuned"]
    measured = {str(metric): found for metric, found in tuned.metrics.items()}
    for section in card.sections.values():
        measured |= section.values
    if tuned.efficiency:
        spent = tuned.efficiency
        amounts = {"ms_per_query": spent.ms_p50, "memory_mb": spent.memory_mb, "cost_per_1000": spent.cost_per_1000}
        exact = {cost: Estimate(value=n, low=n, high=n) for cost, n in amounts.items() if n is not None}
        measured |= exact
    return measured.get(name)


def sentence(card: ReportCard, result: ThresholdResult, first: bool, language: Language) -> str:
    """Where the interval includes the goal, these rows can't settle it, and the sentence says so."""
    found, goal = reached(card, result.metric), aim(result).to(language)
    name = NAMES[result.metric]
    what = Words(
        f"The goal of {goal}" if first else f"The goal of {goal} for “{name.en}”",
        f"目标 {goal}" if first else f"“{name.zh}”的目标（{goal}）",
    ).to(language)
    met = (Words("was met", "已达到") if result.met else Words("was not met", "未达到")).to(language)
    if found is None:
        return Words(f"{what} {met}: nothing measured it.", f"{what}{met}：没有测量这一项。").to(language)
    value, low, high = (shown(result.metric, x) for x in (found.value, found.low, found.high))
    # An attack, or a foreign message, is not one of the test rows.
    rows = (
        Words("", "")
        if result.metric in ELSEWHERE
        else Words(f" with only {card.rows} test rows", f"只有 {card.rows} 条测试数据，")
    )
    doubt = Words(
        f", but{rows.en} the true value lies between {low} and {high}", f"，但{rows.zh}真实值在 {low} 到 {high} 之间"
    )
    tail = "" if settled(result, found) else doubt.to(language)
    return Words(f"{what} {met}: {value}{tail}.", f"{what}{' ' * first}{met}：{value}{tail}。").to(language)


def aim(result: ThresholdResult) -> Words:
    amount = shown(result.metric, result.goal)
    return Words(f"at most {amount}", f"不超过 {amount}") if result.at_most else Words(amount, amount)


def shown(name: Metric | Beyond, value: float) -> str:
    """Shares as percent, amounts as they are."""
    if name in dict(METRICS) or name == "attack_success":
        return f"{100 * value:.1f}%"
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def settled(result: ThresholdResult, found: Estimate) -> bool:
    """Whether the whole interval lies on one side of the goal."""
    if result.at_most:
        return found.high <= result.goal if result.met else found.low > result.goal
    return found.low >= result.goal if result.met else found.high < result.goal
