"""Answers from a model, many at a time: greedy, over labels or free, with what all prompts share computed once."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from finetune.rows import stop_tokens

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

# What is held at once: tokens with their keys and values, and rows.
MOST_TOKENS = {"cpu": 8192, "cuda": 131072}
MOST_ROWS = {"cpu": 32, "cuda": 256}

Prompt = tuple[int, ...]


@dataclass(frozen=True)
class Choices:
    """The labels that may be answered, as tokens with the end of turn: `card` and `card_lost` must differ."""

    labels: Mapping[Prompt, str]

    def open(self, written: Prompt) -> list[Prompt]:
        return [tokens for tokens in self.labels if tokens[: len(written)] == written]

    def settled(self, written: Prompt) -> str | None:
        """The only label left."""
        left = self.open(written)
        return self.labels[left[0]] if len(left) == 1 else None


@dataclass
class _Answering:
    """One row of a batch under way."""

    row: int
    prompt: Prompt
    written: Prompt = ()
    answer: str | None = None


class Decoder:
    """`choices` None lets the model write what it likes, up to `longest` tokens."""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, choices: Choices | None, longest: int
    ) -> None:
        self.model, self.tokenizer, self.choices, self.longest = model.eval(), tokenizer, choices, longest
        self.shared: Prompt = ()
        self.tokens_written = 0
        # Whether an answer was last cut at `longest`, without an end of its own.
        self.cut_off = False

    @cached_property
    def _stops(self) -> set[int]:
        return stop_tokens(self.tokenizer)

    def share(self, prompts: Sequence[Prompt]) -> None:
        """Run the beginning that all prompts have in common once, and keep it."""
        self.shared = _beginning(prompts)
        self.__dict__.pop("_start", None)

    @cached_property
    def _start(self) -> DynamicCache:
        import torch
        from transformers import DynamicCache

        cache = DynamicCache(config=self.model.config)
        if self.shared:
            with torch.inference_mode():
                ids = torch.tensor([self.shared], device=self.model.device)
                self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return cache

    def answers(self, prompts: Mapping[int, Prompt]) -> Iterator[dict[int, str]]:
        """A batch at a time, rows of about one length together, the longest first: short memory shows at once.

        Every prompt begins with what is shared.
        """
        rows = [_Answering(row, prompt[len(self.shared) :]) for row, prompt in prompts.items()]
        rows.sort(key=lambda row: len(row.prompt))
        while rows:
            size = self._size(len(rows[-1].prompt) + len(self.shared))
            rows, batch = rows[:-size], rows[-size:]
            self._write(batch)
            yield {row.row: row.answer or "" for row in batch}

    def _size(self, longest: int) -> int:
        device = self.model.device.type
        return max(1, min(MOST_ROWS[device], MOST_TOKENS[device] // (longest + self.longest)))

    def _write(self, batch: Sequence[_Answering]) -> None:
        """Token by token until each row is settled; rows that are stay in the batch, their tokens ignored."""
        import torch

        cache = copy.deepcopy(self._start)
        if self.shared:
            cache.batch_repeat_interleave(len(batch))
        width = max(len(row.prompt) for row in batch)
        ids = self._tensor([[self.tokenizer.pad_token_id] * (width - len(r.prompt)) + list(r.prompt) for r in batch])
        seen = self._tensor(
            [[1] * len(self.shared) + [0] * (width - len(r.prompt)) + [1] * len(r.prompt) for r in batch]
        )
        with torch.inference_mode():
            while any(row.answer is None for row in batch):
                places = (seen.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
                logits = self.model(
                    input_ids=ids,
                    attention_mask=seen,
                    position_ids=places,
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                ).logits[:, -1]
                ids = self._tensor([[self._next(row, scores)] for row, scores in zip(batch, logits, strict=True)])
                seen = torch.cat([seen, torch.ones_like(ids)], dim=1)

    def _next(self, row: _Answering, scores: Tensor) -> int:
        """The row's next token; sets its answer when there is nothing left to choose."""
        if row.answer is not None:
            return int(self.tokenizer.pad_token_id)
        token = self._best(row, scores)
        row.written = (*row.written, token)
        self.tokens_written += 1
        if self.choices:
            row.answer = self.choices.settled(row.written)
        elif token in self._stops or len(row.written) >= self.longest:
            self.cut_off = token not in self._stops
            kept = row.written if self.cut_off else row.written[:-1]
            row.answer = str(self.tokenizer.decode(kept, skip_special_tokens=True)).strip()
        return token

    def _best(self, row: _Answering, scores: Tensor) -> int:
        if not self.choices:
            return int(scores.argmax())
        allowed = sorted({tokens[len(row.written)] for tokens in self.choices.open(row.written)})
        return allowed[int(scores[allowed].argmax())]

    def _tensor(self, rows: list[list[int]]) -> Tensor:
        import torch

        return torch.tensor(rows, device=self.model.device)


def _beginning(prompts: Sequence[Prompt]) -> Prompt:
    """What all have in common, less than the whole of any: the last token must still go through the model."""
    shortest, longest = min(prompts), max(prompts)
    most = min(len(prompt) for prompt in prompts) - 1
    same = next((i for i, (a, b) in enumerate(zip(shortest, longest, strict=False)) if a != b), most)
    return shortest[: min(same, most)]
