"""Rows as the model sees them: prompt and answer as tokens, in batches of about the same length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workspace.errors import UserError
from workspace.sample import Message, Sample
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHORTEST_LIMIT = 256
GROUP = 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """Only `answer` is trained on; it ends with the end-of-turn token."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.answer)

    @property
    def trained(self) -> int:
        return len(self.answer)


def prompt_tokens(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Everything up to where the model starts to answer."""
    return _encoded(_rendered(messages, tokenizer, asking=True), tokenizer)


def answer_tokens(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """The last message as the model should write it, with the end-of-turn token.

    Prompt and answer are cut apart before they become tokens, in training and in evaluation alike: joined, a token
    could straddle the border.
    """
    prompt = _rendered(messages[:-1], tokenizer, asking=True)
    whole = _rendered(messages, tokenizer, asking=False)
    if not whole.startswith(prompt):
        raise UserError(
            Words(
                "This base's chat template rewrites earlier turns, so its answers can't be told apart.",
                "该基础模型的对话模板会改写前文，无法区分出回答部分。",
            ),
            Words("Choose another base model.", "请换一个基础模型。"),
        )
    answer = _encoded(whole[len(prompt) :].rstrip(), tokenizer)
    return answer if answer and answer[-1] in stop_tokens(tokenizer) else (*answer, tokenizer.eos_token_id)


def stop_tokens(tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """The end of the text, and whatever ends a turn in the usual templates."""
    ends = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")
    known = tokenizer.get_vocab()
    return {tokenizer.eos_token_id, *(known[end] for end in ends if end in known)}


def tokenised(row: Sample, tokenizer: PreTrainedTokenizerBase) -> Tokens:
    """Raises UserError for a row without an answer: nothing in it would be trained."""
    if not row.messages or row.messages[-1].role != "assistant" or not row.messages[-1].content.strip():
        raise UserError(
            Words(f"Row {row.id} has no answer to learn from.", f"第 {row.id} 条数据没有可学习的回答。"),
            Words(
                "Each row must end with a non-empty assistant message; leave this one out or complete it.",
                "每条数据都要以非空的 assistant 消息结尾；请删掉或补全这一条。",
            ),
        )
    return Tokens(prompt_tokens(row.messages[:-1], tokenizer), answer_tokens(row.messages, tokenizer))


def fitted(rows: Sequence[Tokens], most: int) -> tuple[list[Tokens], int]:
    """Rows no longer than the 99th percentile (256 tokens at least, `most` at most), and how many were cut.

    What is cut is the beginning of the prompt; the answer stays whole.
    """
    lengths = sorted(row.length for row in rows)
    usual = max(SHORTEST_LIMIT, lengths[int(0.99 * (len(lengths) - 1))])
    limit = min(most, max(usual, max(len(row.answer) for row in rows) + 16))
    if any(len(row.answer) >= limit for row in rows):
        raise UserError(
            Words(f"An answer is longer than this base can hold ({most} tokens).", f"有回答超出模型上限（{most}）。"),
            Words("Shorten it, or choose a base with a longer context.", "请缩短回答，或换上下文更长的基础模型。"),
        )
    cut = [Tokens(row.prompt[max(0, row.length - limit) :], row.answer) for row in rows]
    return cut, sum(row.length > limit for row in rows)


def batches(lengths: Sequence[int], size: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Row numbers, without end; a pass over all rows is an epoch, whose order follows from the seed alone.

    Neighbours in length stand in one batch, so that little is padding; the batches themselves are in random order.
    """
    if not lengths:
        raise ValueError("no rows")
    epoch = 0
    while True:
        yield from _epoch(lengths, size, random.Random(f"{seed}:{epoch}"))
        epoch += 1


def _epoch(lengths: Sequence[int], size: int, chance: random.Random) -> list[tuple[int, ...]]:
    order = list(range(len(lengths)))
    chance.shuffle(order)
    found = []
    for start in range(0, len(order), size * GROUP):
        group = sorted(order[start : start + size * GROUP], key=lambda i: lengths[i])
        found += [tuple(group[at : at + size]) for at in range(0, len(group), size)]
    chance.shuffle(found)
    return found


def _rendered(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase, asking: bool) -> str:
    turns = [{"role": m.role, "content": _disarmed(m.content, tokenizer)} for m in messages]
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=asking))


def _disarmed(text: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """A text that spells out `<|im_end|>` must not end its own turn."""
    for token in tokenizer.all_special_tokens:
        if len(token) > 2:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _encoded(text: str, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])
