"""Each form of a tuned model holds the same weights, and answers as the adapter on its base does."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy
import pytest
import torch

from finetune.base import load_model, load_tokenizer
from finetune.methods import opened
from finetune.shipping.gguf import write_gguf
from finetune.shipping.int8 import FILE, multiplied, open_int8, quantised, write_int8
from finetune.shipping.merge import merge
from tests.finetune.shipping.models import tuned_model
from workspace.errors import UserError

TEXT = "red is what I want"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tuned_model(tmp_path_factory.mktemp("tuned"))


@pytest.fixture(scope="module")
def merged(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("merged") / "bf16"
    merge(model, out)
    return out


def logits(model: torch.nn.Module, folder: Path) -> torch.Tensor:
    ids = torch.tensor([load_tokenizer(folder)(TEXT)["input_ids"]])
    with torch.inference_mode():
        return model(input_ids=ids).logits


def test_merged_answers_as_the_adapter_does(model: Path, merged: Path) -> None:
    adapter, plain = opened(model, "float32", "cpu"), load_model(merged, "float32", "cpu")
    base = load_model(Path(str(model.parent / "base")), "float32", "cpu")
    wanted = logits(adapter, model)
    assert torch.allclose(logits(plain, merged), wanted, atol=0.05, rtol=0.05)
    assert not torch.allclose(logits(base, model), wanted, atol=0.5)


def test_merged_keeps_the_chat_template_that_was_trained(model: Path, merged: Path) -> None:
    assert load_tokenizer(merged).chat_template == load_tokenizer(model).chat_template


def test_int8_says_nearly_the_same(merged: Path, tmp_path: Path) -> None:
    write_int8(merged, tmp_path / "int8")
    wanted = logits(load_model(merged, "float32", "cpu"), merged)
    found = logits(open_int8(tmp_path / "int8", "float32"), tmp_path / "int8")
    assert torch.corrcoef(torch.stack([wanted.flatten(), found.flatten()]))[0, 1] > 0.999
    assert (tmp_path / "int8" / FILE).stat().st_size < 0.75 * (merged / "model.safetensors").stat().st_size


def test_int8_product_is_within_a_hundredth() -> None:
    torch.manual_seed(0)
    x, weights, bias = torch.randn(2, 3, 64), torch.randn(32, 64), torch.randn(32)
    found = multiplied(x, *quantised(weights), bias)
    assert found.shape == (2, 3, 32)
    assert (found - (x @ weights.T + bias)).abs().mean() < 0.015 * (x @ weights.T).abs().mean()


def test_a_row_of_zeros_stays_one() -> None:
    codes, scale = quantised(torch.zeros(2, 4))
    assert (codes.float() * scale[:, None]).tolist() == [[0.0] * 4] * 2


@pytest.mark.parametrize(("width", "loss"), [("gguf", 1e-3), ("q8", 0.01), ("q4", 0.1)])
def test_gguf_is_read_back_with_the_same_weights(
    model: Path, merged: Path, tmp_path: Path, width: str, loss: float
) -> None:
    import gguf
    from transformers import AutoConfig

    from finetune.shipping.merge import tensors
    from finetune.shipping.names import names_of

    write_gguf(merged, str(model.parent / "base"), width, tmp_path / "m.gguf")  # type: ignore[arg-type]
    reader = gguf.GGUFReader(tmp_path / "m.gguf")
    found = {t.name: gguf.dequantize(t.data, t.tensor_type) for t in reader.tensors}
    names = names_of(AutoConfig.from_pretrained(merged))
    for name, tensor in tensors(merged):
        wanted = names.ordered(name, tensor.float().numpy())
        got = found.pop(names.of(name))
        assert numpy.abs(got - wanted).mean() <= loss * numpy.abs(wanted).mean()
    assert not found
    assert reader.fields["tokenizer.chat_template"].contents() == load_tokenizer(model).chat_template
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    assert len(tokens) == AutoConfig.from_pretrained(merged).vocab_size
    assert tokens[load_tokenizer(model).eos_token_id] == "<|im_end|>"


def test_a_full_disk_leaves_nothing(merged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="disk is full"):
        write_int8(merged, tmp_path / "int8")
    with pytest.raises(UserError, match="disk is full"):
        write_gguf(merged, str(merged), "gguf", tmp_path / "m.gguf")
    assert list(tmp_path.iterdir()) == []


def test_a_cut_int8_file_is_told(merged: Path, tmp_path: Path) -> None:
    write_int8(merged, tmp_path / "int8")
    whole = (tmp_path / "int8" / FILE).read_bytes()
    (tmp_path / "int8" / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="damaged"):
        open_int8(tmp_path / "int8", "float32")
