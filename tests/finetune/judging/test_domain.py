"""Distances as the textbook has them, a threshold that holds, and numbers that belong to one model's weights."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from numpy.typing import NDArray

from finetune.job import job_in
from finetune.judging import domain as domain_file
from finetune.judging.contestants import Contest
from finetune.judging.detection import auroc
from finetune.judging.domain import CARD, distances, fit, fitted, load
from finetune.judging.exam import exam
from finetune.judging.outside import elsewhere, learned, outside
from finetune.judging.reading import reading_with
from finetune.methods import opened
from finetune.recipe import Recipe
from finetune.rows import prompt_tokens
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.sample import Message


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    folder = tmp_path_factory.mktemp("domain")
    base = tiny_base(folder / "base")
    splits = [split for _ in range(10) for split in ("train", "train", "validation", "test") for _ in range(3)]
    rows = [row.model_copy(update={"split": split}) for row, split in zip(colours(120, None), splits, strict=True)]
    data = data_file(folder, rows)
    recipe = Recipe(base=str(base), learning_rate=1e-2, batch=8, steps=4, check_every=4, dropout=0)
    ended(train(data, folder / "model", recipe, "v1"))
    return Contest(exam(data, folder / "model"), str(base), folder / "model")


def cloud(rng: numpy.random.Generator, centre: list[float], rows: int) -> NDArray[Any]:
    """Three times as wide in the first direction."""
    return rng.normal(size=(rows, 2)) * [3, 1] + centre


def test_distance_is_mahalanobis_with_shrinkage() -> None:
    from sklearn.covariance import LedoitWolf

    rng = numpy.random.default_rng(1)
    states = numpy.concatenate([cloud(rng, [0, 0], 40), cloud(rng, [20, 5], 40)])
    labels = ["a"] * 40 + ["b"] * 40
    centres, whitening = fitted(states, labels)
    centred = states - numpy.repeat(centres, 40, axis=0)
    reference = LedoitWolf(assume_centered=True).fit(centred)
    assert distances(states[:40], centres[:1], whitening) == pytest.approx(list(reference.mahalanobis(centred[:40])))
    assert distances(states, centres, whitening)[:40] == pytest.approx(
        list(numpy.minimum(reference.mahalanobis(states - centres[0]), reference.mahalanobis(states - centres[1]))[:40])
    )


def test_far_in_the_narrow_direction_is_farther_than_in_the_wide_one() -> None:
    rng = numpy.random.default_rng(2)
    centres, whitening = fitted(cloud(rng, [0, 0], 300), [""] * 300)
    wide, narrow = distances(numpy.array([[5.0, 0.0], [0.0, 5.0]]), centres, whitening)
    assert narrow > 4 * wide
    own, foreign = cloud(rng, [0, 0], 50), cloud(rng, [0, 30], 50)
    assert auroc(distances(own, centres, whitening), distances(foreign, centres, whitening)).value == 1.0


def test_reading_is_the_state_before_the_answer_whatever_stands_beside_it(contest: Contest) -> None:
    import torch

    model = opened(contest.folder, "float32", "cpu")  # type: ignore[arg-type]
    reading = reading_with(model, contest.tokenizer)
    asking = [(Message(role="user", content=text),) for text in ("red is what I want", "a", "蓝色" * 30)]
    together = reading(asking)
    for turns, state in zip(asking, together, strict=True):
        assert state == pytest.approx(reading([turns])[0], abs=1e-3)
    ids = torch.tensor([prompt_tokens(asking[0], contest.tokenizer)])
    with torch.inference_mode():
        expected = model.model(input_ids=ids).last_hidden_state[0, -1]
    assert together[0] == pytest.approx(expected.numpy(), abs=1e-3)


def test_fitted_kept_and_loaded(contest: Contest, tmp_path: Path) -> None:
    folder = shutil.copytree(contest.folder, tmp_path / "model")  # type: ignore[arg-type]
    assert load(folder) is None
    domain = fit(folder, learned(contest))
    assert (domain.card.rows, domain.card.held_out) == (60, 30)
    again = load(folder)
    assert again is not None
    texts = ["blue is what I want, 3", "写一首诗"]
    assert again.score(texts) == pytest.approx(domain.score(texts), rel=1e-4)
    own = domain.score([row.question for row in contest.exam.test])
    assert sum(score > domain.card.threshold for score in own) <= 6
    assert [score > domain.card.threshold for score in domain.score(texts)] == [False, True]
    (folder / "adapter_model.safetensors").write_bytes(b"other weights")
    assert load(folder) is None
    (folder / CARD).write_text("{")
    assert load(folder) is None


def test_without_validation_rows_some_of_the_others_set_the_threshold(contest: Contest, tmp_path: Path) -> None:
    folder = shutil.copytree(contest.folder, tmp_path / "model")  # type: ignore[arg-type]
    domain = fit(folder, contest.exam.train)
    assert (domain.card.rows, domain.card.held_out) == (54, 6)
    with pytest.raises(UserError, match="too few"):
        fit(folder, contest.exam.train[:5])


def test_said_on_the_report_card(contest: Contest, tmp_path: Path) -> None:
    steps, found = ended(outside(contest, tmp_path))
    assert steps[-1].done == steps[-1].total
    assert {"out_of_domain_auroc", "out_of_domain_recognised", "out_of_domain_false_alarms"} == set(found.values)
    assert found.values["out_of_domain_auroc"].value > 0.9
    assert "I am not sure" in found.text.en
    assert "不在我的范围内" in found.text.zh
    assert len(found.rows) == 2
    assert load(contest.folder) is not None  # type: ignore[arg-type]


def test_messages_from_elsewhere_are_in_both_languages() -> None:
    every = elsewhere()
    assert [sum(one.language == language for one in every) for language in ("en", "zh")] == [24, 24]
    assert len({one.text for one in every}) == 48


def test_too_few_rows_are_said_on_the_card(contest: Contest, tmp_path: Path) -> None:
    folder = shutil.copytree(contest.folder, tmp_path / "model")  # type: ignore[arg-type]
    shutil.rmtree(folder / "domain", ignore_errors=True)
    job_in(folder).data.unlink()
    few = Contest(replace(contest.exam, train=contest.exam.train[:3]), contest.base, folder)
    _, found = ended(outside(few, tmp_path))
    assert "too few" in found.text.en
    assert "不足以" in found.text.zh
    assert found.values == {}


def test_of_many_rows_sorted_by_label_every_label_is_read(
    contest: Contest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(contest.folder, tmp_path / "model")  # type: ignore[arg-type]
    monkeypatch.setattr(domain_file, "MOST", 20)
    found = fit(folder, sorted(learned(contest), key=lambda row: str(row.label)))
    assert (found.card.rows, found.card.held_out, len(found.centres)) == (20, 20, 3)
