"""Training sees no test row, a changed test set is noticed, and a moved project still finds its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from finetune.held_back import asked, parted
from finetune.job import ROWS, Job, begin, job_in, new_job, trained_on
from finetune.recipe import Recipe
from tests.finetune.tiny import colours, data_file
from workspace.errors import UserError
from workspace.project import read_samples, write_samples
from workspace.results import TrainedModel
from workspace.sample import Origin, sample

MODEL = TrainedModel(
    name="m", base="b", method="lora", version="v1", folder="m", steps=1, seconds=1, tokens_per_second=1, best_step=1,
    loss=(), validation_loss=(),
)  # fmt: skip


def begun(folder: Path) -> Path:
    """A project with a version and a finished model; the model's folder."""
    model = folder / "models" / "m"
    data = data_file(folder / "versions", colours(12, "train"), colours(4, "validation"), colours(20, "test")[12:])
    begin(job(data, model), model, parted(data).learned)
    (model / "model.json").write_text(MODEL.model_dump_json())
    return model


def job(data: Path, model: Path) -> Job:
    return new_job(data, model, Recipe(base="b", learning_rate=1e-3), "v1", parted(data))


def test_what_training_is_given_holds_no_test_row(tmp_path: Path) -> None:
    model = begun(tmp_path)
    rows = list(read_samples(job_in(model).data))
    assert job_in(model).data == model / ROWS
    assert [row.split for row in rows] == ["train"] * 12 + ["validation"] * 4
    assert job_in(model).held.rows == 8


def test_a_row_that_asks_what_a_test_row_asks_is_not_learned_from(tmp_path: Path) -> None:
    """Case, width and white space make no other question."""
    twin = sample("RED  is what I want，１２".replace("，", ","), "red", Origin(source="t"), label="red")
    held = sample("red is what i want,12", "red", Origin(source="t"), label="red").model_copy(update={"split": "test"})
    assert asked(twin) == asked(held)
    found = parted(data_file(tmp_path, [twin, *colours(3, "train"), held]))
    assert (len(found.learned), len(found.test), found.twins) == (3, 1, 1)


def test_a_moved_project_finds_its_rows(tmp_path: Path) -> None:
    begun(tmp_path / "here")
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert trained_on(tmp_path / "there/models/m") == (tmp_path / "there/versions/data.jsonl").resolve()


def test_changed_or_missing_test_rows_are_noticed(tmp_path: Path) -> None:
    model = begun(tmp_path)
    data = trained_on(model)
    rows = list(read_samples(data))
    write_samples(data, rows[:-1])
    with pytest.raises(UserError, match="not those that were held back"):
        trained_on(model)
    data.unlink()
    with pytest.raises(UserError, match="is gone"):
        trained_on(model)


def test_other_test_rows_are_another_job(tmp_path: Path) -> None:
    model = begun(tmp_path)
    data = data_file(tmp_path / "other", colours(12, "train"), colours(30, "test")[20:])
    with pytest.raises(UserError, match="other data or another recipe"):
        begin(job(data, model), model, parted(data).learned)
