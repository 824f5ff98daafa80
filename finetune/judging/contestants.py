"""The systems that sit the same exam: the base, the base with a good prompt, a classic baseline, the tuned model."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import base_folder, device_and_precision, load_model, load_tokenizer
from finetune.job import tuned
from finetune.judging.decode import Choices, Decoder
from finetune.judging.exam import Exam, asked, prompted
from finetune.methods import opened
from finetune.rows import answer_tokens, prompt_tokens
from workspace.results import System
from workspace.sample import Message, Sample

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Row numbers in, answers out, a batch at a time.
Answering = Callable[[Sequence[int]], Iterator[dict[int, str]]]
LONGEST = 512


class Contest:
    """Opens one system at a time; base and prompted share their model."""

    def __init__(self, exam: Exam, model_folder: Path) -> None:
        self.exam, self.folder, self.model = exam, model_folder, tuned(model_folder)

    @property
    def systems(self) -> tuple[System, ...]:
        classic: tuple[System, ...] = ("classic",) if self.exam.labels and self.exam.train else ()
        return ("base", "prompted", *classic, "tuned")

    def open(self, system: System) -> Answering:
        if system == "classic":
            return classic(self.exam)
        if system == "tuned":
            self.__dict__.pop("_base", None)
            gc.collect()
            device, precision = device_and_precision()
            return self._decoding(opened(self.folder, precision, device), ())
        return self._decoding(self._base, prompted(self.exam) if system == "prompted" else ())

    @cached_property
    def _base(self) -> PreTrainedModel:
        device, precision = device_and_precision()
        return load_model(base_folder(self.model.base), precision, device)

    @cached_property
    def _tokenizer(self) -> PreTrainedTokenizerBase:
        """The one saved with the model, so that prompts have the form that was trained."""
        return load_tokenizer(self.folder)

    def _decoding(self, model: PreTrainedModel, before: Sequence[Message]) -> Answering:
        decoder = Decoder(model, self._tokenizer, self._choices, self._longest)
        prompts = [prompt_tokens(asked(row, before), self._tokenizer) for row in self.exam.test]
        decoder.share(prompts)
        return lambda rows: decoder.answers({row: prompts[row] for row in rows})

    @cached_property
    def _choices(self) -> Choices | None:
        if not self.exam.labels:
            return None
        question = Message(role="user", content="?")
        ends = {label: (question, Message(role="assistant", content=label)) for label in self.exam.labels}
        return Choices({answer_tokens(turns, self._tokenizer): label for label, turns in ends.items()})

    @cached_property
    def _longest(self) -> int:
        """As long as the longest training answer; beyond it a wandering model only costs time."""
        rows: Sequence[Sample] = [row for row in self.exam.train if row.answer] or self.exam.test
        return min(LONGEST, max(len(answer_tokens(row.messages, self._tokenizer)) for row in rows))


def classic(exam: Exam) -> Answering:
    """TF-IDF of words and characters with a linear SVM, on the training rows."""
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    labels = [str(row.label) for row in exam.train]
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+|[^\w\s]", sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    judge = LinearSVC() if len(set(labels)) > 1 else DummyClassifier()
    model = make_pipeline(make_union(words, characters), judge)
    model.fit([row.question for row in exam.train], labels)

    def answers(rows: Sequence[int]) -> Iterator[dict[int, str]]:
        found = model.predict([exam.test[row].question for row in rows])
        yield {row: str(label) for row, label in zip(rows, found, strict=True)}

    return answers
