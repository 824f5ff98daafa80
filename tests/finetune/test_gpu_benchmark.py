"""The benchmark for a GPU runs as it stands, on a tiny model and without one; and counts what it says it counts."""

from __future__ import annotations

import pytest
import torch

from benchmarks import gpu


def test_it_runs_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu.main(["--tiny", "--cpu", "--steps", "5"]) == 0
    said = capsys.readouterr().out
    assert "ours" in said
    assert "tokens/s" in said
    assert "after 40 steps" in said
    assert "failed" not in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu.main([]) == 1
    assert "no GPU" in capsys.readouterr().out


def test_weights_and_operations_are_counted_as_in_the_models_themselves() -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    for name, known in (("qwen2.5-1.5b", 1.31e9), ("qwen2.5-7b", 6.53e9), ("qwen3-8b", 6.95e9)):
        assert gpu.SHAPES[name].body == pytest.approx(known, rel=0.01)
    shape = gpu.SHAPES["tiny"]
    config = AutoConfig.for_model(
        shape.kind, vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.keys,
        head_dim=shape.size, tie_word_embeddings=True,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config)
    linear = [part for name, part in model.named_modules() if name.endswith("_proj")]
    assert sum(part.weight.numel() for part in linear) == shape.body
    assert sum(gpu.RANK * sum(part.weight.shape) for part in linear) == shape.adapters
    plain = 4 * shape.body + 6 * shape.adapters
    assert shape.operations(10, 0) == 10 * plain + 6 * 10 * 10 * shape.layers * shape.heads * shape.size
    assert shape.operations(10, 3) - shape.operations(10, 0) == 3 * 4 * shape.hidden * shape.vocabulary


@pytest.mark.parametrize(
    ("name", "peak"), [("NVIDIA H200", 989e12), ("NVIDIA A100-SXM4-80GB", 312e12), ("Tesla T4", None)]
)
def test_the_card_is_known_by_its_name(name: str, peak: float | None) -> None:
    assert gpu.peak(name) == peak
