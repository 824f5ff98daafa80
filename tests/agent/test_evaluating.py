"""A model judged from the command's side: rows of a file, documents to look things up in, and what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.evaluating import Given, evaluate
from agent.events import Done, Event, Progress, Say, Table
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.results import ReportCard


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
