"""The report card as a person reads it: the verdict first, then what it rests on, all in their own language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.drawing import SYSTEMS
from agent.run import Run
from agent.views import verdicts
from agent.views.stepping import StepView, steps
from agent.views.verdicts import Verdict
from workspace.results import ClassScore, Estimate, PairedTest, ReportCard, System
from workspace.spec import Spec
from workspace.stated import METRICS, Metric
from workspace.words import Language, Words

CARD = "report.json"
# Under so many test rows one row more or less changes a label's scores by ten points.
FEW = 10
SHORT: dict[Metric, Words] = {
    "accuracy": Words("Right answers", "答对比例"),
    "macro_f1": Words("F1", "F1"),
    "macro_precision": Words("Precision", "精确率"),
    "macro_recall": Words("Recall", "召回率"),
    "weighted_f1": Words("F1 by rows", "加权 F1"),
    "weighted_precision": Words("Precision by rows", "加权精确率"),
    "weighted_recall": Words("Recall by rows", "加权召回率"),
    "exact_match": Words("Equal", "完全一致"),
    "chrf": Words("chrF", "chrF"),
    "bleu": Words("BLEU", "BLEU"),
    "rouge1": Words("ROUGE-1", "ROUGE-1"),
    "rouge2": Words("ROUGE-2", "ROUGE-2"),
    "rougeL": Words("ROUGE-L", "ROUGE-L"),
}
Whose = Literal["run", "model"]


@dataclass(frozen=True)
class Dot:
    """A system's value with its 95% interval, as shares of 1, and the same in words."""

    system: System
    name: str
    value: float
    low: float
    high: float
    shown: str
    interval: str


@dataclass(frozen=True)
class Measure:
    """One measure of every system. `goal` is a share; `tests` say what chance has to do with it."""

    metric: Metric
    short: str
    name: str
    dots: tuple[Dot, ...]
    goal: float | None
    goal_shown: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class ClassLine:
    """A label's precision, recall and F1, of base and tuned; "" where nobody asked one of them.

    `change` of F1 in points, None without both. `few`: too few rows to tell.
    """

    label: str
    rows: int
    few: bool
    scores: tuple[tuple[str, str], ...]
    change: int | None


@dataclass(frozen=True)
class Part:
    """Something else that was measured: said in words, shown as a table."""

    key: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CardView:
    """All that a face shows of a report card but the rows themselves, which `agent.views.answered` reads."""

    folder: Path
    language: Language
    title: str
    verdict: Verdict
    note: str
    measures: tuple[Measure, ...]
    classes: tuple[ClassLine, ...]
    parts: tuple[Part, ...]
    steps: tuple[StepView, ...]
    files: tuple[Path, ...]


def folders(run: Run | None) -> dict[Whose, Path]:
    """Where report cards of this run lie: its own, and that of `tunesmith evaluate` in the model's folder."""
    if run is None:
        return {}
    model = run.model
    found: dict[Whose, Path] = {"run": run.folder / "report"}
    if model:
        found["model"] = run.project.folder / model.folder / "report"
    return {whose: folder for whose, folder in found.items() if (folder / CARD).exists()}


def card_in(folder: Path, language: Language, spec: Spec | None = None) -> CardView | None:
    """The view of the card in a folder, None where there is none; `spec` says what could be changed."""
    path = folder / CARD
    if not path.exists():
        return None
    card = ReportCard.model_validate_json(path.read_bytes())
    return CardView(
        folder=folder,
        language=language,
        title=Words(f"Report card on {card.rows} held-back rows", f"成绩单（{card.rows} 条留出数据）").to(language),
        verdict=verdicts.verdict(card, language),
        note=card.test.note.to(language) if card.test and card.test.note else "",
        measures=tuple(_measures(card, language)),
        classes=_classes(card),
        parts=tuple(_parts(card, language)),
        steps=steps(card, spec, language),
        files=tuple(found for name in _files(language) if (found := folder / name).exists()),
    )


def _files(language: Language) -> tuple[str, ...]:
    return ("report.zh.md" if language == "zh" else "report.md", CARD)


def _measures(card: ReportCard, language: Language) -> Iterator[Measure]:
    names = dict.fromkeys(metric for score in card.systems.values() for metric in score.metrics)
    goals = {goal.metric: goal.goal for goal in card.thresholds}
    for metric in names:
        dots = tuple(
            _dot(system, metric, score.metrics[metric], language)
            for system, score in card.systems.items()
            if metric in score.metrics
        )
        goal = goals.get(metric)
        yield Measure(
            metric=metric,
            short=SHORT[metric].to(language),
            name=dict(METRICS)[metric].to(language),
            dots=dots,
            goal=goal,
            goal_shown="" if goal is None else _goal(metric, goal).to(language),
            tests=tuple(_tested(test, card.rows, language) for test in _tests_of(card, metric)),
        )


def _goal(metric: Metric, goal: float) -> Words:
    share = verdicts.shown(metric, goal)
    return Words(f"goal {share}", f"目标 {share}")


def _dot(system: System, metric: Metric, found: Estimate, language: Language) -> Dot:
    low, high = verdicts.shown(metric, found.low), verdicts.shown(metric, found.high)
    return Dot(
        system=system,
        name=SYSTEMS[system].to(language),
        value=found.value,
        low=found.low,
        high=found.high,
        shown=verdicts.shown(metric, found.value),
        interval=Words(f"{low} to {high}", f"{low} 到 {high}").to(language),
    )


def _tests_of(card: ReportCard, metric: Metric) -> list[PairedTest]:
    """Cards from before a test named its metric mean the first measure."""
    first = next((name for score in card.systems.values() for name in score.metrics), metric)
    return [test for test in (*card.tests, *card.further_tests) if (test.metric or first) == metric]


def _tested(test: PairedTest, rows: int, language: Language) -> str:
    from finetune.judging.tables import maybe_chance

    name = SYSTEMS[test.against]
    if maybe_chance(test):
        sure = Words("so small a difference may be an accident", "差别这么小，可能只是偶然")
    else:
        sure = Words("that is no accident", "这不是偶然")
    return Words(
        f"Against {name.en}: better on {test.better} of {rows} rows, worse on {test.worse}; {sure.en}.",
        f"与{name.zh}相比：{rows} 条中 {test.better} 条更好，{test.worse} 条更差；{sure.zh}。",
    ).to(language)


def _classes(card: ReportCard) -> tuple[ClassLine, ...]:
    """What changed most first; without a base, the weakest first."""
    base = card.systems["base"].per_class if "base" in card.systems else {}
    tuned = card.systems["tuned"].per_class if "tuned" in card.systems else {}

    def order(label: str) -> tuple[float, str]:
        before, after = base.get(label), tuned.get(label)
        one = after or before
        return (-abs(after.f1 - before.f1) if before and after else one.f1 if one else 0.0), label

    return tuple(_class(label, base.get(label), tuned.get(label)) for label in sorted(base | tuned, key=order))


def _class(label: str, base: ClassScore | None, tuned: ClassScore | None) -> ClassLine:
    rows = max(score.support for score in (base, tuned) if score)
    return ClassLine(
        label=label,
        rows=rows,
        few=rows < FEW,
        scores=tuple(zip(_scores(base), _scores(tuned), strict=True)),
        change=round(100 * (tuned.f1 - base.f1)) if base and tuned else None,
    )


def _scores(score: ClassScore | None) -> tuple[str, str, str]:
    if score is None:
        return "", "", ""
    return f"{score.precision:.0%}", f"{score.recall:.0%}", f"{score.f1:.0%}"


def _parts(card: ReportCard, language: Language) -> Iterator[Part]:
    for key, section in card.sections.items():
        yield Part(
            key=key,
            title=section.title.to(language),
            text=section.text.to(language),
            columns=tuple(column.to(language) for column in section.columns),
            rows=tuple(tuple(_cell(cell, language) for cell in row) for row in section.rows),
        )
    if any(score.efficiency for score in card.systems.values()):
        yield _costs(card, language)


def _cell(cell: Words | str, language: Language) -> str:
    return cell.to(language) if isinstance(cell, Words) else cell


def _costs(card: ReportCard, language: Language) -> Part:
    from finetune.judging.tables import COST_HEADS, COST_HOW, COSTS, spent

    return Part(
        key="cost",
        title=COSTS.to(language),
        text=COST_HOW.to(language),
        columns=tuple(COST_HEADS.to(language).split(",")),
        rows=tuple(
            (SYSTEMS[name].to(language), *spent(score.efficiency, language)) for name, score in card.systems.items()
        ),
    )
