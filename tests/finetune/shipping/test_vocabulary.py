"""A tokenizer goes into a GGUF as it is, or is refused: a wrong guess would answer nonsense."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from finetune.base import base_folder
from finetune.shipping.gguf import _stretch
from finetune.shipping.vocabulary import vocabulary
from tests.finetune.tiny import tiny_base
from workspace.errors import UserError

DIGITS = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
    ],
}


def changed(folder: Path, **changes: object) -> Path:
    path = folder / "tokenizer.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | changes))
    return folder


def test_bytes_are_cut_as_gpt_2_does_and_spare_rows_are_named(tmp_path: Path) -> None:
    found = vocabulary("mine", tiny_base(tmp_path), 260)
    assert found.cut == "gpt-2"
    assert found.tokens[-2:] == ["[PAD258]", "[PAD259]"]
    assert list(found.kinds[-4:]) == [3, 3, 5, 5]


def test_single_digits_are_known(tmp_path: Path) -> None:
    assert vocabulary("mine", changed(tiny_base(tmp_path), pre_tokenizer=DIGITS), 258).cut == "smollm"


@pytest.mark.parametrize(
    "changes",
    [
        {"pre_tokenizer": {"type": "Whitespace"}},
        {"pre_tokenizer": None},
        {"normalizer": {"type": "Lowercase"}},
        {"model": {"type": "WordPiece", "vocab": {}, "unk_token": "?", "merges": []}},
        {"model": {"type": "Unigram"}},
    ],
)
def test_what_llama_cpp_would_read_otherwise_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="can't read this base's tokenizer"):
        vocabulary("mine", changed(tiny_base(tmp_path), **changes), 258)


def test_positions_stretched_as_llama_3_does_are_carried_over_and_others_refused() -> None:
    from transformers import LlamaConfig

    rope = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    rope |= {"original_max_position_embeddings": 8192, "rope_theta": 500000.0}
    factors = _stretch(LlamaConfig(hidden_size=512, num_attention_heads=4, rope_parameters=rope))
    assert factors is not None
    assert (factors[0], factors[-1]) == (pytest.approx(1), pytest.approx(8))
    assert _stretch(LlamaConfig()) is None
    with pytest.raises(UserError, match="'linear'"):
        _stretch(LlamaConfig(rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 10000.0}))


@pytest.mark.slow
def test_smollm2_s_own_file_and_its_tokenizer_agree() -> None:
    folder = base_folder("smollm2-135m")
    own, read = vocabulary("smollm2-135m", folder, 49152), vocabulary("mine", folder, 49152)
    assert list(own.tokens) == list(read.tokens)
    assert list(own.kinds) == list(read.kinds)
    assert list(own.merges) == list(read.merges)
