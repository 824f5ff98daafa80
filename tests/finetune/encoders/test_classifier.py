"""A classifier learns labels and slots together in two languages, goes on after a kill, and is judged like others."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy
import pytest

from finetune.base import load_model
from finetune.encoders.classifier import opened
from finetune.encoders.slots import scored
from finetune.judging.evaluate import evaluate
from finetune.prospect import prospect
from finetune.recipe import Recipe
from finetune.train import TrainStep, train
from tests.finetune.encoders.tiny import Kind, tiny_encoder, travel
from tests.finetune.test_train import child_of
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.results import TrainedModel
from workspace.spans import Span


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoder(tmp_path_factory.mktemp("base"))


def recipe(base: Path, **dials: object) -> Recipe:
    usual = {"learning_rate": 3e-3, "batch": 8, "steps": 60, "check_every": 10, "patience": 6, "dropout": 0.1}
    return Recipe.model_validate({"base": str(base), "method": "encoder", **usual, **dials})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [travel(n, split, language) for language in ("en", "zh") for n, split in ((24, "train"), (6, "validation"))]
    return data_file(tmp_path_factory.mktemp("data"), *rows)


@pytest.fixture(scope="module")
def unbroken(base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[TrainStep], TrainedModel]:
    return ended(train(data, tmp_path_factory.mktemp("unbroken") / "m", recipe(base), "v1"))


def test_learns_label_and_slots_in_both_languages(unbroken: tuple[list[TrainStep], TrainedModel]) -> None:
    steps, model = unbroken
    assert steps[-1].loss < steps[0].loss / 4
    assert model.method == "encoder"
    found = opened(Path(model.folder)).classify(
        ["flight to new york today please", "weather to paris next monday please", "帮我查天气，去东京，今天的"]
    )
    assert found.labels == ("flight", "weather", "天气")
    assert found.slots[0] == (Span(10, 18, "city"), Span(19, 24, "date"))
    assert found.slots[2] == (Span(7, 9, "city"), Span(10, 12, "date"))


def test_probabilities_and_features_for_whoever_looks_for_strangers(
    unbroken: tuple[list[TrainStep], TrainedModel],
) -> None:
    answers = opened(Path(unbroken[1].folder)).classify(["flight to tokyo today", "天气"])
    labels, chances, features = answers.labels, answers.probabilities, answers.features
    assert labels[0] == "flight"
    assert chances.shape == (2, 4)
    assert numpy.allclose(chances.sum(1), 1, atol=1e-5)
    assert features.shape == (2, 32)
    assert not {p.suffix for p in Path(unbroken[1].folder).iterdir()} & {".pt", ".bin", ".pkl"}


def test_goes_on_after_kill_with_the_same_curve(
    unbroken: tuple[list[TrainStep], TrainedModel], base: Path, data: Path, tmp_path: Path
) -> None:
    work = train(data, tmp_path / "m", recipe(base), "v1")
    while next(work).step < 12:
        pass
    os.kill(child_of(tmp_path / "m"), signal.SIGKILL)
    with pytest.raises(UserError, match="killed"):
        ended(work)
    rest, model = ended(train(data, tmp_path / "m", recipe(base), "v1"))
    assert rest[0].step % 10 == 1
    assert rest[0].step > 1
    assert [loss for _, loss in model.loss] == pytest.approx([loss for _, loss in unbroken[1].loss], abs=1e-4)
    assert model.best_step == unbroken[1].best_step


def test_sits_the_exam(base: Path, tmp_path: Path) -> None:
    """No row of the test asks the same as a row to learn from, or it would be kept from the lesson."""
    rows = [*travel(24, "train"), *travel(6, "validation")]
    test = [
        row.model_copy(
            update={"messages": (row.messages[0].model_copy(update={"content": row.question + "."}), row.messages[1])}
        )
        for row in travel(12, "test")
    ]
    path = data_file(tmp_path, rows, test)
    ended(train(path, tmp_path / "m", recipe(base), "v1"))
    _, card = ended(evaluate(path, tmp_path / "m", "accuracy", 0.9, tmp_path / "out"))
    assert list(card.systems) == ["base", "classic", "tuned"]
    assert card.systems["tuned"].metrics["accuracy"].value == 1
    assert card.sections["slots"].values["f1"].value > 0.9
    assert "city" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["roberta", "deberta-v2", "xlm-roberta"])
def test_other_kinds_of_encoder_open_as_they_were_kept(kind: Kind, tmp_path: Path) -> None:
    from finetune.encoders.classifier import untrained
    from finetune.encoders.reading import Kinds

    made = untrained(str(tiny_encoder(tmp_path / "base", kind)), Kinds(("a", "b"), ("city",)), "cpu", 7)
    made.model.eval()
    (tmp_path / "kept").mkdir()
    made.keep(tmp_path / "kept")
    texts = ["flight to paris today", "weather"]
    before, after = made.classify(texts), opened(tmp_path / "kept").classify(texts)
    assert numpy.allclose(before.probabilities, after.probabilities, atol=1e-6)
    assert numpy.allclose(before.features, after.features, atol=1e-5)


def test_order_and_padding_change_nothing(unbroken: tuple[list[TrainStep], TrainedModel]) -> None:
    model = opened(Path(unbroken[1].folder))
    texts = ["flight to paris today please and then weather", "weather", "天气，今天"]
    together = model.classify(texts)
    for i, text in enumerate(texts):
        alone = model.classify([text])
        assert alone.labels[0] == together.labels[i]
        assert numpy.allclose(alone.probabilities[0], together.probabilities[i], atol=1e-4)


def test_slots_count_only_whole_pieces() -> None:
    city, day, short = Span(0, 4, "city"), Span(5, 8, "day"), Span(0, 3, "city")
    found = scored([(city, day), (city,), ()], [(city,), (short,), ()], [True, True, True])
    assert (found.overall.precision, found.overall.recall, found.overall.support) == (0.5, 1 / 3, 3)
    assert found.types["day"].recall == 0
    assert found.whole.value == pytest.approx(1 / 3)
    assert found.f1.low <= found.overall.f1 <= found.f1.high


class TestRefused:
    def test_rows_without_labels(self, base: Path, tmp_path: Path) -> None:
        rows = travel(12, "train")
        rows[3] = rows[3].model_copy(update={"label": None})
        self.refused(data_file(tmp_path, rows), base, "1 of 12 rows have no label")

    def test_one_class(self, base: Path, tmp_path: Path) -> None:
        rows = [row.model_copy(update={"label": "flight"}) for row in travel(12, "train")]
        self.refused(data_file(tmp_path, rows), base, "nothing to tell apart")

    def test_slots_outside_their_text(self, base: Path, tmp_path: Path) -> None:
        rows = travel(12, "train")
        rows[0] = rows[0].model_copy(update={"fields": {"slots": '[{"start":1,"end":900,"label":"city"}]'}})
        self.refused(data_file(tmp_path, rows), base, "1 rows don't fit .* outside a text")

    def test_a_language_the_base_does_not_know(self, base: Path, tmp_path: Path) -> None:
        rows = [
            row.model_copy(
                update={
                    "messages": tuple(m.model_copy(update={"content": "поезд в город"}) for m in row.messages),
                    "fields": {},
                }
            )
            for row in travel(12, "train")
        ]
        self.refused(data_file(tmp_path, rows), base, "can't read 1?[0-9] of the")

    def test_pickled_weights(self, base: Path, tmp_path: Path) -> None:
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "config.json").write_text('{"model_type": "bert"}')
        (tmp_path / "bad" / "pytorch_model.bin").write_bytes(b"x")
        self.refused(data_file(tmp_path, travel(12, "train")), tmp_path / "bad", "no model as safetensors")

    def test_a_base_that_writes(self, tmp_path: Path) -> None:
        data = data_file(tmp_path, colours(12, "train"))
        self.refused(data, tiny_base(tmp_path / "writer"), "is no encoder|can't be used")

    def test_an_encoder_that_is_to_write(self, base: Path, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="sorts texts and writes none"):
            load_model(base, "float32", "cpu")

    def refused(self, data: Path, base: Path, why: str) -> None:
        with pytest.raises(UserError, match=why):
            ended(train(data, data.parent / "m", recipe(base), "v1"))


def test_what_a_person_should_know_of_the_rows_is_told(base: Path, tmp_path: Path) -> None:
    rows = data_file(tmp_path, travel(6, "train", "en"))
    found = prospect(rows, recipe(base))
    assert found.note is not None
    assert all(said in found.note.en for said in ("rows are few", "No row is left to watch", "No row was held back"))
