"""Two answers side by side: whose is whose stays hidden until a person has chosen, and the choice is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import trying
from agent.events import Event, Progress, Table
from agent.trying import OPEN, WRITING, Trials, try_out
from finetune.shipping import in_torch, serving
from finetune.shipping.serving import close_all
from tests.finetune.shipping.tuned import free_rows, tiny_tuned
from workspace.errors import UserError
from workspace.project import Project


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(in_torch, "device_and_precision", lambda: ("cpu", "float32"))
    monkeypatch.setattr(serving, "ENOUGH_TOKENS", 8)  # a random model never comes to an end
    yield tiny_tuned(tmp_path, free_rows())
    close_all()


def tables(events: Iterator[Event]) -> list[Table]:
    return [event for event in events if isinstance(event, Table)]


def test_both_answer_the_same_message(home: Path, folder: Path) -> None:
    events = list(try_out(home, str(folder), "hello", "zh"))
    assert [event.done for event in events if isinstance(event, Progress)] == [0, 1, 2]
    (table,) = tables(iter(events))
    assert table.columns == ("消息", "基础模型", "微调后")
    text, base, tuned = table.rows[0]
    assert text == "hello"
    assert base != tuned
    with pytest.raises(UserError, match="no run"):
        list(try_out(home, "nobody", "hello"))


def test_an_answer_is_drawn_while_it_is_written_and_hides_its_name(home: Path, folder: Path) -> None:
    drawn = tables(Trials(Project(home, "p")).ask(folder, "hello", "en"))
    assert [table.rows[0][-1] for table in drawn] == [WRITING] * (len(drawn) - 1) + [OPEN]
    assert drawn[0].rows[0][1:3] == ("", "")
    assert drawn[1].rows[0][2] == ""
    assert {cell for table in drawn for cell in table.rows[0][3:5]} == {""}


def test_a_choice_is_a_decision_and_tells_whose_was_whose(home: Path, folder: Path) -> None:
    project = Project(home, "p")
    trials = Trials(project)
    (plain,) = tables(try_out(home, str(folder), "m0"))
    known = {plain.rows[0][1]: "base model", plain.rows[0][2]: "tuned"}
    wanted = {"base": 0, "tuned": 0}
    lefts = set()
    for number in range(6):
        list(trials.ask(folder, "m0" if number == 0 else f"m{number}", "en"))
        (table,) = tables(trials.choose("left", "en"))
        _, left, _, name, other, verdict = table.rows[0]
        assert {name, other} == {"base model", "tuned"}
        if number == 0:
            assert known[left] == name
        assert verdict == ("the tuned model was better" if name == "tuned" else "the base model was better")
        wanted["tuned" if name == "tuned" else "base"] += 1
        lefts.add(name)
    assert len(lefts) == 2  # the order changes
    (table,) = tables(trials.choose("right", "en"))  # nothing is open: nothing changes
    assert f"tuned better {wanted['tuned']}, base better {wanted['base']}, no difference 0" in table.title
    decided = [line.detail for line in project.journal.audited() if line.what == "decision"]
    assert len(decided) == 6
    assert project.journal.broken_link() is None


def test_to_be_shown_is_no_decision_and_no_difference_is_one(home: Path, folder: Path) -> None:
    project = Project(home, "p")
    trials = Trials(project)
    for side, verdict, decisions in (("shown", "not compared", 0), ("same", "no difference", 1)):
        list(trials.ask(folder, "hello", "en"))
        (table,) = tables(trials.choose(side, "en"))  # type: ignore[arg-type]
        assert table.rows[0][-1] == verdict
        assert sum(line.what == "decision" for line in project.journal.audited()) == decisions


def test_what_cannot_be_answered_leaves_no_trial(home: Path, folder: Path) -> None:
    trials = Trials(Project(home, "p"))
    with pytest.raises(UserError, match="too long"):
        list(trials.ask(folder, "x" * 600, "en"))
    assert trials.table("en").rows == ()


def test_votes_of_another_day_count_on(home: Path, folder: Path) -> None:
    for _ in range(2):
        trials = Trials(Project(home, "p"))
        list(trials.ask(folder, "never chosen", "en"))
        list(trials.choose("shown", "en"))
        list(trials.ask(folder, "the same", "en"))
        (table,) = tables(trials.choose("same", "en"))
    assert table.title.endswith("no difference 2")


def test_votes_on_another_model_of_the_same_data_are_not_added_up(home: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    other = tiny_tuned(tmp_path / "second", free_rows(), method="full")
    trials, titles = Trials(Project(home, "p")), []
    for model in (folder, other):
        list(trials.ask(model, "hello", "en"))
        titles += [table.title for table in tables(trials.choose("same", "en"))]
    assert [title[-1] for title in titles] == ["1", "1"]


def test_what_breaks_or_is_left_while_it_is_written_leaves_no_trial(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = Trials(Project(home, "p"))
    left = trials.ask(folder, "hello", "en")
    next(left), next(left)
    left.close()  # type: ignore[attr-defined]
    assert trials.table("en").rows == ()
    monkeypatch.setattr(trying, "_keep", lambda project, trial: 1 / 0)
    drawn = []
    with pytest.raises(UserError, match="ZeroDivisionError"):
        drawn.extend(trials.ask(folder, "hello", "en"))
    assert trials.table("en").rows == ()
