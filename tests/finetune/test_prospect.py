"""Before training a person sees real rows with the trained tokens marked; what can't fit is refused before loading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

from finetune import prospect as prospects
from finetune.estimate import Machine
from finetune.prospect import Prospect, prospect, shape
from finetune.recipe import Recipe
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.sample import Origin, sample


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def found(base: Path, data: Path) -> Prospect:
    return prospect(data, Recipe(base=str(base), learning_rate=1e-3, steps=10, batch=4))


def test_only_the_answers_are_marked(base: Path, tmp_path: Path) -> None:
    seen = found(base, data_file(tmp_path, colours(30, "train"), colours(4, "validation"), colours(40, "test")[36:]))
    assert (seen.train, seen.watch, seen.cut) == (30, 4, 0)
    assert {row.learned for row in seen.shown} == {f"⟦{label}<|im_end|>⟧" for label in ("red", "green", "blue")}
    assert all(re.fullmatch(r"<\|im_start\|>user\n.*<\|im_start\|>assistant\n", row.read, re.S) for row in seen.shown)
    assert all(row.trained == len(row.learned) - len("⟦<|im_end|>⟧") + 1 for row in seen.shown)
    assert seen.trained < seen.tokens / 5


def test_rows_that_lose_their_beginnings_are_counted(base: Path, tmp_path: Path) -> None:
    long = [sample("x" * 900, "red", Origin(source="t", row=i)) for i in range(3)]
    seen = found(base, data_file(tmp_path, colours(30, "train"), long))
    assert seen.cut == 3
    assert seen.longest == 512
    assert seen.note is not None
    assert "lose their beginnings" in seen.note.en


def test_no_weight_is_loaded(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("weights were loaded")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", never)
    assert found(base, data_file(tmp_path, colours(12, "train"))).outlook.seconds > 0


def test_what_cannot_fit_is_refused(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prospects, "machine", lambda: Machine("cpu", "float32", 1e11, 0.1))
    with pytest.raises(UserError, match=r"needs at least .* 0\.1 GB are free"):
        found(base, data_file(tmp_path, colours(12, "train")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU it is no refusal")
def test_qlora_without_a_gpu_is_refused_before_anything_is_loaded(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs a GPU"):
        prospect(data_file(tmp_path, colours(12, "train")), Recipe(base=str(base), method="qlora", learning_rate=1e-3))


def test_a_base_without_the_layers_of_lora_is_refused_and_so_is_an_encoder(tmp_path: Path) -> None:
    rows = data_file(tmp_path, colours(12, "train"))
    other = GPT2LMHeadModel(GPT2Config(vocab_size=300, n_embd=16, n_layer=1, n_head=2))
    other.save_pretrained(tmp_path / "gpt2")
    with pytest.raises(UserError, match="lora finds no layer in gpt2"):
        prospect(rows, Recipe(base=str(tmp_path / "gpt2"), learning_rate=1e-3))
    reader = BertModel(BertConfig(vocab_size=300, hidden_size=16, num_hidden_layers=1, num_attention_heads=2))
    reader.save_pretrained(tmp_path / "bert")
    with pytest.raises(UserError, match="bert is an encoder"):
        prospect(rows, Recipe(base=str(tmp_path / "bert"), learning_rate=1e-3))
    with pytest.raises(UserError, match="is no encoder"):
        prospect(rows, Recipe(base=str(tmp_path / "gpt2"), method="encoder", learning_rate=1e-3))


def test_a_base_is_measured_from_the_heads_of_its_files(base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    read = shape(base)
    assert (read.hidden, read.inner, read.layers) == (32, 64, 2)
    tables = model.get_input_embeddings().weight.numel() + model.get_output_embeddings().weight.numel()
    assert read.body == sum(p.numel() for p in model.parameters()) - tables
