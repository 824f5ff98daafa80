"""The report card for people: what was reached, how sure that is, and the verdict in words, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from finetune.judging import sections
from finetune.judging.exam import Exam
from finetune.judging.sections import table
from finetune.judging.tables import NAMES, classes, costs, further, interval, maybe_chance, systems, tests
from finetune.judging.untuned import first
from finetune.judging.verdict import NAMES as GOALS
from finetune.judging.verdict import aim, sentence, shown
from workspace.project import write_text
from workspace.results import PairedTest, ReportCard
from workspace.stated import METRICS, Metric
from workspace.words import Language, Words

MARKUP = re.compile(r"([\\`*_\[\]<>|!])")


def write_report(card: ReportCard, exam: Exam, out: Path) -> None:
    """report.json, report.md and report.zh.md."""
    write_text(out / "report.json", card.model_dump_json(indent=2))
    write_text(out / "report.md", markdown(card, exam.labels, "en"))
    write_text(out / "report.zh.md", markdown(card, exam.labels, "zh"))


def summary(card: ReportCard, metric: Metric, language: Language) -> str:
    """The comparison with each other system, then whether the goal was met and how sure that is."""
    name = dict(METRICS)[metric].to(language)
    reached = card.systems["tuned"].metrics[metric]
    value = interval(reached, language)
    nothing_gained = first(card)
    lines = [nothing_gained.to(language)] if nothing_gained else []
    lines.append(
        Words(
            f"On {card.rows} held-back rows the tuned model reaches {value} ({name}).",
            f"在 {card.rows} 条留出数据上，微调后的模型达到 {value}（{name}）。",
        ).to(language)
    )
    lines += [_compared(test, language) for test in card.tests]
    lines += [sentence(card, goal, goal.metric == metric, language) for goal in card.thresholds]
    return ("" if language == "zh" else " ").join(lines)


def markdown(card: ReportCard, labels: Sequence[str] | None, language: Language) -> str:
    title = Words("Report card", "成绩单").to(language)
    parts = [f"# {title}", card.summary[language]]
    if card.test and card.test.note:
        parts.append(f"**{card.test.note.to(language)}**")
    parts += [_goals(card, language)] if card.thresholds else []
    parts += [_next(card, language)] if card.next else []
    compared = Words("Beside what one would use without it", "与其他做法相比").to(language)
    parts += [f"## {compared}", systems(card, language), tests(card, language), further(card, language)]
    if labels:
        parts.append(classes(card.systems["tuned"], language))
    parts.append(costs(card, language))
    parts += [sections.markdown(section, language) for section in card.sections.values()]
    parts.append(_how(card, labels, language))
    return "\n\n".join(parts) + "\n"


def _compared(test: PairedTest, language: Language) -> str:
    sure = Words(", which may be chance", "，这可能只是偶然").to(language) if maybe_chance(test) else ""
    name = NAMES[test.against].to(language)
    return Words(
        f"Against the {name}: {test.better} better, {test.worse} worse, {test.same} the same{sure}.",
        f"与{name}相比：{test.better} 条更好，{test.worse} 条更差，{test.same} 条相同{sure}。",
    ).to(language)


def _goals(card: ReportCard, language: Language) -> str:
    heads = Words("measure,goal,reached,met", "指标,目标,达到,是否达标").to(language)
    rows = []
    for result in card.thresholds:
        value = Words("not measured", "未测量").to(language)
        if result.reached is not None:
            value = shown(result.metric, result.reached)
        met = (Words("yes", "是") if result.met else Words("**no**", "**否**")).to(language)
        rows.append([GOALS[result.metric].to(language), aim(result).to(language), value, met])
    return f"## {Words('Goals', '目标').to(language)}\n\n{table(heads.split(','), rows)}"


def _next(card: ReportCard, language: Language) -> str:
    lines = []
    for number, step in enumerate(card.next, 1):
        lines.append(f"{number}. {_plain(step.words.to(language))}")
        lines += [f"   - {_plain(row)}" for row in step.rows]
    title = Words("What to do next", "接下来做什么").to(language)
    return f"## {title}\n\n" + "\n".join(lines)


def _plain(text: str) -> str:
    """A row's own text must not become a picture or a link of the report."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def _how(card: ReportCard, labels: Sequence[str] | None, language: Language) -> str:
    asked = (
        Words(
            f"Every model had to choose one of the same {len(labels)} labels, so none loses points for its wording.",
            f"所有模型都只能从同样的 {len(labels)} 个标签中选择，不会因为措辞而失分。",
        )
        if labels
        else Words(
            "Every model wrote its answer greedily, at most as long as the longest training answer. chrF and ROUGE are "
            "means over rows, BLEU is of all rows together; a Chinese character counts as a word.",
            "所有模型都用贪心解码，长度不超过最长的训练回答。chrF 和 ROUGE 为各条的平均值，BLEU 按全部数据计算；"
            "中文按字计算。",
        )
    )
    second = Words(
        "Brackets hold 95% intervals. The rows were the same for all, and the tests are paired "
        "(exact McNemar for right or wrong, else bootstrap).",
        "方括号内为 95% 区间。各系统使用相同的数据，检验为配对检验（对错类指标用精确 McNemar，其余用自助法）。",
    )
    title = Words("How this was measured", "测量方法").to(language)
    parts = [asked.to(language), second.to(language), _lineage(card).to(language)]
    return f"## {title}\n\n{('' if language == 'zh' else ' ').join(filter(None, parts))}"


def _lineage(card: ReportCard) -> Words:
    if card.test is None:
        return Words("", "")
    return Words(
        f"The {card.rows} test rows have the SHA-256 {card.test.hash}; the model was tuned on version "
        f"{card.test.version}.",
        f"{card.rows} 条测试数据的 SHA-256 为 {card.test.hash}；模型所用数据版本为 {card.test.version}。",
    )
