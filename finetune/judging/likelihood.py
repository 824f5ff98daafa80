"""How likely a model finds given texts, token by token: what forgetting and multiple choice are measured by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MOST_ROWS = 8


def token_log_probabilities(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[tuple[str, str]]
) -> Iterator[list[float]]:
    """For each (beginning, continuation): the natural logarithm of each token of the continuation, in context.

    A continuation without a beginning is told from its second token on, unless the tokenizer has a first of its own.
    """
    rows = [_encoded(tokenizer, *text) for text in texts]
    for start in range(0, len(rows), MOST_ROWS):
        yield from _batch(model, int(tokenizer.pad_token_id or 0), rows[start : start + MOST_ROWS])


def _encoded(tokenizer: PreTrainedTokenizerBase, beginning: str, rest: str) -> tuple[list[int], list[int]]:
    before: list[int] = tokenizer(beginning, add_special_tokens=False)["input_ids"]
    after: list[int] = tokenizer(rest, add_special_tokens=False)["input_ids"]
    if before:
        return before, after
    # A first token that the chat template spells out begins a turn, not a text.
    first, template = tokenizer.bos_token, str(tokenizer.chat_template)
    return ([tokenizer.bos_token_id], after) if first and first not in template else (after[:1], after[1:])


def _batch(model: PreTrainedModel, pad: int, rows: Sequence[tuple[list[int], list[int]]]) -> Iterator[list[float]]:
    import torch

    lengths = [len(before) + len(after) for before, after in rows]
    width = max(lengths)
    ids = torch.tensor([[*a, *b, *[pad] * (width - n)] for (a, b), n in zip(rows, lengths, strict=True)])
    seen = torch.tensor([[1] * n + [0] * (width - n) for n in lengths])
    with torch.inference_mode():
        logits = model(input_ids=ids.to(model.device), attention_mask=seen.to(model.device)).logits
        for row, (before, after) in zip(logits, rows, strict=True):
            at = len(before) - 1
            scores = row[at : at + len(after)].float().log_softmax(-1)
            yield scores.gather(1, torch.tensor(after, device=scores.device)[:, None])[:, 0].tolist()
