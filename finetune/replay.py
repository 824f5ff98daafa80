"""What is learned beside the task, so that less is forgotten: the base's own general answers, and a second file."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.held_back import asked, parted
from finetune.job import Job
from finetune.judging.decode import Decoder
from finetune.lessons import Lessons
from finetune.recipe import Recipe
from finetune.rows import Tokens, answer_tokens, fitted, prompt_tokens, tokenised
from workspace.errors import UserError
from workspace.project import file_hash, read_samples, write_samples
from workspace.sample import Message, Origin, Sample, sample
from workspace.words import Words

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import PreTrainedTokenizerBase

REPLAYED = "replay.jsonl"
PROMPTS = Path(__file__).parent / "prompts"
# Tokens: a general answer that is longer is learned up to here, and not that it ends here.
LONGEST = 96


def with_more(
    taught: Lessons[Tokens], job: Job, folder: Path, model: Module, tokenizer: PreTrainedTokenizerBase
) -> Lessons[Tokens]:
    """The lessons with the recipe's second file and general rows among those to train on; those that watch stay.

    `model` has not learned anything yet: the general answers are its own, written once into `folder`.
    Raises UserError where the second file is gone or was changed.
    """
    recipe, train, notes = job.recipe, list(taught.train), [taught.note] if taught.note else []
    if recipe.mix:
        train += chosen(_second(job, tokenizer), len(taught.train), recipe.seed)
    if count := replayed(len(train), recipe.replay):
        general = _general(folder / REPLAYED, count, recipe, model, tokenizer)
        train += chosen(general, count, recipe.seed)
        notes.append(_told(count, recipe.replay))
    note = Words(" ".join(n.en for n in notes), "".join(n.zh for n in notes)) if notes else None
    return dataclasses.replace(taught, train=train, note=note)


def replayed(rows: int, share: float) -> int:
    """How many general rows are that share of all, next to `rows` others."""
    return max(1, round(rows * share / (1 - share))) if share else 0


def chosen(rows: Sequence[Tokens], count: int, seed: int) -> list[Tokens]:
    """As many as wanted, each as often as any other but for one; which ones follows from the seed."""
    order = list(rows)
    random.Random(seed).shuffle(order)
    return [order[i % len(order)] for i in range(count)] if order else []


def _second(job: Job, tokenizer: PreTrainedTokenizerBase) -> list[Tokens]:
    """The rows of the second file; what a test row asks is left out here, too."""
    mix = job.recipe.mix
    assert mix is not None
    if not mix.rows.is_file() or file_hash(mix.rows) != mix.hash:
        raise UserError(
            Words(
                f"The rows to mix in are gone or were changed: {mix.rows}.",
                f"要混入的数据不在了或被改动过：{mix.rows}。",
            ),
            Words("Put them back, or train into a new folder.", "请恢复该文件，或换一个文件夹重新训练。"),
        )
    held = {asked(row) for row in parted(job.source).test} if job.source and job.source.is_file() else set()
    rows = [row for row in read_samples(mix.rows) if row.kept and row.split != "test" and asked(row) not in held]
    tokens = [tokenised(row, tokenizer) for row in rows]
    return fitted(tokens, tokenizer.model_max_length)[0] if tokens else []


def _general(path: Path, count: int, recipe: Recipe, model: Module, tokenizer: PreTrainedTokenizerBase) -> list[Tokens]:
    if not path.exists():
        prompts = everyday(recipe.seed)[:count]
        write_samples(path, _answered(prompts, model, tokenizer))
    return [_bounded(row, tokenizer) for row in read_samples(path)]


def everyday(seed: int) -> list[str]:
    """Things that anybody may ask, in both languages; the order follows from the seed."""
    texts = [(PROMPTS / f"everyday.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh")]
    prompts = [line for text in texts for line in text.splitlines() if line]
    random.Random(seed).shuffle(prompts)
    return prompts


def _answered(prompts: Sequence[str], model: Module, tokenizer: PreTrainedTokenizerBase) -> Iterator[Sample]:
    """What the model says to each, greedily; a prompt that it has nothing to say to is left out."""
    decoder = Decoder(model, tokenizer, None, LONGEST)
    asked = {i: prompt_tokens([Message(role="user", content=prompt)], tokenizer) for i, prompt in enumerate(prompts)}
    decoder.share(list(asked.values()))
    answers: Mapping[int, str] = {row: text for batch in decoder.answers(asked) for row, text in batch.items()}
    for i, prompt in enumerate(prompts):
        if answers[i]:
            yield sample(prompt, answers[i], Origin(source="replay", row=i))


def _bounded(row: Sample, tokenizer: PreTrainedTokenizerBase) -> Tokens:
    """An answer that was cut off is learned without an end."""
    answer = answer_tokens(row.messages, tokenizer)
    return Tokens(prompt_tokens(row.messages[:-1], tokenizer), answer if len(answer) <= LONGEST else answer[:LONGEST])


def _told(count: int, share: float) -> Words:
    return Words(
        f"{count} general rows ({share:.0%}), which the base answered itself before training, are learned along: "
        "so it forgets less of what it could do.",
        f"训练中混入了 {count} 条通用数据（{share:.0%}），答案由基础模型在训练前自己写出，以减少遗忘。",
    )
