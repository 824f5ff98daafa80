"""The report card for people: what was reached, how sure that is, and the verdict in words, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from finetune.judging import sections
from finetune.judging.exam import Exam
from finetune.judging.sections import cell, table
from workspace.project import write_text
from workspace.results import Estimate, PairedTest, ReportCard, System, SystemScore, ThresholdResult
from workspace.stated import METRICS, Metric
from workspace.words import Language, Words

NAMES: dict[System, Words] = {
    "base": Words("base model, the message alone", "基础模型，只给消息"),
    "prompted": Words("base model with instructions and examples", "基础模型加说明和示例"),
    "retrieval": Words("base model with retrieval", "基础模型加检索"),
    "classic": Words("classic method without a neural network", "不用神经网络的传统方法"),
    "tuned": Words("tuned model", "微调后的模型"),
}
PER_CLASS_SHOWN = 100


def write_report(card: ReportCard, exam: Exam, out: Path) -> None:
    """report.json, report.md and report.zh.md."""
    write_text(out / "report.json", card.model_dump_json(indent=2))
    write_text(out / "report.md", markdown(card, exam.labels, "en"))
    write_text(out / "report.zh.md", markdown(card, exam.labels, "zh"))


def summary(card: ReportCard, metric: Metric, language: Language) -> str:
    """The comparison with each other system, then whether the goal was met and how sure that is."""
    name = dict(METRICS)[metric].to(language)
    reached = card.systems["tuned"].metrics[metric]
    shown = _interval(reached, language)
    lines = [
        Words(
            f"On {card.rows} held-back rows the tuned model reaches {shown} ({name}).",
            f"在 {card.rows} 条留出数据上，微调后的模型达到 {shown}（{name}）。",
        ).to(language)
    ]
    lines += [_compared(test, language) for test in card.tests]
    lines += [_verdict(goal, reached, card.rows, language) for goal in card.thresholds]
    return ("" if language == "zh" else " ").join(lines)


def markdown(card: ReportCard, labels: Sequence[str] | None, language: Language) -> str:
    title = Words("Report card", "成绩单").to(language)
    parts = [f"# {title}", card.summary[language], _systems(card, language), _tests(card, language)]
    if labels:
        parts.append(_classes(card.systems["tuned"], language))
    parts += [sections.markdown(section, language) for section in card.sections.values()]
    parts.append(_how(labels, language))
    return "\n\n".join(parts) + "\n"


def _compared(test: PairedTest, language: Language) -> str:
    sure = _sure(test, language)
    name = NAMES[test.against].to(language)
    return Words(
        f"Against the {name}: {test.better} better, {test.worse} worse, {test.same} the same{sure}.",
        f"与{name}相比：{test.better} 条更好，{test.worse} 条更差，{test.same} 条相同{sure}。",
    ).to(language)


def _sure(test: PairedTest, language: Language) -> str:
    """Interval and p come from different methods; both must say so before chance is ruled out."""
    if test.p < 0.05 and (test.difference.low > 0 or test.difference.high < 0):
        return ""
    return Words(", which may be chance", "，这可能只是偶然").to(language)


def _verdict(goal: ThresholdResult, reached: Estimate, rows: int, language: Language) -> str:
    """Where the interval includes the goal, these rows can't settle it, and the sentence says so."""
    wanted, value, low, high = (_percent(x) for x in (goal.goal, reached.value, reached.low, reached.high))
    doubt = Words(
        f", but with only {rows} test rows the true value lies between {low} and {high}",
        f"，但只有 {rows} 条测试数据，真实值在 {low} 到 {high} 之间",
    )
    settled = reached.low >= goal.goal if goal.met else reached.high < goal.goal
    tail = "" if settled else doubt.to(language)
    if goal.met:
        words = Words(f"The goal of {wanted} was met: {value}{tail}.", f"目标 {wanted} 已达到：{value}{tail}。")
    else:
        words = Words(f"The goal of {wanted} was not met: {value}{tail}.", f"目标 {wanted} 未达到：{value}{tail}。")
    return words.to(language)


def _systems(card: ReportCard, language: Language) -> str:
    metrics = list(card.systems["tuned"].metrics)
    heads = [
        Words("system", "系统").to(language),
        *(dict(METRICS)[metric].to(language) for metric in metrics),
        Words("ms a query, median", "单条耗时中位数（毫秒）").to(language),
        Words("ms, 99th percentile", "第 99 百分位（毫秒）").to(language),
    ]
    rows = [
        [
            NAMES[system].to(language),
            *(_interval(score.metrics[metric], language) for metric in metrics),
            *((f"{score.efficiency.ms_p50:.0f}", f"{score.efficiency.ms_p99:.0f}") if score.efficiency else ("", "")),
        ]
        for system, score in card.systems.items()
    ]
    return table(heads, rows)


def _tests(card: ReportCard, language: Language) -> str:
    heads = Words("tuned against,better,worse,same,difference,p", "微调模型对比,更好,更差,相同,差值,p 值").to(language)
    rows = [
        [
            NAMES[test.against].to(language),
            *(str(count) for count in (test.better, test.worse, test.same)),
            _interval(test.difference, language),
            "< 0.001" if test.p < 0.001 else f"{test.p:.3f}",
        ]
        for test in card.tests
    ]
    return table(heads.split(","), rows)


def _classes(score: SystemScore, language: Language) -> str:
    heads = Words("label,precision,recall,F1,rows", "标签,精确率,召回率,F1,条数").to(language)
    worst = sorted(score.per_class.items(), key=lambda item: (item[1].f1, item[0]))[:PER_CLASS_SHOWN]
    rows = [[cell(k), *(_percent(x) for x in (c.precision, c.recall, c.f1)), str(c.support)] for k, c in worst]
    title = Words("The tuned model label by label, weakest first", "微调模型的各标签成绩，从弱到强").to(language)
    return f"## {title}\n\n{table(heads.split(','), rows)}"


def _how(labels: Sequence[str] | None, language: Language) -> str:
    first = (
        Words(
            f"Every model had to choose one of the same {len(labels)} labels, so none loses points for its wording.",
            f"所有模型都只能从同样的 {len(labels)} 个标签中选择，不会因为措辞而失分。",
        )
        if labels
        else Words(
            "Every model wrote its answer greedily, at most as long as the longest training answer; "
            "chrF is the mean over rows.",
            "所有模型都用贪心解码，长度不超过最长的训练回答；chrF 为各条的平均值。",
        )
    )
    second = Words(
        "Brackets hold 95% intervals. The rows were the same for all, and the tests are paired "
        "(exact McNemar for right or wrong, else bootstrap). Times are for one query at a time, "
        "without what all prompts share.",
        "方括号内为 95% 区间。各系统使用相同的数据，检验为配对检验（对错类指标用精确 McNemar，"
        "其余用自助法）。耗时为逐条测量，不含所有提示共有的部分。",
    )
    title = Words("How this was measured", "测量方法").to(language)
    return f"## {title}\n\n{first.to(language)}{'' if language == 'zh' else ' '}{second.to(language)}"


def _interval(value: Estimate, language: Language) -> str:
    low, high = _percent(value.low), _percent(value.high)
    return f"{_percent(value.value)} [{low}{'，' if language == 'zh' else ', '}{high}]"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
