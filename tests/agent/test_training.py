"""Training as an operation: what will be learned is shown first, and enough is understood in both languages."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from agent import drawing
from agent.events import Event, Say, Table
from agent.operations import status
from agent.planning import foretold
from agent.run import Run, _model_folder
from agent.training import Wanted, recipe, stop, train, under_way, wish
from finetune.job import Job, TrainStep
from finetune.orders import asked_to_stop
from finetune.recipe import Recipe
from finetune.train import LOCK
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.project import Project, read_samples
from workspace.results import TrainedModel
from workspace.words import Language, Words


@pytest.mark.parametrize(
    "text",
    ["stop and keep", "Stop it and keep the best", "please stop training and keep what we have.", "enough, keep it",
     "停止并保留", "停下来，保留现在的结果", "够了，留着吧", "到此为止，保留最好的"],
)  # fmt: skip
def test_enough_and_keep(text: str) -> None:
    assert wish(text) == "keep"


@pytest.mark.parametrize("text", ["stop", "Please stop training.", "pause", "停止训练", "暂停一下吧"])
def test_enough_for_now(text: str) -> None:
    assert wish(text) == "stop"


@pytest.mark.parametrize("text", ["when does it stop?", "keep it short", "不要停", "stop words matter", "保留"])
def test_neither(text: str) -> None:
    assert wish(text) is None


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def rows_file(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    given = [{"text": row.question, "label": row.label} for row in colours(40, None)]
    path.write_text("\n".join(json.dumps(row) for row in given))
    return path


def text(events: list[Event]) -> str:
    return " ".join(event.text for event in events if isinstance(event, Say))


def test_show_only_shows(base: Path, tmp_path: Path) -> None:
    events = list(train(tmp_path, str(rows_file(tmp_path)), Wanted(base=str(base), show=True)))
    (table,) = [event for event in events if isinstance(event, Table)]
    assert table.panel == "learned"
    assert all(str(row[1]).startswith("⟦") and str(row[1]).endswith("<|im_end|>⟧") for row in table.rows)
    assert "of which are learned" in text(events)
    assert "GB of memory" in text(events)
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(("language", "words"), [("en", "What the model reads"), ("zh", "模型读到的内容")])
def test_in_the_language_of_the_person(base: Path, tmp_path: Path, language: Language, words: str) -> None:
    data = data_file(tmp_path, colours(12, "train"))
    events = list(foretold(data, Recipe(base=str(base), learning_rate=1e-3), language))
    assert isinstance(events[0], Table)
    assert events[0].columns[0] == words


def test_an_unknown_base_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no base model called 'nonsense'"):
        list(train(tmp_path, str(rows_file(tmp_path)), Wanted(base="nonsense")))


def test_stop_and_status(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "abc123"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text("{}")
    (folder / "progress.json").write_text('{"stage": "Training", "done": 30, "total": 100}')
    assert "the best so far becomes the model" in text(list(stop(tmp_path, "abc", keep=True)))
    asked = asked_to_stop(folder)
    assert asked is not None
    assert asked.keep
    with FileLock(folder / LOCK):
        (running,) = [event for event in status(tmp_path, None) if isinstance(event, Table)]
    assert running.rows == (("abc123", "", "running", "", "train", "Training 30/100", "asked to stop"),)
    (killed,) = [event for event in status(tmp_path, None) if isinstance(event, Table)]
    assert killed.rows[0][2] == "interrupted"


def test_what_still_trains_is_stopped_before_what_is_finished(tmp_path: Path) -> None:
    for name in ("abc1", "abc2"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "job.json").write_text("{}")
    (tmp_path / "models" / "abc1" / "model.json").write_text("{}")
    list(stop(tmp_path, "abc", keep=False))
    assert asked_to_stop(tmp_path / "models" / "abc2") is not None


def test_a_folder_of_something_else_is_not_written_into(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing is being trained"):
        list(stop(tmp_path / "home", str(tmp_path), keep=True))
    assert not (tmp_path / "stop.json").exists()


def test_more_gpus_than_there_are_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="You want 900 GPUs"):
        list(train(tmp_path, str(rows_file(tmp_path)), Wanted(processes=900)))


def test_a_base_is_found_again_from_another_place(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base.parent)
    rows = data_file(tmp_path, colours(12, "train"))
    assert recipe(tmp_path, Wanted(base=f"./{base.name}"), rows, 12).base == str(base.resolve())
    assert recipe(tmp_path, Wanted(base="smollm2-135m"), rows, 12).base == "smollm2-135m"


def test_what_was_told_of_the_rows_is_not_told_again(tmp_path: Path) -> None:
    known = Words("Few rows.", "数据很少。")

    def steps() -> Generator[TrainStep, None, TrainedModel]:
        yield TrainStep(1, 1, 1.0, None, 1.0, 0.0, note=Words("Few rows. Memory ran short.", "数据很少。内存不足。"))
        return None  # type: ignore[return-value]

    assert text(list(drawing.training(steps(), tmp_path, "en", known))) == "Memory ran short."
    assert text(list(drawing.training(steps(), tmp_path, "zh", known))) == "内存不足。"
    assert text(list(drawing.training(steps(), tmp_path, "en"))) == "Few rows. Memory ran short."


def test_nothing_to_stop_is_said(tmp_path: Path) -> None:
    (tmp_path / "models" / "done").mkdir(parents=True)
    (tmp_path / "models" / "done" / "model.json").write_text("{}")
    with pytest.raises(UserError, match="Nothing is being trained"):
        list(stop(tmp_path, "done", keep=False))


def test_the_five_choices_are_told_and_obeyed(base: Path, tmp_path: Path) -> None:
    chosen = Wanted(base=str(base), show=True, epochs=2, learning_rate="probe", replay=0.2)
    said = text(list(train(tmp_path, str(rows_file(tmp_path)), chosen)))
    assert "each row is learned about 2." in said
    assert "half and twice of it are tried first" in said
    assert "20% general rows" in said


def test_a_second_file_doubles_what_is_learned(base: Path, tmp_path: Path) -> None:
    second = tmp_path / "instructions.jsonl"
    second.write_text('{"instruction": "Say hello", "output": "Hello!"}\n', encoding="utf-8")
    rows = data_file(tmp_path, colours(64, "train"))
    plain = Wanted(base=str(base), epochs=4)
    alone, mixed = recipe(tmp_path, plain, rows, 64), recipe(tmp_path, replace(plain, mix=second), rows, 64)
    assert mixed.mix is not None
    assert [row.answer for row in read_samples(mixed.mix.rows)] == ["Hello!"]
    assert mixed.steps == 2 * alone.steps


def test_an_absent_second_file_is_said(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        list(train(tmp_path, str(rows_file(tmp_path)), Wanted(base=str(base), show=True, mix=tmp_path / "none.jsonl")))


def test_another_version_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    """A person who took a row out while training stood still isn't sent away; and what is under way is the newest."""
    current = Run(Project(tmp_path, "p"), "abc123")
    models = current.project.place("models", "abc123").parent
    assert _model_folder(current, "b" * 64) == models / "abc123"
    for name, version, age in (("abc123", "a" * 64, 0), ("abc123-bbbbbbbb", "b" * 64, 100)):
        begun = Job(data=Path("rows.jsonl"), data_hash="", version=version, recipe=Recipe(base="b", learning_rate=1e-3))
        (models / name).mkdir(parents=True)
        (models / name / "job.json").write_text(begun.model_dump_json())
        os.utime(models / name / "job.json", (1e9 - age, 1e9 - age))
    assert _model_folder(current, "b" * 64) == models / "abc123-bbbbbbbb"
    assert _model_folder(current, "a" * 64) == models / "abc123"
    assert under_way(current) == models / "abc123"
