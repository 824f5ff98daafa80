"""Base and tuned answered by transformers: slower, but every way of tuning and every base that can be loaded."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import base_folder, device_and_precision, load_model
from finetune.job import tuned
from finetune.judging.decode import Choices, Decoder
from finetune.methods import opened
from finetune.rows import answer_tokens
from finetune.shipping.engine import Piece, Question, greedy_only
from workspace.sample import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class TorchEngine:
    """One question at a time, greedily; the answer comes as a whole."""

    at_once = 1

    def __init__(self, folder: Path, tokenizer: PreTrainedTokenizerBase, context: int) -> None:
        self.folder, self.tokenizer, self.context = folder, tokenizer, context
        self._turn = threading.Lock()

    def answer(self, question: Question) -> Iterator[Piece]:
        """Raises NotOffered where the question asks for more than the most likely answer."""
        how = question.sampling
        if how.temperature > 0 or how.presence_penalty or how.frequency_penalty or question.schema:
            raise greedy_only()
        with self._turn:
            yield self._answer(question)

    def _answer(self, question: Question) -> Piece:
        model = self._tuned if question.tuned else self._base
        choices = choices_of(question.labels, self.tokenizer) if question.labels else None
        decoder = Decoder(model, self.tokenizer, choices, question.most_tokens)
        text = next(decoder.answers({0: question.prompt}))[0]
        at = [place for stop in question.stop if (place := text.find(stop)) >= 0]
        cut = not at and decoder.cut_off
        return Piece(text[: min(at)] if at else text, decoder.tokens_written, "length" if cut else "stop")

    @cached_property
    def _tuned(self) -> PreTrainedModel:
        device, precision = device_and_precision()
        return opened(self.folder, precision, device)

    @cached_property
    def _base(self) -> PreTrainedModel:
        device, precision = device_and_precision()
        return load_model(base_folder(tuned(self.folder).base), precision, device)

    def close(self) -> None:
        with self._turn:
            for name in ("_tuned", "_base"):
                self.__dict__.pop(name, None)
            gc.collect()


def choices_of(labels: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> Choices:
    """The labels as the model would write them, end of turn included."""
    question = Message(role="user", content="?")
    turns = {label: (question, Message(role="assistant", content=label)) for label in labels}
    return Choices({answer_tokens(both, tokenizer): label for label, both in turns.items()})
