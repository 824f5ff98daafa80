"""Nothing that could run code is loaded, and a wrong name says which ones there are."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from finetune.base import base_folder, parameters
from tests.finetune.tiny import tiny_base
from workspace.errors import UserError


def test_a_wrong_name_lists_the_names() -> None:
    with pytest.raises(UserError, match="smollm2-135m"):
        base_folder("smolm")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(UserError, match="no model as safetensors"):
        base_folder(str(tmp_path))


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_model_with_code_is_refused(tmp_path: Path, name: str) -> None:
    tiny_base(tmp_path)
    config = orjson.loads((tmp_path / name).read_bytes())
    (tmp_path / name).write_bytes(orjson.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(UserError, match="program code of its own"):
        base_folder(str(tmp_path))


def test_a_local_folder_is_a_base(tmp_path: Path) -> None:
    assert base_folder(str(tiny_base(tmp_path))) == tmp_path


def test_size_from_name_or_files(tmp_path: Path) -> None:
    assert parameters("Qwen/Qwen3-0.6B") == 0.6e9
    assert parameters("HuggingFaceTB/SmolLM2-360M-Instruct") == 360e6
    assert parameters("smollm2-135m") == 135e6
    assert parameters(str(tiny_base(tmp_path))) < 1e6
