"""The pack that tools build and finetune answers, from frozen rows to the report card, killed once on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.withstanding import cheap, thorough
from finetune.judging.contestants import Contest
from finetune.judging.domain import load
from finetune.judging.evaluate import Wanted, evaluate
from finetune.judging.exam import exam
from finetune.judging.outside import outside
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.encoders.tiny import tiny_encoder, travel
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.journal import Journal
from workspace.settings import settings


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """data.jsonl, and a model trained on it in model/."""
    base = tiny_base(tmp_path / "base")
    splits = ["train"] * 30 + ["validation"] * 12 + ["test"] * 9
    rows = [row.model_copy(update={"split": split}) for row, split in zip(colours(51, None), splits, strict=True)]
    recipe = Recipe(base=str(base), learning_rate=1e-2, batch=8, steps=4, check_every=4, dropout=0)
    ended(train(data_file(tmp_path, rows), tmp_path / "model", recipe, "v1"))
    return tmp_path


def test_from_rows_to_the_report_card(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    data, model, journal = place / "data.jsonl", place / "model", Journal(place / "journal.sqlite")
    further = thorough(data, model, journal)
    journal.close()
    assert list(further) == ["robustness", "injection", "long", "outside", "general"]
    assert list(cheap(model)) == ["outside", "general"]
    wanted = Wanted(further=further, goals={"attack_success": 0.5, "out_of_domain_auroc": 0.5})
    steps = evaluate(data, model, "accuracy", None, place / "out", wanted)
    while not (place / "out" / "section-injection.json").exists():
        next(steps)
    steps.close()
    told, card = ended(evaluate(data, model, "accuracy", None, place / "out", wanted))
    assert not any(getattr(step.what, "en", "") == "Robustness: hidden orders" for step in told)
    assert set(further) <= set(card.sections)
    assert [goal.reached is not None for goal in card.thresholds] == [True, True]
    written = json.loads((place / "out" / "report.json").read_text())
    assert written["sections"]["robustness"]["values"]["robust_noise"]["low"] >= 0
    for name, words in (("report.md", "hidden orders"), ("report.zh.md", "隐藏指令")):
        assert words in (place / "out" / name).read_text(encoding="utf-8")


def test_an_encoder_is_put_through_what_it_can_be(tmp_path: Path) -> None:
    """It has features to measure distances by, and no text that it could have forgotten to write."""
    base, data = tiny_encoder(tmp_path / "base"), data_file(tmp_path, travel(48, "train"), colours(12, "test"))
    recipe = Recipe(base=str(base), method="encoder", learning_rate=3e-3, batch=8, steps=6, check_every=3)
    ended(train(data, tmp_path / "model", recipe, "v1"))
    assert list(cheap(tmp_path / "model")) == ["outside"]
    contest = Contest(exam(data, tmp_path / "model"), str(base), tmp_path / "model")
    _, found = ended(outside(contest, tmp_path / "out"))
    assert found.values["out_of_domain_auroc"].value > 0.5
    domain = load(tmp_path / "model")
    assert domain is not None
    assert len(domain.score(["flight to paris today please", "写一首诗"])) == 2
