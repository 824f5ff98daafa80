"""Names and order of tensors in llama.cpp's files."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from finetune.shipping.names import Names, names_of
from tests.finetune.tiny import tiny_base
from workspace.errors import UserError


def test_each_tensor_of_a_llama_has_a_name_of_its_own(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_base(tmp_path))
    names = names_of(AutoConfig.from_pretrained(tmp_path))
    given = [names.of(name) for name in model.state_dict()]
    assert len(set(given)) == len(given)
    assert {"token_embd.weight", "output.weight", "blk.1.ffn_down.weight", "blk.0.attn_q.weight"} <= set(given)


@pytest.mark.parametrize("architecture", ["qwen2", "qwen3"])
def test_others_keep_the_order_of_rows(architecture: str) -> None:
    rows = numpy.arange(16).reshape(8, 2)
    names = Names(architecture, 1, 2, 2)  # type: ignore[arg-type]
    assert names.ordered("model.layers.0.self_attn.q_proj.weight", rows) is rows


def test_a_llama_s_halves_of_a_head_become_neighbours() -> None:
    names = Names("llama", 1, 2, 1)
    rows = numpy.arange(8)
    assert names.ordered("model.layers.0.self_attn.q_proj.bias", rows).tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert names.ordered("model.layers.0.self_attn.k_proj.weight", rows).tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    assert names.ordered("model.layers.0.self_attn.v_proj.weight", rows).tolist() == list(range(8))


def test_an_architecture_that_is_not_known_is_refused() -> None:
    from transformers import GPT2Config

    with pytest.raises(UserError, match="gpt2"):
        names_of(GPT2Config())
