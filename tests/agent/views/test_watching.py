"""A training is seen whole from disk, whoever comes when; what ends it is bound to where it stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from agent.events import Ask
from agent.run import Run
from agent.views.watching import TOO_LATE, do, learned, watched
from finetune.orders import asked_to_stop
from finetune.train import LOCK, LOG
from tests.agent.trained import RECIPE, finished, run_in, training
from workspace.errors import UserError
from workspace.members import give

AGAIN = Ask(field="approve", text="Shall I try again?", choices=("Try again", "Change something"))


@pytest.fixture
def run(home: Path) -> Run:
    return run_in(home)


@pytest.fixture
def running(run: Run) -> Iterator[Path]:
    """Another process has the lock, as a training has for as long as it lives."""
    folder = training(run, 35)
    with FileLock(folder / LOCK):
        yield folder


def test_before_anything_was_begun_there_is_nothing(run: Run) -> None:
    assert watched(run, "en") is None
    assert learned(run, "en") is None


def test_under_way_everything_is_there(run: Run, running: Path) -> None:
    seen = watched(run, "en")
    assert seen is not None
    assert (seen.state, seen.done, seen.total, seen.possible) == ("running", 35, RECIPE.steps, ("keep", "stop"))
    assert [line.name for line in seen.curve.lines] == ["training rows", "rows it doesn't train on"]
    assert [x for x, _ in seen.curve.lines[0].points] == [float(n) for n in range(1, 36)]
    assert seen.curve.best == (30.0, pytest.approx(0.2 + 2.3 * 2.718281828 ** (-30 / 14)))
    assert seen.curve.best_words == "best: step 30"
    assert dict(seen.figures)["Time left"] == "about 2 min"
    assert dict(seen.figures)["Device"] == "CPU"
    assert [(one.time, one.memory) for one in seen.accounts] == [
        ("about 4 min", "3.1 GB"),
        ("about 4 min", "2.8 GB"),
        ("about 4 min", "2.8 GB"),
    ]


def test_what_is_learned_is_still_shown_after_it_began(run: Run, running: Path) -> None:
    table = learned(run, "zh")
    assert table is not None
    assert table.title == "将要学习的内容：40 条中的 3 条示例"
    assert table.rows[0][1] == "⟦red<|im_end|>⟧"


def test_a_killed_process_is_called_interrupted_and_can_go_on(run: Run) -> None:
    training(run, 35)
    seen = watched(run, "en")
    assert seen is not None
    assert (seen.state, seen.possible) == ("interrupted", ("on", "keep"))
    assert "ended while it trained" in seen.told
    assert "go on from its last checkpoint" in seen.told
    assert "Time left" not in dict(seen.figures)


def test_the_reason_that_was_put_down_is_told(run: Run) -> None:
    training(run, 35)
    run.project.journal.mark(run.id, "failed", "The training process was killed; often that means memory ran out.")
    seen = watched(run, "en")
    assert seen is not None
    assert seen.told.startswith("The training process was killed; often that means memory ran out.")


def test_a_process_that_loads_its_model_is_not_called_dead(run: Run) -> None:
    folder = training(run, 0)
    (folder / LOG).write_bytes(b"")
    assert (seen := watched(run, "en")) is not None
    assert (seen.state, seen.possible) == ("starting", ())
    os.utime(folder / LOG, (1e9, 1e9))
    assert (seen := watched(run, "en")) is not None
    assert (seen.state, seen.possible) == ("interrupted", ("on",))  # nothing to keep yet


def test_stopped_on_request_is_no_accident(run: Run, running: Path) -> None:
    assert do(run, "stop", "", (), "en") == ""
    assert (seen := watched(run, "en")) is not None
    assert (seen.state, seen.possible) == ("stopping", ())
    with pytest.raises(UserError, match="not possible any more"):
        do(run, "keep", "", (), "en")


def test_once_it_has_ended_it_can_go_on_or_be_kept(run: Run) -> None:
    folder = training(run, 35)
    with FileLock(folder / LOCK):
        do(run, "stop", "", (), "en")
    assert (seen := watched(run, "en")) is not None
    assert seen.state == "stopped"
    assert do(run, "on", "", [AGAIN], "en") == "Try again"
    assert do(run, "keep", "", [AGAIN], "en") == "Try again"
    asked = asked_to_stop(folder)
    assert asked is not None
    assert asked.keep


def test_after_a_kill_nothing_is_asked_and_any_word_goes_on(run: Run) -> None:
    training(run, 35)
    assert do(run, "on", "", [], "zh") == "继续"


def test_another_question_of_the_conversation_is_not_answered_by_a_button(run: Run) -> None:
    folder = training(run, 35)
    other = Ask(field="confirm", text="Shall I start?", choices=("Yes, go on", "Change something"))
    for wish in ("on", "keep"):
        with pytest.raises(UserError, match="waits for another answer"):
            do(run, wish, "", [other], "en")  # type: ignore[arg-type]
    assert asked_to_stop(folder) is None


def test_who_only_reviews_ends_nothing(run: Run, running: Path) -> None:
    give(run.project, "ana")
    with pytest.raises(UserError, match="Only the owner"):
        do(run, "keep", "bo", (), "en")
    assert asked_to_stop(running) is None
    do(run, "keep", "ana", (), "en")
    assert "training asked to end" in [line.what for line in run.project.journal.audited()]


def test_a_finished_one_says_which_step_it_is_and_what_it_took(run: Run) -> None:
    finished(run)
    seen = watched(run, "en")
    assert seen is not None
    assert (seen.state, seen.possible, seen.done) == ("finished", (), 90)
    assert "All 90 steps are done; the model is that of step 70" in seen.told
    assert [one.time for one in seen.accounts][-1] == "4 min"
    with pytest.raises(UserError) as refused:
        do(run, "stop", "", (), "en")
    assert refused.value is TOO_LATE


def test_one_that_ended_early_says_so(run: Run) -> None:
    finished(run, 70)
    seen = watched(run, "zh")
    assert seen is not None
    assert seen.told.startswith("训练提前结束（第 70 步，共 90 步）")
