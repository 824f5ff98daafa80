"""The tables of a report card, in either language."""

from __future__ import annotations

from finetune.judging.sections import cell, table
from workspace.results import Efficiency, Estimate, PairedTest, ReportCard, System, SystemScore
from workspace.stated import METRICS
from workspace.words import Language, Words

NAMES: dict[System, Words] = {
    "base": Words("base model, the message alone", "基础模型，只给消息"),
    "prompted": Words("base model with instructions and examples", "基础模型加说明和示例"),
    "retrieval": Words("base model with retrieval", "基础模型加检索"),
    "classic": Words("classic method without a neural network", "不用神经网络的传统方法"),
    "tuned": Words("tuned model", "微调后的模型"),
}
PER_CLASS_SHOWN = 100
MAIN = 2


def systems(card: ReportCard, language: Language) -> str:
    """The first measures; the others have a table of their own."""
    metrics = list(card.systems["tuned"].metrics)[:MAIN]
    heads = [Words("system", "系统").to(language), *(dict(METRICS)[metric].to(language) for metric in metrics)]
    rows = [
        [NAMES[system].to(language), *(interval(score.metrics[metric], language) for metric in metrics)]
        for system, score in card.systems.items()
    ]
    return table(heads, rows)


def tests(card: ReportCard, language: Language) -> str:
    heads = Words("tuned against,better,worse,same,difference,p", "微调模型对比,更好,更差,相同,差值,p 值").to(language)
    rows = [
        [
            NAMES[test.against].to(language),
            *(str(count) for count in (test.better, test.worse, test.same)),
            interval(test.difference, language),
            "< 0.001" if test.p < 0.001 else f"{test.p:.3f}",
        ]
        for test in card.tests
    ]
    return table(heads.split(","), rows)


def further(card: ReportCard, language: Language) -> str:
    """Every measure of base and tuned, and whether what lies between them may be chance."""
    tests = {test.metric: test for test in (*card.tests[:1], *card.further_tests)}
    tuned = card.systems["tuned"].metrics
    # The base of an encoder answers by the rows that were learned from, and these may be gone.
    base = card.systems["base"].metrics if "base" in card.systems else {}
    heads = Words("measure,base model,tuned model,difference,sure?", "指标,基础模型,微调后,差值,可靠吗").to(language)
    rows = [
        [
            dict(METRICS)[name].to(language),
            interval(base[name], language) if name in base else "",
            interval(tuned[name], language),
            interval(tests[name].difference, language) if name in tests else "",
            _surely(tests[name]).to(language) if name in tests else "",
        ]
        for name in tuned
    ]
    title = Words("All measures", "全部指标").to(language)
    return f"## {title}\n\n{table(heads.split(','), rows)}"


def _surely(test: PairedTest) -> Words:
    if maybe_chance(test):
        return Words("may be chance", "可能只是偶然")
    return Words("better", "更好") if test.difference.value > 0 else Words("worse", "更差")


def maybe_chance(test: PairedTest) -> bool:
    """Interval and p come from different methods; both must say so before chance is ruled out."""
    return test.p >= 0.05 or test.difference.low <= 0 <= test.difference.high


def classes(score: SystemScore, language: Language) -> str:
    heads = Words("label,precision,recall,F1,rows", "标签,精确率,召回率,F1,条数").to(language)
    worst = sorted(score.per_class.items(), key=lambda item: (item[1].f1, item[0]))[:PER_CLASS_SHOWN]
    rows = [[cell(k), *(_percent(x) for x in (c.precision, c.recall, c.f1)), str(c.support)] for k, c in worst]
    title = Words("The tuned model label by label, weakest first", "微调模型的各标签成绩，从弱到强").to(language)
    return f"## {title}\n\n{table(heads.split(','), rows)}"


COSTS = Words("What answering costs", "回答的开销")
COST_HEADS = Words(
    "system,ms a query (median),ms (99th percentile),queries a second,tokens a second,memory (MB),"
    "US dollars for 1000 queries",
    "系统,单条毫秒（中位数）,毫秒（第 99 百分位）,每秒查询数,每秒词元数,内存（MB）,每 1000 次查询费用（美元）",
)
COST_HOW = Words(
    "One query at a time for the milliseconds, many at a time for queries and tokens (written) a second. Memory is "
    "the most that the whole process held.",
    "毫秒数为逐条测量；每秒查询数和词元数（输出）为批量测量；内存为整个进程的峰值。",
)


def costs(card: ReportCard, language: Language) -> str:
    rows = [[NAMES[name].to(language), *spent(score.efficiency, language)] for name, score in card.systems.items()]
    heads = COST_HEADS.to(language).split(",")
    return f"## {COSTS.to(language)}\n\n{table(heads, rows)}\n\n{COST_HOW.to(language)}"


def spent(cost: Efficiency | None, language: Language) -> list[str]:
    if cost is None:
        return [""] * 6
    unpriced = Words("no price set", "未设价格").to(language)
    amounts = (cost.ms_p50, cost.ms_p99, cost.queries_per_second, cost.tokens_per_second, cost.memory_mb)
    shown = ["–" if amount is None else _amount(amount) for amount in amounts]
    return [*shown, unpriced if cost.cost_per_1000 is None else f"{cost.cost_per_1000:.3g}"]


def _amount(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def interval(value: Estimate, language: Language) -> str:
    low, high = _percent(value.low), _percent(value.high)
    return f"{_percent(value.value)} [{low}{'，' if language == 'zh' else ', '}{high}]"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
