"""The systems that sit the same exam: the base alone, with a good prompt, with retrieval, a classic one, the tuned."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from finetune.base import base_folder, device_and_precision, load_model, load_tokenizer
from finetune.encoders.seat import base_seat, tuned_seat
from finetune.job import tuned
from finetune.judging.classic import classic
from finetune.judging.decode import Choices, Decoder
from finetune.judging.exam import Exam, asked, prompted, with_passages
from finetune.methods import opened
from finetune.rows import answer_tokens, prompt_tokens
from workspace.results import System
from workspace.sample import Message, Sample

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from finetune.judging.decode import Prompt

# Row numbers in, answers out, a batch at a time.
Answering = Callable[[Sequence[int]], Iterator[dict[int, str]]]
# A question in, the passages of the person's documents that fit it best out.
Passages = Callable[[str], Sequence[str]]
LONGEST = 512


class Contest:
    """Opens one system at a time; no two models are in memory together. `folder` is None where nothing is tuned yet."""

    def __init__(self, exam: Exam, base: str, folder: Path | None, passages: Passages | None = None) -> None:
        self.exam, self.base, self.folder, self.passages = exam, base, folder, passages
        self.decoder: Decoder | None = None
        self._held: tuple[str, PreTrainedModel] | None = None

    @property
    def systems(self) -> tuple[System, ...]:
        """In the order in which they are asked."""
        if self.sorts_only:
            return ("base", "classic", "tuned") if self.exam.train else ("tuned",)
        retrieval: tuple[System, ...] = ("retrieval",) if self.passages or self._evidence else ()
        learned: tuple[System, ...] = ("classic",) if self.exam.train else ()
        return ("base", "prompted", *retrieval, *learned, *(("tuned",) if self.folder else ()))

    @property
    def sorts_only(self) -> bool:
        """An encoder: it can't be prompted, and its base answers by the label whose rows are nearest."""
        return self.folder is not None and tuned(self.folder).method == "encoder"

    @property
    def _evidence(self) -> bool:
        return any(row.evidence for row in self.exam.test)

    def key(self, system: System) -> str:
        """What the answers of a system follow from; those with retrieval also from what was found."""
        if system != "retrieval":
            return self.exam.key
        found = "\0".join("\n".join(self.found(row)) for row in self.exam.test)
        return hashlib.sha256(f"{self.exam.key}{found}".encode("utf-8", "surrogatepass")).hexdigest()

    def found(self, row: Sample) -> Sequence[str]:
        """What may be read before answering: the row's own evidence, or what the documents say."""
        if row.evidence:
            return (row.evidence,)
        return self.passages(row.question) if self.passages else ()

    def open(self, system: System, rows: Sequence[Sample] | None = None) -> Answering:
        """The system, ready to answer the test rows, or others by their number."""
        rows = self.exam.test if rows is None else rows
        if system == "classic":
            self.release()
            return classic(self.exam, rows)
        if self.sorts_only and self.folder:
            return tuned_seat(self.folder, rows) if system == "tuned" else base_seat(self.base, self.exam.train, rows)
        before = () if system in ("base", "tuned") else prompted(self.exam)
        asking = [asked(row, before) for row in rows]
        if system == "retrieval":
            asking = [with_passages(turns, self.found(row)) for turns, row in zip(asking, rows, strict=True)]
        return self._decoding(self.model("tuned" if system == "tuned" else "base"), asking)

    def model(self, which: Literal["base", "tuned"]) -> PreTrainedModel:
        """Loaded where it isn't yet; the other one is let go."""
        if self._held is None or self._held[0] != which:
            self.release()
            device, precision = device_and_precision()
            if which == "tuned" and self.folder:
                self._held = which, opened(self.folder, precision, device)
            else:
                self._held = which, load_model(base_folder(self.base), precision, device)
        return self._held[1]

    def release(self) -> None:
        """Lets the model go: somebody else needs the memory."""
        self._held = self.decoder = None
        gc.collect()

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The one saved with the model, so that prompts have the form that was trained."""
        return load_tokenizer(self.folder or base_folder(self.base))

    def _decoding(self, model: PreTrainedModel, asking: Sequence[Sequence[Message]]) -> Answering:
        decoder = self.decoder = Decoder(model, self.tokenizer, self._choices, self._longest)
        prompts = [within(prompt_tokens(turns, self.tokenizer), model, self._longest) for turns in asking]
        decoder.share(prompts)
        return lambda rows: decoder.answers({row: prompts[row] for row in rows})

    @cached_property
    def _choices(self) -> Choices | None:
        if not self.exam.labels:
            return None
        question = Message(role="user", content="?")
        ends = {label: (question, Message(role="assistant", content=label)) for label in self.exam.labels}
        return Choices({answer_tokens(turns, self.tokenizer): label for label, turns in ends.items()})

    @cached_property
    def _longest(self) -> int:
        """As long as the longest training answer; beyond it a wandering model only costs time."""
        rows: Sequence[Sample] = [row for row in self.exam.train if row.answer] or self.exam.test
        return min(LONGEST, max(len(answer_tokens(row.messages, self.tokenizer)) for row in rows))


def within(prompt: Prompt, model: PreTrainedModel, room: int) -> Prompt:
    """The prompt without its beginning where prompt and answer are longer than the context, as in training."""
    context = int(getattr(model.config, "max_position_embeddings", 0) or 0)
    return prompt[max(0, len(prompt) + room - context) :] if context > room else prompt
