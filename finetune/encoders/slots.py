"""How well a classifier finds the slots of a text: a piece counts where both its ends and its type are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from finetune.encoders.classifier import CARD, Card, opened
from finetune.judging.exam import Evaluated, Exam
from finetune.judging.scores import RESAMPLES, SEED, wilson
from workspace.results import ClassScore, Estimate, Section
from workspace.sample import Sample
from workspace.spans import Misfit, Span, spans_of
from workspace.words import Words

NAME = Words("slots", "槽位")
ALL = Words("all", "全部")


class Sitting(Protocol):
    """What is asked of whoever holds the exam."""

    exam: Exam

    @property
    def folder(self) -> Path | None: ...


@dataclass(frozen=True)
class SlotScores:
    """Over all pieces, and by type; `whole` is the share of rows with the right label and every piece right."""

    overall: ClassScore
    f1: Estimate
    types: dict[str, ClassScore]
    whole: Estimate


def has_slots(folder: Path) -> bool:
    path = folder / CARD
    return path.is_file() and bool(Card.model_validate_json(path.read_bytes()).slots)


def slots(sitting: Sitting, out: Path) -> Generator[Evaluated, None, Section]:
    """A part of the report card: the slots of the test rows that have them marked."""
    assert sitting.folder is not None
    marked = [(row, spans) for row in sitting.exam.test if (spans := _spans(row)) is not None]
    yield Evaluated(NAME, 0, len(marked))
    if not marked:
        return Section(title=NAME, text=Words("No test row has slots marked.", "测试数据里没有标注槽位。"))
    found = opened(sitting.folder).classify([row.question for row, _ in marked])
    yield Evaluated(NAME, len(marked), len(marked))
    right = [label == row.label for label, (row, _) in zip(found.labels, marked, strict=True)]
    scores = scored([spans for _, spans in marked], found.slots, right)
    return _section(scores, len(marked))


def scored(wanted: Sequence[Sequence[Span]], given: Sequence[Sequence[Span]], right: Sequence[bool]) -> SlotScores:
    """Entity-level precision, recall and F1 (CoNLL-2003): no credit for a piece that is partly right."""
    pairs = list(zip(wanted, given, strict=True))
    hits = Counter(span.label for one, other in pairs for span in {*one} & {*other})
    support, said = (Counter(span.label for row in rows for span in row) for rows in (wanted, given))
    types = {name: _score(hits[name], said[name], support[name]) for name in sorted({*support, *said})}
    whole = sum(r and {*a} == {*b} for r, (a, b) in zip(right, pairs, strict=True))
    overall = _score(hits.total(), said.total(), support.total())
    counts = [(len({*one} & {*other}), len(one) + len(other)) for one, other in pairs]
    return SlotScores(overall, _between(overall.f1, counts), types, wilson(whole, len(right)))


def _between(f1: float, counts: Sequence[tuple[int, int]]) -> Estimate:
    """With the 95% interval of the bootstrap over rows; `counts`: pieces right, pieces said and wanted."""
    import numpy

    drawn = numpy.array(counts)[numpy.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))]
    found, total = drawn.sum(1).T
    low, high = numpy.percentile(2 * found / numpy.maximum(total, 1), [2.5, 97.5])
    return Estimate(value=f1, low=min(f1, float(low)), high=max(f1, float(high)))


def _score(hits: int, said: int, support: int) -> ClassScore:
    return ClassScore(
        precision=hits / said if said else 0.0,
        recall=hits / support if support else 0.0,
        f1=2 * hits / (said + support) if said + support else 0.0,
        support=support,
    )


def _section(scores: SlotScores, rows: int) -> Section:
    whole = scores.whole
    shown = [(ALL, scores.overall), *sorted(scores.types.items(), key=lambda item: (item[1].f1, item[0]))]
    return Section(
        title=Words("The pieces found in the texts", "从文本中找出的片段"),
        text=Words(
            f"In {whole.value:.1%} of the {rows} rows the label and every piece are right. A piece counts only where "
            "its beginning, its end and its type are.",
            f"{rows} 条中有 {whole.value:.1%} 的标签和所有片段都正确；起点、终点和类型都对才算对。",
        ),
        columns=(
            Words("slot", "槽位"),
            Words("precision", "精确率"),
            Words("recall", "召回率"),
            Words("F1", "F1"),
            Words("pieces", "片段数"),
        ),
        rows=tuple(
            (name, f"{score.precision:.1%}", f"{score.recall:.1%}", f"{score.f1:.1%}", str(score.support))
            for name, score in shown
        ),
        values={"f1": scores.f1, "whole": whole},
    )


def _spans(row: Sample) -> tuple[Span, ...] | None:
    try:
        return spans_of(row)
    except Misfit:
        return None
