"""What llama.cpp will add to each layer, computed from the file that it reads."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy
import pytest
from numpy.typing import NDArray

from finetune.base import load_model
from finetune.methods import attached, keep
from finetune.recipe import Recipe
from finetune.shipping.adapter import fits, gguf_adapter
from tests.finetune.tiny import tiny_base
from workspace.errors import UserError

HEADS = {"q_proj": 4, "k_proj": 2}
NAMES = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An adapter that changes the base: peft starts with a B of zeros."""
    import torch

    base = tiny_base(tmp_path / "base")
    recipe = Recipe(base=str(base), learning_rate=1e-3, rank=4)
    model = attached(base, recipe, "float32", "cpu", ())
    torch.manual_seed(1)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p)
    (tmp_path / "tuned").mkdir()
    keep(model, recipe, tmp_path / "tuned")
    return tmp_path / "tuned"


def read(path: Path) -> tuple[dict[str, NDArray[numpy.float32]], float, str]:
    """(tensors, alpha, what the file says it is)"""
    import gguf

    reader = gguf.GGUFReader(path)
    fields = {name: reader.fields[name].contents() for name in ("adapter.lora.alpha", "general.type", "adapter.type")}
    said = f"{fields['general.type']} {fields['adapter.type']}"
    return {t.name: numpy.array(t.data) for t in reader.tensors}, float(fields["adapter.lora.alpha"]), said


def turned(matrix: NDArray[numpy.float32], heads: int) -> NDArray[numpy.float32]:
    """Row by row: number j of the first half of a head goes to place 2j, of the second half to 2j + 1."""
    size, out = matrix.shape[0] // heads, numpy.empty_like(matrix)
    for head in range(heads):
        for j in range(size // 2):
            out[head * size + 2 * j] = matrix[head * size + j]
            out[head * size + 2 * j + 1] = matrix[head * size + size // 2 + j]
    return out


def test_what_is_added_to_each_layer_is_the_same(folder: Path) -> None:
    from peft import PeftModel

    base = folder.parent / "base"
    tensors, alpha, said = read(gguf_adapter(folder, base))
    assert said == "adapter lora"
    assert len(tensors) == 2 * 7 * 2
    before = load_model(base, "float32", "cpu").state_dict()
    merged = PeftModel.from_pretrained(load_model(base, "float32", "cpu"), folder).merge_and_unload().state_dict()
    for layer in range(2):
        for name, theirs in NAMES.items():
            part = "self_attn" if theirs.startswith("attn") else "mlp"
            key = f"model.layers.{layer}.{part}.{name}.weight"
            a, b = (tensors[f"blk.{layer}.{theirs}.weight.lora_{half}"] for half in "ab")
            assert a.shape[0] == b.shape[1] == 4
            wanted = (merged[key] - before[key]).numpy()
            wanted = turned(wanted, HEADS[name]) if name in HEADS else wanted
            numpy.testing.assert_allclose(alpha / 4 * b @ a, wanted, atol=1e-5)
            assert numpy.abs(wanted).max() > 0.1


def test_qwen_keeps_its_order_of_rows(folder: Path) -> None:
    from safetensors.torch import load_file

    config = folder.parent / "base" / "config.json"
    config.write_text(config.read_text().replace('"llama"', '"qwen2"'))
    tensors, _, _ = read(gguf_adapter(folder, folder.parent / "base"))
    kept = load_file(folder / "adapter_model.safetensors")
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"
    numpy.testing.assert_array_equal(tensors["blk.0.attn_q.weight.lora_b"], kept[name].numpy())


def test_the_scale_of_rank_stabilised_lora_is_kept(folder: Path) -> None:
    config = folder / "adapter_config.json"
    config.write_text(config.read_text().replace('"use_rslora": false', '"use_rslora": true'))
    _, alpha, _ = read(gguf_adapter(folder, folder.parent / "base"))
    assert alpha / 4 == pytest.approx(8 / math.sqrt(4))


def test_is_written_once_and_again_for_other_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    target, weights = gguf_adapter(folder, folder.parent / "base"), folder / "adapter_model.safetensors"
    first = target.stat().st_mtime_ns
    os.utime(weights, ns=(first + 10**9, first + 10**9))
    assert gguf_adapter(folder, folder.parent / "base") == target
    assert target.stat().st_mtime_ns == first
    save_file({name: 2 * matrix for name, matrix in load_file(weights).items()}, weights)
    os.utime(weights, ns=(first - 10**9, first - 10**9))  # restored from a backup, say
    other = gguf_adapter(folder, folder.parent / "base")
    assert other != target
    assert list(folder.glob("adapter*.gguf")) == [other]
    assert not list(folder.glob(".adapter-*"))


def test_an_unknown_kind_of_model_or_of_lora_is_refused(folder: Path) -> None:
    base, config = folder.parent / "base", folder / "adapter_config.json"
    plain = config.read_text()
    config.write_text(plain.replace('"use_dora": false', '"use_dora": true'))
    assert not fits(folder, base)
    with pytest.raises(UserError, match="plain LoRA"):
        gguf_adapter(folder, base)
    config.write_text(plain)
    assert fits(folder, base)
    (base / "config.json").write_text((base / "config.json").read_text().replace('"llama"', '"mamba"'))
    assert not fits(folder, base)


def test_a_damaged_adapter_has_words_and_leaves_nothing(folder: Path) -> None:
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match="damaged"):
        gguf_adapter(folder, folder.parent / "base")
    assert not list(folder.glob("*.gguf"))
    assert not list(folder.glob(".adapter-*"))
