"""A tuned model's folder as something to talk to: its prompts, its labels, and one engine while it is used."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from finetune.base import BASES, base_folder, load_tokenizer
from finetune.identity import unchanged
from finetune.job import job_in, tuned
from finetune.rows import prompt_tokens
from finetune.shipping.adapter import fits, gguf_adapter
from finetune.shipping.engine import Engine, NotOffered, Piece, Question, TooLong
from finetune.shipping.in_torch import TorchEngine
from finetune.shipping.server import MOST_CONTEXT, LlamaServer
from workspace.errors import UserError, boundary
from workspace.project import read_samples
from workspace.sample import Message
from workspace.settings import quiet_libraries
from workspace.weights import weight
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

DOING = Words("answering", "回答")
IDLE_SECONDS = 600.0
MOST_OPEN = 2
ENOUGH_TOKENS = 512


class Served:
    """Safe from several threads. The engine starts with the first question and goes when nobody has asked for long."""

    def __init__(self, folder: Path) -> None:
        """Raises UserError for a folder without a finished model, or with one that writes nothing."""
        quiet_libraries()
        # Waiting threads that spin would take the cores from whoever else works here.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        self.folder, self.model = folder, tuned(folder)
        if self.model.method == "encoder":
            raise _writes_nothing(self.model.name)
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._asking = 0
        self._timer: threading.Timer | None = None

    @property
    def name(self) -> str:
        """`base` is the other one's."""
        return self.model.name if self.model.name != "base" else "tuned"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What a classification may answer, from the rows it learned; none where texts are written."""
        data = job_in(self.folder).data
        rows = [row for row in read_samples(data) if row.kept] if data.is_file() else []
        labels = {row.label if row.label == row.answer else None for row in rows}
        return () if None in labels else tuple(sorted(label for label in labels if label))

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The one saved with the model, so that prompts have the form that was trained."""
        return load_tokenizer(self.folder)

    @cached_property
    def context(self) -> int:
        config = orjson.loads((base_folder(self.model.base) / "config.json").read_bytes())
        return min(MOST_CONTEXT, int(config.get("max_position_embeddings") or MOST_CONTEXT))

    @property
    def at_once(self) -> int:
        """How many questions may be under way side by side."""
        with self._lock:
            return self._ready().at_once

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """In tokens, exactly as in training. Raises TooLong where it leaves no room for an answer."""
        with boundary(DOING):
            return self._fitting(prompt_tokens(messages, self.tokenizer))

    def text(self, text: str) -> tuple[int, ...]:
        """A text to go on with, as it stands."""
        with boundary(DOING):
            return self._fitting(tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"]))

    def _fitting(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        if not 0 < len(tokens) < self.context:
            raise _too_long(len(tokens), self.context)
        return tokens

    def room(self, prompt: tuple[int, ...], wanted: int | None = None) -> int:
        """How many tokens the answer may have."""
        return max(1, min(wanted or ENOUGH_TOKENS, self.context - len(prompt)))

    def answer(self, question: Question) -> Iterator[Piece]:
        """Raises UserError where the engine doesn't start, or can't do what is asked."""
        with boundary(DOING):
            engine = self._begin()
            try:
                yield from engine.answer(question)
            finally:
                self._end()

    def _begin(self) -> Engine:
        with self._lock:
            engine = self._ready()
            self._asking += 1
            if self._timer:
                self._timer.cancel()
            return engine

    def _end(self) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                self._timer = threading.Timer(IDLE_SECONDS, self.rest)
                self._timer.daemon = True
                self._timer.start()

    def _ready(self) -> Engine:
        if self._engine is None:
            _make_room(self)
            self._engine = self._start()
        return self._engine

    def _start(self) -> Engine:
        base = base_folder(self.model.base)
        unchanged(self.model, self.folder)
        if self.model.base in BASES and fits(self.folder, base):
            return LlamaServer(weight(self.model.base), gguf_adapter(self.folder, base), self.context)
        return TorchEngine(self.folder, self.tokenizer, self.context)

    @property
    def idle(self) -> bool:
        """Open, and nobody is asking."""
        return self._engine is not None and not self._asking

    def rest(self) -> None:
        """Give the memory back, unless somebody is asking; the next question starts it again."""
        with self._lock:
            if self.idle:
                self.close()

    def close(self) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
            if self._timer:
                self._timer.cancel()
            if engine:
                engine.close()


_models: dict[Path, Served] = {}
_opening = threading.Lock()


def served(folder: Path) -> Served:
    """The same for everybody in this process who names this folder. Raises UserError if it holds no finished model."""
    with _opening:
        key = folder.resolve()
        if key not in _models:
            _models[key] = Served(key)
        return _models[key]


def _make_room(coming: Served) -> None:
    """Two models at most stay in memory, as long as nobody is asking the others."""
    others = [model for model in list(_models.values()) if model is not coming and model.idle]
    for model in others[: max(0, len(others) - MOST_OPEN + 1)]:
        model.rest()


def close_all() -> None:
    with _opening:
        for model in _models.values():
            model.close()
        _models.clear()


atexit.register(close_all)


def _writes_nothing(name: str) -> UserError:
    return UserError(
        Words(
            f"{name} is a classifier on an encoder: it names a label and writes no text, so nobody can talk to it.",
            f"{name} 是基于编码器的分类模型：只输出类别，不生成文字，因此无法对话。",
        ),
        Words(
            "Measure it with `tunesmith evaluate`, or tune by lora to serve it to programs.",
            "请用 `tunesmith evaluate` 评测它；若要提供服务，请用 lora 方式微调。",
        ),
    )


def _too_long(tokens: int, context: int) -> NotOffered:
    if not tokens:
        return NotOffered(
            Words("There is nothing to answer.", "没有可回答的内容。"), Words("Send a message.", "请发送一条消息。")
        )
    return TooLong(
        Words(
            f"The message is too long: {tokens} tokens, and this model holds {context} with its answer.",
            f"消息过长：共 {tokens} 个词元，而该模型连同回答最多容纳 {context} 个。",
        ),
        Words("Shorten it, or leave out earlier turns.", "请缩短内容，或去掉前面的对话。"),
    )
