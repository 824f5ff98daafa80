"""What each stage hands back: counts that add up, a frozen version, a tuned model, a report card."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from workspace.code import Code
from workspace.sample import Frozen
from workspace.stated import Beyond, Method, Metric
from workspace.words import Words

AdviceVerdict = Literal["train", "prompt", "retrieval", "facts"]
Form = Literal["adapter", "bf16", "int8", "gguf", "q8", "q4", "served"]
System = Literal["base", "prompted", "retrieval", "classic", "tuned"]
# How a test row is said otherwise, to see whether the answer stays.
Variation = Literal["typing", "paraphrase", "code_switch", "width_case", "noise", "injection"]


class Tally(Frozen):
    """requested = accepted + rejected + failed, always; reasons are check names or kinds of failure."""

    requested: int = 0
    accepted: int = 0
    rejected: dict[str, int] = {}
    failed: dict[str, int] = {}

    @property
    def balances(self) -> bool:
        return self.requested == self.accepted + sum(self.rejected.values()) + sum(self.failed.values())

    def plus(self, other: Tally) -> Tally:
        return Tally(
            requested=self.requested + other.requested,
            accepted=self.accepted + other.accepted,
            rejected=_sum(self.rejected, other.rejected),
            failed=_sum(self.failed, other.failed),
        )


def _sum(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
    return {key: a.get(key, 0) + b.get(key, 0) for key in sorted({*a, *b})}


class Stage(Frozen):
    """One line of a passport: a source or a step and what became of its rows."""

    name: str
    tally: Tally


class Report(Frozen):
    """What a build did. `notes` are sentences for the person (novelty exhausted, budget reached, …)."""

    stages: tuple[Stage, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    models: tuple[str, ...] = ()

    @property
    def total(self) -> Tally:
        total = Tally()
        for stage in self.stages:
            total = total.plus(stage.tally)
        return total


class Change(Frozen):
    """What stood in a row and what stands there now, each cut to 200 characters."""

    row: str
    before: str
    after: str


class CleaningStep(Frozen):
    """One edit: kept rows in, how many it changed, how many it dropped under which finding."""

    name: str
    rows: int
    changed: int
    dropped: dict[str, int]
    examples: tuple[Change, ...] = ()


class CleaningReport(Frozen):
    """The shape of `tunesmith clean --report`: rows_in = rows_out + the sum of refused, always."""

    file: str
    encoding: str | None = Field(None, description="of a text file: what its bytes were read as")
    rows_in: int
    rows_out: int
    refused: dict[str, int] = Field(description="by the name of the finding that dropped the row; read: unreadable")
    steps: tuple[CleaningStep, ...]
    seconds: float

    @property
    def balances(self) -> bool:
        return self.rows_in == self.rows_out + sum(self.refused.values())


class Version(Frozen):
    """A frozen data set. `hash` is the SHA-256 of data.jsonl; `folder` is relative to the project."""

    hash: str
    number: str
    spec_hash: str
    folder: str
    rows: dict[str, int] = Field(description="rows in each split")
    report: Report
    parents: tuple[str, ...] = Field((), description="hashes of the versions it was made from")
    code: Code = Field(default=Code(), description="by which it was made")


class Forecast(Frozen):
    """What a training run needs: seconds of all its steps, and GB of memory at the peak."""

    seconds: float
    memory_gb: float


class TrainedModel(Frozen):
    """A tuned model. `folder` holds the adapter; loss curves are (step, loss) pairs."""

    name: str
    base: str
    method: Method
    version: str
    folder: str
    steps: int
    seconds: float
    tokens_per_second: float
    best_step: int
    loss: tuple[tuple[int, float], ...]
    validation_loss: tuple[tuple[int, float], ...]
    device: str = "cpu"
    memory_gb: float | None = Field(None, description="needed at the peak")
    expected: Forecast | None = Field(None, description="by formula, before any weight was loaded")
    probed: Forecast | None = Field(None, description="from the first steps")
    files: dict[str, str] = Field({}, description="SHA-256 of each file of weights that was learned, by name")
    base_hash: str = Field("", description="SHA-256 over the weights of the base it was tuned on")
    learning_rate: float = Field(0.0, description="at its highest")
    trained: int = Field(0, description="how many weights were trained")


class Estimate(Frozen):
    """A value with its 95% interval."""

    value: float
    low: float
    high: float


class ClassScore(Frozen):
    precision: float
    recall: float
    f1: float
    support: int


class Efficiency(Frozen):
    """Milliseconds per query at the median and the 99th percentile, one query at a time; the rest many at a time.

    `memory_mb` is the most that the whole process held (on a GPU: the most on the card). `cost_per_1000` queries in US
    dollars, where the machine has a price.
    """

    ms_p50: float
    ms_p99: float
    queries_per_second: float | None = None
    tokens_per_second: float | None = Field(None, description="tokens written")
    memory_mb: float | None = None
    cost_per_1000: float | None = None


class SystemScore(Frozen):
    metrics: dict[Metric, Estimate]
    per_class: dict[str, ClassScore] = {}
    efficiency: Efficiency | None = None


class PairedTest(Frozen):
    """`tuned` against another system on the same rows; `difference` is of the metric, the specification's if None."""

    against: System
    metric: Metric | None = None
    better: int
    worse: int
    same: int
    p: float
    difference: Estimate


class ThresholdResult(Frozen):
    """`reached` is None where nothing measured it: then it isn't met. The goal is to be reached, or not exceeded."""

    metric: Metric | Beyond
    goal: float
    reached: float | None
    met: bool
    at_most: bool = False


class Section(Frozen):
    """A further part of a report card, such as robustness: said in words, shown as a table, its numbers by name.

    A goal of the specification may be set on any of `values`.
    """

    title: Words
    text: Words
    columns: tuple[Words, ...] = ()
    rows: tuple[tuple[Words | str, ...], ...] = ()
    values: dict[str, Estimate] = {}


class TestRows(Frozen):
    """Which rows were tested on. `note` says where they are not those that were frozen with the model."""

    hash: str = Field(description="SHA-256 of the test rows")
    data_hash: str = Field(description="SHA-256 of the file they stand in")
    version: str = Field(description="of the data that the model was tuned on")
    note: Words | None = None


class Advice(Frozen):
    """Whether to train at all, from what the base reaches untrained on rows that nobody tests on.

    `hints` are about rows, base and method.
    """

    key: str
    verdict: AdviceVerdict
    rows: int
    systems: dict[System, Estimate]
    words: Words
    hints: tuple[Words, ...] = ()


class NextStep(Frozen):
    """What a person could do now, with the rows or the label that it is about."""

    kind: Literal["more_rows", "labels", "check", "instead", "training", "hard_rows", "nothing"]
    words: Words
    label: str | None = None
    rows: tuple[str, ...] = ()


class ReportCard(BaseModel):
    """The shape of report.json (DESIGN.md section 10)."""

    rows: int
    systems: dict[System, SystemScore]
    tests: tuple[PairedTest, ...]
    thresholds: tuple[ThresholdResult, ...]
    summary: dict[str, str] = Field(default={}, description="the verdict in words, by language")
    test: TestRows | None = None
    further_tests: tuple[PairedTest, ...] = Field((), description="of the other metrics, against the base")
    next: tuple[NextStep, ...] = Field((), description="what to do now, the most useful first")
    sections: dict[str, Section] = Field(default={}, description="what else was measured, by name")


class Answered(Frozen):
    """One test row: what was asked, the right answer, and what each system gave, with how good that is, 0 to 1."""

    row: int
    question: str
    wanted: str
    given: dict[System, str]
    scores: dict[System, float]


class Differing(Frozen):
    """A prompt that a form answers otherwise than the adapter; `position` counts tokens, from 0."""

    prompt: int
    text: str
    position: int
    adapter: str
    other: str


class FormScore(Frozen):
    """One form of a tuned model beside the adapter on its base, on the same prompts.

    `lost` is the adapter's quality less this form's, with its interval; `refused` says why it may not be released, by
    language.
    """

    path: str
    hash: str = Field(description="SHA-256 over its weights")
    megabytes: float
    exact: int
    quality: Estimate
    lost: Estimate
    better: int = 0
    worse: int = 0
    tokens_per_second: float
    ms_p50: float
    ms_p99: float
    memory_mb: float
    same_tokens: int | None = Field(None, description="prompts that its own tokenizer cuts as in training")
    differing: tuple[Differing, ...] = ()
    refused: dict[str, str] = {}


class Compressed(Frozen):
    """The shape of compress.json. `key` names the weights it was made of; `metric` is what quality means here."""

    model: str
    key: str
    prompts: int
    held_back: bool
    metric: Metric
    against_adapter: bool = Field(False, description="without known answers, quality is likeness to the adapter's")
    least_exact: float
    most_lost: float
    forms: dict[Form, FormScore]

    @property
    def released(self) -> bool:
        """What `serve api` answers is told, but it is no file that would be released."""
        return not any(score.refused for form, score in self.forms.items() if form != "served")
