"""The border to llama.cpp: what is sent, what comes back, and what is said when it doesn't."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from finetune.shipping.engine import Question
from finetune.shipping.server import LlamaServer, _pieces, grammar
from workspace.errors import UserError


def test_the_grammar_holds_any_label() -> None:
    assert grammar(("red", 'a "b" \\', "退款")) == 'root ::= "red" | "a \\"b\\" \\\\" | "退款"'


def test_a_stream_becomes_pieces_and_its_error_an_error() -> None:
    lines = ['data: {"content":"a","tokens_predicted":1}', "", ": ping"]
    last = 'data: {"content":"","tokens_predicted":2,"stop":true,"stop_type":"limit"}'
    pieces = list(_pieces(iter([*lines, last])))
    assert [(p.text, p.tokens, p.ending) for p in pieces] == [("a", 1, None), ("", 2, "length")]
    with pytest.raises(UserError, match="no room"):
        list(_pieces(iter(['data: {"error":{"message":"no room","code":500}}'])))


def test_a_file_that_is_no_model_has_words(tmp_path: Path) -> None:
    for name in ("base.gguf", "adapter.gguf"):
        (tmp_path / name).write_bytes(b"GGUF nothing")
    with pytest.raises(UserError, match="could not be loaded"):
        LlamaServer(tmp_path / "base.gguf", tmp_path / "adapter.gguf", 512)
    shutil.rmtree(tmp_path)
    with pytest.raises(UserError, match="could not be loaded"):
        LlamaServer(tmp_path / "base.gguf", tmp_path / "adapter.gguf", 512)


def test_a_server_that_is_gone_has_words() -> None:
    import httpx

    server = LlamaServer.__new__(LlamaServer)
    server._asking = httpx.Client(base_url="http://127.0.0.1:9", trust_env=False)
    with pytest.raises(UserError, match="does not answer"):
        list(server.answer(Question((1,), True, 1)))
