"""Which rows of a file are learned from and which watch over the learning, as tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import orjson

from finetune.job import Held, Job
from finetune.recipe import Recipe
from finetune.rows import Tokens, fitted, stop_tokens, tokenised
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.sample import Sample
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ENOUGH = 10
FEW = 50
MOST_VALIDATION = 100


R = TypeVar("R")


@dataclass(frozen=True)
class Lessons(Generic[R]):
    """`note` is what the person should know about these rows before training; `cut` rows lost their beginnings."""

    train: Sequence[R]
    validation: Sequence[R]
    note: Words | None
    cut: int = 0


def lessons(job: Job, tokenizer: PreTrainedTokenizerBase, base: Path) -> Lessons[Tokens]:
    """Raises UserError where there is nothing to learn from, or a row that would teach nothing or never to end."""
    return taught([row for row in read_samples(job.data) if row.kept], job.recipe, job.held, tokenizer, base)


def taught(
    rows: Sequence[Sample], recipe: Recipe, held: Held, tokenizer: PreTrainedTokenizerBase, base: Path
) -> Lessons[Tokens]:
    """These rows as tokens, those to train on and those to watch."""
    train, validation = divided(rows, recipe.seed)
    tokens = [tokenised(row, tokenizer) for row in (*train, *validation)]
    _whole((*train, *validation), tokens, stop_tokens(tokenizer))
    most = orjson.loads((base / "config.json").read_bytes()).get("max_position_embeddings") or 4096
    tokens, cut = fitted(tokens, most)
    note = joined([*about(train, validation), *kept_apart(held), *_shortened(cut)])
    return Lessons(tokens[: len(train)], tokens[len(train) :], note, cut)


def _whole(rows: Sequence[Sample], tokens: Sequence[Tokens], stops: set[int]) -> None:
    """A row must train at least one token besides the end of the turn, and that end too."""
    for row, found in zip(rows, tokens, strict=True):
        if not found.answer or found.answer[-1] not in stops:
            raise UserError(
                Words(
                    f"The answer of row {row.id} doesn't end: the model would learn to talk on for ever.",
                    f"第 {row.id} 条数据的回答没有结束标记：模型会学成停不下来。",
                ),
                Words("Choose another base; this one has no end-of-turn token.", "请换一个有结束标记的基础模型。"),
            )
        if len(found.answer) < 2:
            raise UserError(
                Words(f"In row {row.id} nothing would be learned.", f"第 {row.id} 条数据里没有可学习的内容。"),
                Words("Its answer is empty to this base: leave it out.", "对该模型来说它的回答是空的，请删掉。"),
            )


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


def about(train: Sequence[Sample], validation: Sequence[Sample]) -> Iterator[Words]:
    labels = {row.label for row in train}
    if len(labels) == 1 and None not in labels:
        only = labels.pop()
        yield Words(
            f"Every row to train on has the label {only!r}: the model will learn to say nothing else.",
            f"所有训练数据都是 {only!r} 这一个类别：模型只会学到这一种回答。",
        )
    if len(train) < FEW:
        yield Words(
            f"{len(train)} rows are few: the model will learn them by heart rather than what they have in common.",
            f"只有 {len(train)} 条训练数据：模型多半只会死记，学不到共同的规律。",
        )
    if not validation:
        yield Words(
            "No row is left to watch over the learning: the last state is kept, not the best.",
            "没有可用于监控的数据：只能保留最后的状态，无法挑出最好的。",
        )


def kept_apart(held: Held) -> Iterator[Words]:
    if held.twins:
        yield Words(
            f"{held.twins} rows ask the same as a test row; they are not learned from, or the test would be no test.",
            f"有 {held.twins} 条与测试数据的问题相同，已不用于训练，否则测试就没有意义。",
        )
    if not held.rows:
        yield Words(
            "No row was held back for a test: the model can be tuned, but not measured on rows it never saw.",
            "没有留出测试数据：可以训练，但无法用模型没见过的数据来衡量效果。",
        )


def _shortened(cut: int) -> Iterator[Words]:
    if cut:
        yield Words(
            f"{cut} very long rows lose their beginnings; their answers stay whole.",
            f"有 {cut} 条过长的数据截去了开头，回答部分完整保留。",
        )


def joined(notes: Sequence[Words]) -> Words | None:
    return Words(" ".join(note.en for note in notes), "".join(note.zh for note in notes)) if notes else None
