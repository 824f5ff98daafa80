"""A frozen version's passport: where its rows come from, what became of every one, and what it lacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.differences import Figures
from workspace.results import Tally, Version
from workspace.sample import PERSON, Sample
from workspace.spec import Spec, questions
from workspace.words import Language, Words, language_of

Lines = Iterator[str]
SPLITS = ("train", "validation", "test")
FEWEST = 5
HEADS = {
    "spec": Words("What was asked for", "需求"),
    "sources": Words("Where the rows come from", "数据来源"),
    "stages": Words("What became of every row", "每条数据的去向"),
    "reasons": Words("Why rows were left out", "数据被剔除的原因"),
    "counts": Words("What is in it", "数据构成"),
    "figures": Words("Figures", "统计"),
    "personal": Words("Personal data", "个人信息"),
    "agreement": Words("Who agreed", "一致性"),
    "models": Words("Models", "模型"),
    "gaps": Words("What it lacks", "已知不足"),
    "hashes": Words("Hashes", "哈希"),
}
STAGES = Words("| Stage | Asked for | Kept | Rejected | Failed |", "| 阶段 | 请求 | 保留 | 拒绝 | 失败 |")
SOURCES = Words("| Source | Licence | Rows |", "| 来源 | 许可 | 条数 |")
REASONS = Words("| Check | Reason | Rows |", "| 检查 | 原因 | 条数 |")
MOST_REASONS = 30
HIT = re.compile(r"([^,]+?) in [^,]*?(?: ×(\d+))?(?:, |$)")
COUNTS = Words("| | Train | Validation | Test | All |", "| | 训练 | 验证 | 测试 | 合计 |")
KINDS = {
    "label": Words("Label", "类别"),
    "language": Words("Language", "语言"),
    "scenario": Words("Situation", "场景"),
    "difficulty": Words("Difficulty", "难度"),
}


@dataclass(frozen=True)
class Found:
    """What is known beyond the kept rows: why the others were left out, and how far the judge agrees with a person."""

    reasons: Counter[tuple[str, str]]
    agreement: Words | None = None


def passport_of(version: Version, spec: Spec, rows: Sequence[Sample], language: Language, found: Found) -> str:
    """Markdown; the same input gives the same text."""
    parts: dict[str, Iterable[str]] = {
        "spec": _spec(spec, language),
        "sources": _sources(rows, language),
        "stages": _stages(version, language),
        "reasons": _left_out(found, language),
        "counts": _counts(rows, language),
        "figures": (f"- {name}: {value}" for name, value in Figures(rows).told().items()),
        "personal": _personal(rows, language),
        "agreement": _agreement(rows, found, language),
        "models": _models(version, language),
        "gaps": _gaps(version, spec, rows, language),
        "hashes": _hashes(version, language),
    }
    title = Words(f"# Passport of {version.number}", f"# 数据护照 {version.number}").to(language)
    text = [title]
    for name, lines in parts.items():
        text += ["", f"## {HEADS[name].to(language)}", "", *lines]
    return "\n".join(text) + "\n"


def _spec(spec: Spec, language: Language) -> Lines:
    for name, question in questions():
        stated = getattr(spec, name)
        if stated is not None:
            yield f"- {question.title.to(language)}: {_plain(stated.model_dump(mode='json')['value'])}"


def _plain(value: object) -> str:
    """A value of the specification as a person would write it on one line."""
    if isinstance(value, list):
        return "; ".join(map(_plain, value)) or "–"
    if isinstance(value, dict):
        shown = value.get("sentence") or value.get("name")
        if shown is None:
            return "; ".join(f"{name} {share:.0%}" for name, share in value.items()) or "–"
        share = value.get("share")
        return f"{shown} {share:.0%}" if isinstance(share, float) else str(shown)
    return " ".join(str(value).split())


def _sources(rows: Sequence[Sample], language: Language) -> Lines:
    unknown = Words("not stated", "未注明").to(language)
    counts = Counter((row.origin.file or row.origin.source, row.origin.licence or unknown) for row in rows)
    yield from (SOURCES.to(language), "| --- | --- | ---: |")
    for (source, licence), count in sorted(counts.items()):
        yield f"| {_cell(source)} | {_cell(licence)} | {count} |"


def _stages(version: Version, language: Language) -> Lines:
    yield from (STAGES.to(language), "| --- | ---: | ---: | --- | --- |")
    for stage in version.report.stages:
        yield _stage(stage.name, stage.tally)
    yield _stage(Words("**All**", "**合计**").to(language), version.report.total)


def _stage(name: str, tally: Tally) -> str:
    return f"| {name} | {tally.requested} | {tally.accepted} | {_reasons(tally.rejected)} | {_reasons(tally.failed)} |"


def _reasons(counts: dict[str, int]) -> str:
    named = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{sum(counts.values())} ({named})" if named else "0"


def reasons_of(rejected: Iterable[Sample]) -> Counter[tuple[str, str]]:
    """(check, reason) of what took each row out."""
    return Counter((dropped.check, dropped.reason) for row in rejected if (dropped := row.dropped_by))


def _left_out(found: Found, language: Language) -> Lines:
    if not found.reasons:
        yield Words("Every row was kept.", "所有数据都已保留。").to(language)
        return
    yield from (REASONS.to(language), "| --- | --- | ---: |")
    most = found.reasons.most_common(MOST_REASONS)
    for (check, reason), count in most:
        yield f"| {_cell(check)} | {_cell(reason)} | {count} |"
    if left := found.reasons.total() - sum(count for _, count in most):
        yield f"| … | … | {left} |"


def _personal(rows: Sequence[Sample], language: Language) -> Lines:
    """What was hidden, by kind; no value."""
    hidden, touched = Counter[str](), 0
    for row in rows:
        told = [found.reason for found in row.findings if found.check == "mask"]
        touched += bool(told)
        for kind, times in HIT.findall(told[-1].partition(": ")[2]) if told else ():
            hidden[kind] += int(times or 1)
    if not touched:
        yield Words("Nothing was hidden in these rows.", "这些数据中没有隐藏任何内容。").to(language)
        return
    yield Words(f"- Hidden in {touched} rows.", f"- 在 {touched} 条数据中做了隐藏。").to(language)
    for kind, count in sorted(hidden.items()):
        yield f"- {kind}: {count}"


def _agreement(rows: Sequence[Sample], found: Found, language: Language) -> Lines:
    decided = sum(any(one.check == PERSON for one in row.findings) for row in rows)
    yield Words(f"- A person decided on {decided} of these rows.", f"- 其中 {decided} 条由人决定。").to(language)
    unseen = Words("The judging model was not compared with a person.", "评判模型没有与人比对过。")
    yield f"- {(found.agreement or unseen).to(language)}"


def _counts(rows: Sequence[Sample], language: Language) -> Lines:
    yield from (COUNTS.to(language), "| --- | ---: | ---: | ---: | ---: |")
    yield _count(Words("**All**", "**全部**").to(language), Counter[str | None](row.split for row in rows))
    for kind, words in KINDS.items():
        values = [_value(row, kind) for row in rows]
        for value in sorted({value for value in values if value}):
            splits = Counter[str | None](row.split for row, its in zip(rows, values, strict=True) if its == value)
            yield _count(f"{words.to(language)}: {_cell(value)}", splits)


def _value(row: Sample, kind: str) -> str | None:
    if kind == "label":
        return row.label
    if kind == "language":
        return language_of(row.question)
    return row.cell.scenario if kind == "scenario" else row.cell.difficulty


def _count(name: str, splits: Counter[str | None]) -> str:
    return f"| {name} | " + " | ".join(str(splits[split]) for split in SPLITS) + f" | {splits.total()} |"


def _models(version: Version, language: Language) -> Lines:
    report = version.report
    for model in report.models:
        yield f"- {Words('Written and judged by', '撰写和检查模型').to(language)}: {model}"
    yield Words(
        f"- {report.tokens_in} tokens read, {report.tokens_out} written, in {report.seconds:.0f} seconds.",
        f"- 读入 {report.tokens_in} 个 token，写出 {report.tokens_out} 个，用时 {report.seconds:.0f} 秒。",
    ).to(language)


def _gaps(version: Version, spec: Spec, rows: Sequence[Sample], language: Language) -> Lines:
    gaps = [f"- {note}" for note in version.report.notes]
    gaps += [f"- {words.to(language)}" for words in _found_gaps(version, spec, rows)]
    yield from gaps or [Words("None that was looked for.", "检查范围内没有发现不足。").to(language)]


def _found_gaps(version: Version, spec: Spec, rows: Sequence[Sample]) -> Iterator[Words]:
    if not version.rows.get("test"):
        yield Words(
            "No real row is held back, so nothing can be said of how good a model is.",
            "没有留出真实数据做测试，无法说明模型的好坏。",
        )
    if not version.rows.get("validation"):
        yield Words("No row watches over training.", "没有用于监督训练的验证数据。")
    trained = Counter(row.label for row in rows if row.split == "train")
    for label in spec.labels.value if spec.labels else ():
        if trained[label.name] < FEWEST:
            count = trained[label.name]
            yield Words(
                f"The label {label.name} has {count} rows to learn from.",
                f"类别“{label.name}”只有 {count} 条训练数据。",
            )
    for rule in spec.rules.value if spec.rules else ():
        if rule.condition is None:
            yield Words(f"No code checks this rule: {rule.sentence}", f"这条规则没有程序检查：{rule.sentence}")


def _hashes(version: Version, language: Language) -> Lines:
    yield f"- data.jsonl: `{version.hash}`"
    yield f"- {Words('Specification', '规格说明').to(language)}: `{version.spec_hash}`"
    yield f"- {Words('Code', '代码').to(language)}: `{version.code}`"
    for parent in version.parents:
        yield f"- {Words('Made from', '来源版本').to(language)}: `{parent}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
