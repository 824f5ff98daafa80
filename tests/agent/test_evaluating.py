"""A model judged from the command's side: rows of a file, documents to look things up in, and what is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.evaluating import Given, evaluate
from agent.events import Done, Event, Progress, Say, Table
from agent.run import accept
from agent.shipping import _report
from finetune.recipe import Recipe
from finetune.shipping.release import belongs
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.project import Project
from workspace.results import ReportCard, TrainedModel
from workspace.spec import Spec


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    base = tiny_base(folder / "base")
    data = data_file(folder, colours(30, "train"), colours(6, "validation"))
    ended(train(data, folder / "model", Recipe(base=str(base), learning_rate=1e-2, batch=8, steps=4), "v1"))
    return folder / "model"


def test_a_file_with_documents_and_a_curve(home: Path, model: Path, tmp_path: Path) -> None:
    data, documents = tmp_path / "rows.csv", tmp_path / "documents"
    data.write_text("text,label\n" + "".join(f"{colour} please,{colour}\n" for colour in ("red", "blue")))
    documents.mkdir()
    (documents / "colours.md").write_text("Red is the colour of fire. Blue is the colour of the sea.\n")
    given = Given(str(model), data, documents, curve=True, out=tmp_path / "out")
    events: list[Event] = list(evaluate(home, given, "en"))
    done = events[-1]
    assert isinstance(done, Done)
    card = ReportCard.model_validate(json.loads(Path(done.report or "").read_text()))
    assert list(card.systems) == ["base", "prompted", "retrieval", "classic", "tuned"]
    beside = ["robustness", "injection", "long", "outside", "general"]
    assert list(card.sections) == ["curve", "tuned_curve", *beside, "training"]
    assert card.rows == 2
    said = "\n".join(event.text for event in events if isinstance(event, Say))
    assert "What to do next" in said
    assert "Would more rows help?" in said
    table = next(event for event in events if isinstance(event, Table) and event.panel == "report")
    assert table.columns[1] == "share of right answers"
    assert any("Training on 25% of the rows" in event.stage for event in events if isinstance(event, Progress))
    list(evaluate(home, replace(given, quick=True), "en"))
    quick = ReportCard.model_validate(json.loads(Path(done.report or "").read_text()))
    assert list(quick.sections) == ["curve", "tuned_curve", "training"]


def test_a_run_is_judged_by_the_goals_of_its_specification(home: Path, model: Path, tmp_path: Path) -> None:
    given = {
        "goal": "sort colours",
        "task": "classification",
        "labels": [{"name": name} for name in ("red", "green", "blue")],
        "languages": ["en"],
        "metric": "macro_f1",
        "threshold": 0.9,
        "goals": {"memory_mb": 1e6},
    }
    spec = Spec.model_validate(given)
    run = accept(Project(home, "p"), spec)
    rows = data_file(tmp_path, colours(6, "test"))
    folder = run.project.place("models", run.id, "job.json").parent
    shutil.copytree(model, folder, dirs_exist_ok=True)
    job = json.loads((folder / "job.json").read_text())
    (folder / "job.json").write_text(json.dumps({**job, "source": str(rows), "held": {}}))
    finished = TrainedModel.model_validate_json((folder / "model.json").read_bytes())
    kept = finished.model_copy(update={"folder": f"models/{run.id}"})
    (run.folder / "model.json").write_text(kept.model_dump_json())
    for name in (run.id, str(folder)):
        list(evaluate(home, Given(name, quick=True), "en"))
        card = ReportCard.model_validate_json((folder / "report" / "report.json").read_bytes())
        assert [(t.metric, t.goal) for t in card.thresholds] == [("macro_f1", 0.9), ("memory_mb", 1e6)]
        assert next(iter(card.systems["tuned"].metrics)) == "macro_f1"
        assert belongs(card, folder)
        assert _report(home, folder) == folder / "report" / "report.json"
    (run.folder / "report").mkdir()
    (run.folder / "report" / "report.json").write_text(card.model_dump_json())
    assert _report(home, folder) == run.folder / "report" / "report.json"
