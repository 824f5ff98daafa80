"""Results into events: the tables, curves and sentences in which a person meets them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Generic, TypeVar

from agent.events import Event, File, Plot, Progress, Say, Table
from agent.failings import FAILINGS
from agent.views import curves
from workspace.project import write_text
from workspace.results import Report, ReportCard, SystemScore, Tally, TrainedModel
from workspace.sample import PERSON, REVIEW, Sample
from workspace.spec import Spec
from workspace.stated import METRICS, Metric
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.judging.exam import Evaluated
    from finetune.train import TrainStep
    from tools.base import Working
    from tools.knowledge import Knowledge

S = TypeVar("S")
T = TypeVar("T")
MOST_ROWS = 500
MOST_QUOTED = 5
MAIN_METRICS = 3
SILENT = Words("", "")
SYSTEMS = {
    "base": Words("base model", "基础模型"),
    "prompted": Words("base with a good prompt", "基础模型＋好的提示"),
    "retrieval": Words("base with retrieval", "基础模型＋检索"),
    "classic": Words("classic (TF-IDF)", "传统方法（TF-IDF）"),
    "tuned": Words("tuned", "微调后"),
}


@dataclass
class Steps(Generic[S, T]):
    """A generator's steps for a `for`, and what it returned once they are over."""

    source: Generator[S, None, T]
    result: T = field(init=False)

    def __iter__(self) -> Iterator[S]:
        self.result = yield from self.source


class Clock:
    """Time left at the average pace so far; and the last word on disk, for whoever asks from another process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stage, self.started, self.written = folder, "", 0.0, 0.0

    def progress(
        self, stage: Words, done: int, total: int, language: Language, note: Words = SILENT, left: float | None = None
    ) -> Progress:
        now = time.monotonic()
        if stage.en != self.stage:
            self.stage, self.started = stage.en, now
        spent = now - self.started
        if left is None and 0 < done < total and spent > 2:
            left = round(spent / done * (total - done), 1)
        words: dict[Language, tuple[str, str]] = {"en": (stage.en, note.en), "zh": (stage.zh, note.zh)}
        called, noted = words[language]
        event = Progress(stage=called, done=done, total=total, seconds_left=left, note=noted, words=words)
        if now - self.written > 1 or done >= total:
            write_text(self.folder / "progress.json", event.model_dump_json())
            self.written = now
        return event


def working(steps: Generator[Working, None, T], folder: Path, language: Language) -> Generator[Event, None, T]:
    """A stage of tools/ as progress; what the stage returns is returned."""
    clock, told = Clock(folder), Steps(steps)
    for step in told:
        yield clock.progress(step.stage, step.done, step.total, language)
    return told.result


def built(spec: Spec, rows: Sequence[Sample], report: Report, language: Language) -> Iterator[Event]:
    kept = [row for row in rows if row.kept]
    dropped = [row for row in rows if not row.kept]
    yield rows_table(kept, language)
    yield rejected_table(dropped, language)
    yield coverage_table(kept, language)
    yield Say(text=counts(report.total, language, kept))
    for note in report.notes:
        yield Say(text=note)


def disagreeing(knowledge: Knowledge, language: Language) -> Iterator[Event]:
    """Where two documents can't both be right, in the words of both: what is judged by them could go either way."""
    from tools.facts.disagreements import disagreements

    found = disagreements(knowledge)
    if not found:
        return
    lines = [
        f"- {d.one.document}: “{d.one.quote}”  ≠  {d.other.document}: “{d.other.quote}”" for d in found[:MOST_QUOTED]
    ]
    more = len(found) - len(lines)
    if more:
        lines.append(Words(f"- and {more} more", f"- 另有 {more} 处").to(language))
    head = Words(
        "Your documents disagree with each other here. Correct one of each pair, or the checks may go by either:",
        "您的文档在以下地方互相矛盾。请更正其中一处，否则检查时可能以任意一处为准：",
    )
    yield Say(text="\n".join([head.to(language), *lines]))


def counts(tally: Tally, language: Language, kept: Sequence[Sample] = ()) -> str:
    """One sentence in which the numbers add up, then the reasons. `kept` are the accepted rows, where known."""
    rejected, failed = sum(tally.rejected.values()), sum(tally.failed.values())
    head = Words(
        f"{tally.requested} rows were looked at or asked for: {tally.accepted} accepted, {rejected} rejected"
        + (f", {failed} failed." if failed else "."),
        f"一共处理了 {tally.requested} 条：接受 {tally.accepted} 条，拒绝 {rejected} 条"
        + (f"，失败 {failed} 条。" if failed else "。"),
    ).to(language)
    written = sum(row.origin.source == "generate" for row in kept)
    if 0 < written < len(kept):
        own = len(kept) - written
        head += Words(
            f" {own} of yours + {written} written = {len(kept)} accepted.",
            f"其中您的 {own} 条 + 生成的 {written} 条 = 接受 {len(kept)} 条。",
        ).to(language)
    reasons = [
        f"- {failing_words(name, language)}: {n}" for name, n in sorted(tally.rejected.items(), key=lambda kv: -kv[1])
    ]
    reasons += [
        f"- {failure_words(name, language)}: {n}" for name, n in sorted(tally.failed.items(), key=lambda kv: -kv[1])
    ]
    return "\n".join([head, *reasons])


DECIDED = {
    REVIEW: Words("waiting for you to decide", "等您决定"),
    PERSON: Words("taken out by you", "由您排除"),
}


def check_words(name: str, language: Language) -> str:
    """How a check, edit or source is called before people; its name where it has no words."""
    from tools.base import Check, Edit, Source, registry

    if name in DECIDED:
        return DECIDED[name].to(language)
    for shape in (Check, Edit, Source):
        found = registry(shape).get(name)
        if found:
            return str(found.words.to(language))
    return name


def failing_words(name: str, language: Language) -> str:
    """What is said of a row that it took out: the name of a check says what is well with one that passes."""
    return FAILINGS[name].to(language) if name in FAILINGS else check_words(name, language)


def shown_thresholds(needed: Mapping[str, float], language: Language) -> str:
    default = (
        Words("anything else", "其他").to(language) if len(needed) > 1 else Words("everything", "全部").to(language)
    )
    named = (f"{default if name == 'default' else name} {share:.0%}" for name, share in needed.items())
    return Words(", ", "、").to(language).join(named)


FAILURES = {
    "unfinished": Words("the model's reply broke off", "模型的回复不完整"),
    "malformed": Words("the model's reply did not have the right form", "模型的回复格式不对"),
    "missing": Words("the model wrote fewer rows than asked", "模型写的条数不够"),
    "budget": Words("the budget was reached", "达到预算上限"),
    "endpoint": Words("the model could not be reached", "无法连接模型"),
}


def failure_words(name: str, language: Language) -> str:
    return FAILURES[name].to(language) if name in FAILURES else name


def rows_table(rows: Sequence[Sample], language: Language) -> Table:
    title = Words(f"Rows ({len(rows)})", f"数据（{len(rows)} 条）").to(language)
    columns = [Words("Text", "文本"), Words("Answer", "回答"), Words("From", "来源"), Words("Split", "划分")]
    return Table(
        panel="rows",
        title=title,
        columns=tuple(c.to(language) for c in columns),
        rows=tuple((r.question, r.answer, source_words(r, language), r.split or "") for r in rows[:MOST_ROWS]),
    )


def source_words(row: Sample, language: Language) -> str:
    if row.origin.source == "generate":
        return Words("written by the model", "模型生成").to(language)
    name = PurePath(row.origin.file or "").name  # the folder of an upload says nothing to people
    return Words(f"{name}, row {row.origin.row}", f"{name} 第 {row.origin.row} 行").to(language)


def rejected_table(rows: Sequence[Sample], language: Language) -> Table:
    title = Words(f"Rejected ({len(rows)})", f"已拒绝（{len(rows)} 条）").to(language)
    columns = [
        Words("Text", "文本"),
        Words("Answer", "回答"),
        Words("Check", "检查"),
        Words("Why", "原因"),
        Words("Evidence", "依据"),
    ]
    body = []
    for row in rows[:MOST_ROWS]:
        finding = row.dropped_by
        if finding is None:
            continue
        evidence = f"{finding.evidence.document}: “{finding.evidence.quote}”" if finding.evidence else ""
        body.append((row.question, row.answer, failing_words(finding.check, language), finding.reason, evidence))
    return Table(panel="rejected", title=title, columns=tuple(c.to(language) for c in columns), rows=tuple(body))


def coverage_table(rows: Sequence[Sample], language: Language) -> Table:
    """How many rows stand in each place of the grid: labels down, scenarios across."""
    real = Words("your own", "您的样例").to(language)
    counted = Counter((r.label or "", r.cell.scenario or real) for r in rows)
    labels, scenarios = sorted({k[0] for k in counted}), sorted({k[1] for k in counted})
    return Table(
        panel="coverage",
        title=Words("Coverage", "覆盖情况").to(language),
        columns=("", *scenarios),
        rows=tuple((label, *(counted[(label, s)] for s in scenarios)) for label in labels),
    )


def training(
    steps: Generator[TrainStep, None, TrainedModel], folder: Path, language: Language, known: Words | None = None
) -> Generator[Event, None, TrainedModel]:
    """`known` was told before, and is not told again with the first step."""
    before = known.to(language) if known else ""
    clock, told, loss, validation = Clock(folder), Steps(steps), [], []
    stage = Words("Training", "训练")
    for step in told:
        if step.note and (news := step.note.to(language).removeprefix(before).strip()):
            yield Say(text=news)
        loss.append((float(step.step), step.loss))
        if step.validation_loss is not None:
            validation.append((float(step.step), step.validation_loss))
        pace = f"{step.tokens_per_second:.0f}"
        note = Words(
            f"loss {step.loss:.2f}, {pace} tokens/s, {step.memory_gb:.1f} GB",
            f"损失 {step.loss:.2f}，每秒 {pace} 个词元，{step.memory_gb:.1f} GB",
        )
        yield clock.progress(stage, step.step, step.total, language, note, step.seconds_left)
        yield loss_plot(loss, validation, language)
    return told.result


def loss_plot(
    loss: Sequence[tuple[float, float]], validation: Sequence[tuple[float, float]], language: Language
) -> Plot:
    return Plot(
        panel="loss",
        title=curves.TITLE.to(language),
        x=curves.STEP.to(language),
        y=curves.LOSS.to(language),
        lines={curves.LEARNED.to(language): tuple(loss), curves.WATCHED.to(language): tuple(validation)},
    )


def trained(model: TrainedModel, language: Language) -> Iterator[Event]:
    yield loss_plot([(float(s), v) for s, v in model.loss], [(float(s), v) for s, v in model.validation_loss], language)
    yield Say(
        text=Words(
            f"Trained {model.steps} steps in {model.seconds:.0f} s on {model.device}; the best state is that of step "
            f"{model.best_step}.",
            f"训练完成：{model.steps} 步，用时 {model.seconds:.0f} 秒（{model.device}）；"
            f"采用第 {model.best_step} 步的最佳结果。",
        ).to(language)
    )
    if model.memory_gb and (model.expected or model.probed):
        yield Say(text=accounted(model, language))


def accounted(model: TrainedModel, language: Language) -> str:
    """What was said beforehand of time and memory, against what it came to."""
    told = [
        (Words("before the start", "开始前"), model.expected),
        (Words("after the first steps", "最初几步之后"), model.probed),
    ]
    parts = [
        Words(
            f"{when.en} {said.seconds:.0f} s and {said.memory_gb:.1f} GB",
            f"{when.zh} {said.seconds:.0f} 秒、{said.memory_gb:.1f} GB",
        ).to(language)
        for when, said in told
        if said
    ]
    joined = Words(", ", "，").to(language).join(parts)
    return Words(
        f"It took {model.seconds:.0f} s and {model.memory_gb or 0:.1f} GB. Estimated: {joined}.",
        f"实际用了 {model.seconds:.0f} 秒、{model.memory_gb or 0:.1f} GB。预估：{joined}。",
    ).to(language)


def judging(steps: Generator[Evaluated, None, T], folder: Path, language: Language) -> Generator[Event, None, T]:
    clock, told = Clock(folder), Steps(steps)
    for step in told:
        name = step.what if isinstance(step.what, Words) else SYSTEMS[step.what]
        yield clock.progress(Words(f"Testing: {name.en}", f"评测：{name.zh}"), step.done, step.total, language)
    return told.result


def report_card(card: ReportCard, folder: Path, language: Language) -> Iterator[Event]:
    metrics = list(card.systems["tuned"].metrics)[:MAIN_METRICS]
    heads = [
        Words("System", "系统"),
        *(dict(METRICS)[metric] for metric in metrics),
        Words("ms (p50 / p99)", "毫秒（p50 / p99）"),
    ]
    yield Table(
        panel="report",
        title=Words(f"Report card on {card.rows} held-back rows", f"成绩单（{card.rows} 条留出数据）").to(language),
        columns=tuple(h.to(language) for h in heads),
        rows=tuple((SYSTEMS[name].to(language), *_scores(system, metrics)) for name, system in card.systems.items()),
    )
    yield Say(text=card.summary.get(language) or card.summary.get("en", ""))
    for section in card.sections.values():
        yield Say(text=f"**{section.title.to(language)}** {section.text.to(language)}")
    if card.next:
        yield Say(text=_next_steps(card, language))
    name = "report.zh.md" if language == "zh" and (folder / "report.zh.md").exists() else "report.md"
    yield File(title=Words("Report card", "成绩单").to(language), path=str(folder / name))


def _next_steps(card: ReportCard, language: Language) -> str:
    head = Words("**What to do next**", "**接下来做什么**").to(language)
    lines = [f"{number}. {step.words.to(language)}" for number, step in enumerate(card.next, 1)]
    return "\n".join([head, *lines])


def _scores(system: SystemScore, metrics: Sequence[Metric]) -> Iterator[str]:
    for metric in metrics:
        found = system.metrics.get(metric)
        yield f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})" if found else ""
    yield f"{system.efficiency.ms_p50:.0f} / {system.efficiency.ms_p99:.0f}" if system.efficiency else ""
