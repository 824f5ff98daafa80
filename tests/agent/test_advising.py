"""Before the yes to training: the base is asked what it can do, and the question says what came of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent import advising, evaluating
from agent.events import Ask, Progress, Say
from agent.run import Run, accept, training_plan
from tests.finetune.tiny import LABELS, colours, tiny_base
from tools.versions import freeze
from workspace.project import Project, write_text
from workspace.results import Report, Stage, Tally
from workspace.spec import Spec
from workspace.stated import Label, Stated


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """A released version of 36 rows whose base is a tiny one; 12 of the 48 that were made were rejected."""
    values = {
        "goal": "Sort colours.",
        "task": "classification",
        "labels": tuple(Label(name=name) for name in LABELS),
        "languages": ("en",),
        "base": str(tiny_base(tmp_path / "base")),
        "threshold": 0.01,
    }
    spec = Spec()
    for name, value in values.items():
        spec = spec.with_value(name, Stated(value=value, source="suggested"))
    project = Project(home, "colours")
    current = accept(project, spec.filled())
    learned = [row.model_copy(update={"id": f"watch{n}"}) for n, row in enumerate(colours(6, "validation"))]
    rows = [*colours(30, "train"), *learned]
    tally = Tally(requested=48, accepted=36, rejected={"duplicates": 10, "form": 2})
    report = Report(stages=(Stage(name="generate", tally=tally),), seconds=1.0)
    write_text(current.folder / "build.json", report.model_dump_json())
    version = freeze(project, current.spec, rows, report)
    write_text(current.folder / "version.json", version.model_dump_json())
    return current


def test_the_question_says_what_the_base_can_do(run: Run) -> None:
    assert advising.question(run, "en") == []
    events = list(advising.advise(run, "en"))
    assert any(isinstance(event, Progress) and "good prompt" in event.stage for event in events)
    advice = advising.of_run(run)
    assert advice is not None
    assert advice.rows == 6
    # One of six right is more than the goal of 1%; none at all is what a random model may come to.
    expected = "prompt" if advice.systems["prompted"].value >= 0.01 else "train"
    assert advice.verdict == expected
    plan = training_plan(run, ("yes",), "zh")
    first, last = plan[0], plan[-1]
    assert isinstance(first, Say)
    assert advice.words.zh in first.text
    assert ("先不要训练" in first.text) == (expected == "prompt")
    assert isinstance(last, Ask)
    again = [event for event in advising.advise(run, "en") if isinstance(event, Progress)]
    assert again == []


def test_a_base_that_is_not_here_is_not_fetched_for_it(run: Run) -> None:
    shutil.rmtree(Path(run.spec.base.value if run.spec.base else ""))
    assert list(advising.advise(run, "en")) == []
    assert advising.of_run(run) is None


def test_the_check_that_took_most_rows_is_named(run: Run) -> None:
    steps = evaluating._dropped(run)
    assert steps is not None
    assert "took out 10 of 48 rows (21%)" in steps.en
    assert "tunesmith" not in steps.en + steps.zh
    assert steps.en.startswith("“a copy of another row” took out")
