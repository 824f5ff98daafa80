"""The test rows with what each system answered, kept beside the report card for whoever wants to read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from finetune.judging.exam import Exam, Sheet
from finetune.judging.scores import scored
from workspace.project import writing
from workspace.results import Answered, System
from workspace.stated import Metric

ANSWERS = "answers.jsonl"


def write_answers(exam: Exam, sheets: Mapping[System, Sheet], metric: Metric, out: Path) -> None:
    """A line a row, in the order of the test rows, scored by `metric`."""
    wanted = exam.wanted
    given = {system: [sheet.answers[row] for row in range(len(wanted))] for system, sheet in sheets.items()}
    scores = {system: scored(metric, wanted, answers) for system, answers in given.items()}
    with writing(out / ANSWERS) as file:
        for row, (asked, right) in enumerate(zip(exam.test, wanted, strict=True)):
            line = Answered(
                row=row,
                question=asked.question,
                wanted=right,
                given={system: answers[row] for system, answers in given.items()},
                scores={system: round(values[row], 4) for system, values in scores.items()},
            )
            file.write(orjson.dumps(line.model_dump()) + b"\n")
