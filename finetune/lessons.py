"""Which rows of a file are learned from and which watch over the learning, as tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import orjson

from finetune.job import Job
from finetune.rows import Tokens, fitted, stop_tokens, tokenised
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.sample import Sample
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ENOUGH = 10
MOST_VALIDATION = 100


R = TypeVar("R")


@dataclass(frozen=True)
class Lessons(Generic[R]):
    """`note` is what the person should know about these rows before training."""

    train: Sequence[R]
    validation: Sequence[R]
    note: Words | None


def lessons(job: Job, tokenizer: PreTrainedTokenizerBase, base: Path) -> Lessons[Tokens]:
    """Raises UserError where there is nothing to learn from, or a row in which no token would be trained."""
    train, validation = divided([row for row in read_samples(job.data) if row.kept], job.recipe.seed)
    tokens = [tokenised(row, tokenizer) for row in (*train, *validation)]
    stops = stop_tokens(tokenizer)
    if any(row.answer[-1] not in stops for row in tokens):
        raise ValueError("an answer without its end-of-turn token")
    most = orjson.loads((base / "config.json").read_bytes()).get("max_position_embeddings") or 4096
    tokens, cut = fitted(tokens, most)
    return Lessons(tokens[: len(train)], tokens[len(train) :], _note(train, cut))


def divided(rows: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """(train, validation). Rows without a split are all for training, but for a tenth that is put aside if need be."""
    train = [row for row in rows if row.split in ("train", None)]
    validation = [row for row in rows if row.split == "validation"]
    if not train:
        raise UserError(
            Words("There is no row to train on.", "没有可用于训练的数据。"),
            Words(
                "The file needs kept rows of the split `train`, or rows without any split.",
                "文件里需要有未被剔除的 train 数据，或未划分的数据。",
            ),
        )
    chance = random.Random(seed)
    if not validation and len(train) >= ENOUGH:
        chance.shuffle(train)
        aside = max(1, len(train) // 10)
        train, validation = train[aside:], train[:aside]
    chance.shuffle(validation)
    return train, validation[:MOST_VALIDATION]


def _note(train: Sequence[Sample], cut: int) -> Words | None:
    labels = {row.label for row in train}
    if len(labels) == 1 and None not in labels:
        only = labels.pop()
        return Words(
            f"Every row to train on has the label {only!r}: the model will learn to say nothing else.",
            f"所有训练数据都是 {only!r} 这一个类别：模型只会学到这一种回答。",
        )
    if cut:
        return Words(
            f"{cut} very long rows lose their beginnings; their answers stay whole.",
            f"有 {cut} 条过长的数据截去了开头，回答部分完整保留。",
        )
    return None
