"""All forms beside the adapter, in processes of their own; and a release refused where answers differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.base import load_tokenizer
from finetune.shipping.answering import Answer, Ended
from finetune.shipping.compress import FORMS, PLACES, compress
from finetune.shipping.parity import Given, compared, questions
from finetune.shipping.tables import verdict
from tests.finetune.shipping.models import learned_model, tuned_model
from tests.finetune.test_identity import flip
from tests.finetune.tiny import ended
from workspace.errors import UserError
from workspace.results import Compressed


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learned_model(tmp_path_factory.mktemp("tuned"))


@pytest.fixture(scope="module")
def found(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Compressed, Path]:
    out = tmp_path_factory.mktemp("out")
    return ended(compress(model, FORMS, out))[1], out


def test_every_form_is_there_and_answered(found: tuple[Compressed, Path]) -> None:
    report, out = found
    assert set(report.forms) == {"adapter", *FORMS}
    assert report.held_back
    assert report.prompts == 9
    assert report.forms["bf16"].exact >= 8
    assert report.forms["gguf"].same_tokens == 9
    assert report.forms["int8"].megabytes < report.forms["bf16"].megabytes
    assert all(score.tokens_per_second > 0 and score.memory_mb > 10 for score in report.forms.values())
    assert sorted(p.name for p in out.iterdir() if not p.name.startswith(".")) == sorted(
        [*PLACES.values(), "compress.json", "compress.md", "compress.zh.md", "made_of.txt"]
    )
    assert Compressed.model_validate_json((out / "compress.json").read_bytes()) == report


def test_llama_cpp_answers_as_the_adapter_does(found: tuple[Compressed, Path]) -> None:
    report, _ = found
    assert report.forms["gguf"].exact >= 8
    assert report.forms["q8"].exact >= 7


def test_asked_again_nothing_is_done_twice(model: Path, found: tuple[Compressed, Path]) -> None:
    report, out = found
    before = {place: (out / place).stat().st_mtime_ns for place in PLACES.values()}
    steps, again = ended(compress(model, FORMS, out))
    assert again == report
    assert not [step for step in steps if "Asking" in step.doing.en]
    assert {place: (out / place).stat().st_mtime_ns for place in PLACES.values()} == before


def given(tokens: list[list[int]], same: int | None = None) -> Given:
    answers = [Answer(tokens=one, written=len(one), ms=10) for one in tokens]
    return Given("x", "", 1, answers, Ended(memory_mb=100, same_tokens=same))


def test_a_planted_disagreement_is_refused_and_named(model: Path) -> None:
    tokenizer = load_tokenizer(model)
    asked = questions(model, tokenizer)
    right = [list(tokenizer(word)["input_ids"]) for word in asked.wanted or ()]
    wrong = [*right[:7], [*right[7][:2], right[7][0], *right[7][3:]], [*right[8], 5]]
    scores = compared({"adapter": given(right), "bf16": given(wrong), "q8": given(right, 9)}, asked, tokenizer)
    assert scores["bf16"].exact == 7
    assert [(one.prompt, one.position) for one in scores["bf16"].differing] == [(8, 2), (9, len(right[8]))]
    assert scores["bf16"].worse == 2
    assert scores["bf16"].lost.value == pytest.approx(2 / 9)
    assert "only 7 of 9" in scores["bf16"].refused["en"]
    assert not scores["q8"].refused
    report = Compressed(
        model="m", key="k", prompts=9, held_back=True, metric="accuracy", least_exact=0.96, most_lost=0.02, forms=scores
    )
    assert not report.released
    assert "Prompt 8" in verdict(report, "en")
    assert "第 8 条" in verdict(report, "zh")


def test_another_cut_into_tokens_is_refused(model: Path) -> None:
    tokenizer = load_tokenizer(model)
    asked = questions(model, tokenizer)
    right = [list(tokenizer(word)["input_ids"]) for word in asked.wanted or ()]
    scores = compared({"adapter": given(right), "q4": given(right, 8)}, asked, tokenizer)
    assert "1 of 9 prompts" in scores["q4"].refused["en"]


def test_a_learned_prompt_can_not_be_merged(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--method lora"):
        ended(compress(tuned_model(tmp_path, method="prompt"), FORMS, tmp_path / "out"))


def test_a_damaged_adapter_is_told(tmp_path: Path) -> None:
    folder = tuned_model(tmp_path)
    flip(folder / "adapter_model.safetensors")
    with pytest.raises(UserError, match="damaged"):
        ended(compress(folder, ("bf16",), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_weights_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no numbers"):
        ended(compress(tuned_model(tmp_path, size=float("nan")), ("bf16",), tmp_path / "out"))
    assert not (tmp_path / "out" / "bf16").exists()


def test_a_base_that_is_gone_is_told(tmp_path: Path) -> None:
    folder = tuned_model(tmp_path)
    (tmp_path / "base").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="no base model"):
        ended(compress(folder, ("bf16",), tmp_path / "out"))
