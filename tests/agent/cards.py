"""Report cards on disk as an evaluation leaves them, of answers that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.run import Run
from finetune.judging.answers import write_answers
from finetune.judging.exam import Batch, Exam, Sheet
from finetune.judging.report import write_report
from finetune.judging.scores import RIGHT_OR_WRONG, USUAL, estimate, paired, per_class, statistic
from finetune.judging.verdict import Goals, judged
from workspace.project import Project, write_text
from workspace.results import (
    Efficiency,
    Estimate,
    NextStep,
    ReportCard,
    Section,
    System,
    SystemScore,
    TestRows,
    TrainedModel,
)
from workspace.sample import Origin, sample
from workspace.spec import Spec, write_spec
from workspace.stated import Label, Metric, Stated
from workspace.words import Language, Words

LABELS = ("card_arrival", "lost_card", "exchange_rate", "top_up_failed")
ROWS = 48
STEPS = (
    NextStep(kind="more_rows", words=Words("Make more rows.", "增加数据。")),
    NextStep(kind="check", words=Words("See `tunesmith rows`.", "用 `tunesmith rows` 查看。")),
    NextStep(kind="hard_rows", words=Words("The hardest rows.", "最难的几条。"), rows=("“Where is it?”: a ← b",)),
)
SECTION = Section(
    title=Words("Robustness", "稳健性"),
    text=Words("With typing errors it loses 9 points.", "有错别字时下降 9 个百分点。"),
    columns=(Words("what was changed", "改动方式"), Words("rows", "条数")),
    rows=((Words("typing errors", "错别字"), "48"),),
)


def answered(right: Mapping[System, int], labels: Sequence[str] = LABELS, rows: int = ROWS) -> dict[System, list[str]]:
    """Answers of which the first so many are right; what is wrong is the label after the right one."""
    given: dict[System, list[str]] = {}
    for system, many in right.items():
        wanted = [labels[row % len(labels)] for row in range(rows)]
        given[system] = [label if row < many else labels[(row + 1) % len(labels)] for row, label in enumerate(wanted)]
    return given


def write_card(
    folder: Path,
    wanted: Sequence[str],
    given: Mapping[System, Sequence[str]],
    goals: Goals,
    *,
    labelled: bool = True,
    questions: Sequence[str] = (),
    note: Words | None = None,
) -> ReportCard:
    """As `evaluate` writes it: report.json, report.md, report.zh.md and answers.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = questions or [f"Question {row}?" for row in range(len(wanted))]
    test = [
        sample(question, answer, Origin(source="files", row=row), label=answer if labelled else None)
        for row, (question, answer) in enumerate(zip(asked, wanted, strict=True))
    ]
    exam = Exam(test, [], tuple(sorted(set(wanted))) if labelled else None, "key")
    metric: Metric = next((name for name in USUAL[labelled] if name in goals), USUAL[labelled][0])
    metrics = tuple(dict.fromkeys((metric, *USUAL[labelled])))
    card = _card(wanted, given, metrics, note)
    if "tuned" in given:
        card.thresholds = judged(card, goals)
        write_report(card, exam, folder)
    else:
        (folder / "report.json").write_text(card.model_dump_json(), encoding="utf-8")
    write_answers(exam, {system: _sheet(folder, system, answers) for system, answers in given.items()}, metric, folder)
    return card


def _card(
    wanted: Sequence[str], given: Mapping[System, Sequence[str]], metrics: Sequence[Metric], note: Words | None
) -> ReportCard:
    labelled = metrics[0] in USUAL[True]
    others = {system: answers for system, answers in given.items() if system != "tuned" and "tuned" in given}
    return ReportCard(
        rows=len(wanted),
        systems={
            system: SystemScore(
                metrics={name: _estimate(name, wanted, answers) for name in metrics},
                per_class=per_class(wanted, answers) if labelled else {},
                efficiency=Efficiency(ms_p50=20, ms_p99=40, memory_mb=900),
            )
            for system, answers in given.items()
        },
        tests=tuple(paired(metrics[0], wanted, given["tuned"], answers, name) for name, answers in others.items()),
        thresholds=(),
        test=TestRows(hash="0", data_hash="0", version="0", note=note),
        next=STEPS,
        sections={"robustness": SECTION},
        summary={"en": "Summary.", "zh": "总结。"},
    )


def _estimate(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> Estimate:
    """Resampling thousands of times is measured elsewhere; here a tenth on either side will do."""
    if metric in RIGHT_OR_WRONG:
        return estimate(metric, wanted, given)
    rows, of = statistic(metric, wanted, given)
    value = of(rows)
    return Estimate(value=value, low=max(0.0, value - 0.1), high=min(1.0, value + 0.1))


def _sheet(folder: Path, system: System, answers: Sequence[str]) -> Sheet:
    sheet = Sheet(folder, system, "key")
    sheet.add(dict(enumerate(answers)), Batch(rows=len(answers), seconds=1.0))
    return sheet


def run_in(home: Path, language: Language = "en") -> Run:
    """A run with its specification; 400 rows were asked for."""
    run = Run(Project(home, "cards"), "0123456789")
    goal = "告诉我们客户想要什么" if language == "zh" else "Tell what a customer wants"
    spec = Spec(
        goal=Stated(value=goal, source="said", quote=goal, turn=1),
        task=Stated(value="classification", source="suggested"),
        labels=Stated(value=tuple(Label(name=name) for name in LABELS), source="suggested"),
        languages=Stated(value=(language,), source="suggested"),
        rows=Stated(value=400, source="default"),
    )
    path = run.project.place("runs", run.id, "spec.yaml")
    if not path.exists():
        write_spec(spec, path)
    return run


def run_with_card(home: Path, tuned: int = 44, goal: float = 0.8) -> Run:
    """Four labels, 48 rows: the base has 12 right, the tuned model so many."""
    run = run_in(home)
    given = answered({"base": 12, "prompted": 20, "classic": 33, "tuned": tuned})
    write_card(run.folder / "report", [LABELS[row % 4] for row in range(ROWS)], given, {"accuracy": goal})
    return run


def model_of(run: Run, folder: str) -> Path:
    """The run's model lies in `folder` of its project; where `evaluate` puts a card of it."""
    model = TrainedModel(
        name="one",
        base="smollm2-135m",
        method="lora",
        version="0",
        folder=folder,
        steps=1,
        seconds=1,
        tokens_per_second=1,
        best_step=1,
        loss=((1, 1.0),),
        validation_loss=(),
    )
    write_text(run.folder / "model.json", model.model_dump_json())
    return run.project.folder / folder / "report"
