"""Rows laid end to end as one: no layer computes padding, what all rows begin with is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from finetune.rows import Tokens

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.autograd import Function
    from transformers import PreTrainedModel

ATTENTION, USUAL = "tunesmith_flat", "sdpa"
# Up to here two plain products and a softmax are several times faster on a CPU than torch's flash attention.
SHORT = 512
# 128 MB of them in float32; on a GPU 1 GB, for small products leave most of it idle.
MOST_LOGITS = {"cpu": 2**25, "cuda": 2**28}


@dataclass(frozen=True)
class Flat:
    """Of B rows, L tokens the longest, T in all: their common beginning once, then what is each row's own.

    The last token of a row is not among them: what follows it is never asked.
    """

    ids: Tensor  # (1, T)
    positions: Tensor  # (1, T), each row counted from its own beginning
    shared: int  # tokens of the common beginning
    spread: Tensor  # (B, L), where in the T each token of a padded row stands; padding on the right points anywhere
    gather: Tensor  # (T,), where in the B x L each of the T stands; the common beginning in the first row
    asked: Tensor  # where in the T stands each token whose next one is trained
    targets: Tensor  # that next one


def laid(rows: Sequence[Tokens], device: torch.device) -> Flat:
    import torch

    whole = [(*row.prompt, *row.answer)[:-1] for row in rows]
    shared = _common([row.prompt for row in rows])
    longest = max(map(len, whole))
    # A row's own tokens begin at `start - shared`, had it the common beginning for itself.
    starts = list(accumulate((len(row) - shared for row in whole), initial=0))
    spread = [[*range(shared), *range(shared + at, at + len(row))] for at, row in zip(starts, whole, strict=False)]
    padded = [[*places, *[0] * (longest - len(places))] for places in spread]
    gather = [*range(shared)]
    for i, row in enumerate(whole):
        gather += range(i * longest + shared, i * longest + len(row))
    asked = [
        places[len(row.prompt) - 1 + i]
        for row, places in zip(rows, spread, strict=True)
        for i in range(len(row.answer))
    ]
    own = [token for row in whole for token in row[shared:]]
    positions = [*range(shared), *(i for row in whole for i in range(shared, len(row)))]

    def tensor(values: Sequence[Any]) -> Tensor:
        return torch.tensor(values, device=device)

    return Flat(
        ids=tensor([[*whole[0][:shared], *own]]),
        positions=tensor([positions]),
        shared=shared,
        spread=tensor(padded),
        gather=tensor(gather),
        asked=tensor(asked),
        targets=tensor([token for row in rows for token in row.answer]),
    )


def _common(prompts: Sequence[tuple[int, ...]]) -> int:
    """How many tokens all begin with; nothing is shared by one row."""
    if len(prompts) == 1:
        return 0
    least, most = min(prompts), max(prompts)
    return next((i for i, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), min(len(least), len(most)))


def attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, flat: Flat | None = None, **given: Any
) -> tuple[Tensor, Any]:
    """For transformers' attention interface: each row looks back upon itself. Without `flat`, torch's usual one.

    query: (1, heads, T, size), key and value: (1, fewer heads, T, size); returns (1, T, heads, size). Raises TypeError
    where the base's own attention is more than that.
    """
    import torch
    from transformers import AttentionInterface

    if flat is None:
        usual: tuple[Tensor, Any] = AttentionInterface()[USUAL](module, query, key, value, mask, **given)
        return usual
    if more := [name for name in ("softcap", "s_aux", "position_bias") if given.get(name) is not None]:
        raise TypeError(more)
    scaling = given["scaling"]

    spread, collect = _function("Spread", _spread, _spread_back), _function("Collect", _collect, _collect_back)
    q, k, v = (spread.apply(x[0].transpose(0, 1), flat).transpose(1, 2) for x in (query, key, value))
    if q.device.type == "cpu" and q.shape[2] <= SHORT:
        found = _short(q, k, v, scaling)
    else:
        # Padding is on the right, where causal attention never looks: without a mask, flash attention can be taken.
        found = torch.nn.functional.scaled_dot_product_attention(
            q, k, v, is_causal=True, scale=scaling, enable_gqa=q.shape[1] != k.shape[1]
        )
    return collect.apply(found.transpose(1, 2), flat)[None], None


def _short(q: Tensor, k: Tensor, v: Tensor, scaling: float) -> Tensor:
    """Queries that share a key stand in one matrix below each other."""
    import torch

    (rows, heads, length, size), keys = q.shape, k.shape[1]
    later = torch.full((length, length), float("-inf"), dtype=q.dtype, device=q.device).triu(1)
    scores = torch.baddbmm(
        later.repeat(heads // keys, 1),
        q.reshape(rows * keys, -1, size),
        k.reshape(rows * keys, length, size).transpose(1, 2),
        alpha=scaling,
    )
    return torch.bmm(scores.softmax(-1), v.reshape(rows * keys, length, v.shape[-1])).view(rows, heads, length, -1)


def _spread(ctx: Any, x: Tensor, rows: Flat) -> Tensor:
    """(T, heads, size) → (B, L, heads, size)."""
    ctx.rows = rows
    return x[rows.spread]


def _spread_back(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
    """Torch's own way back from an index adds one by one; here only the common beginning is a sum."""
    rows = ctx.rows
    found = grad.flatten(0, 1)[rows.gather]
    if rows.shared:
        found[: rows.shared] = grad[:, : rows.shared].sum(0)
    return found, None


def _collect(ctx: Any, x: Tensor, rows: Flat) -> Tensor:
    """(B, L, heads, size) → (T, heads, size)."""
    ctx.rows, ctx.shape = rows, x.shape
    return x.flatten(0, 1)[rows.gather]


def _collect_back(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
    found = grad.new_zeros(ctx.shape)
    found.flatten(0, 1)[ctx.rows.gather] = grad
    return found, None


def install(base: PreTrainedModel) -> None:
    """Raises TypeError for a base whose attention can't be exchanged; what it computes then is to be compared."""
    from transformers import AttentionInterface, AttentionMaskInterface

    if not base._supports_attention_backend or getattr(base, "_is_stateful", False):
        raise TypeError("this base has an attention of its own")
    AttentionInterface.register(ATTENTION, attention)
    AttentionMaskInterface.register(ATTENTION, AttentionMaskInterface()[USUAL])
    base.set_attn_implementation(ATTENTION)


def answer_loss(base: PreTrainedModel, rows: Sequence[Tokens]) -> Tensor:
    """Summed over the tokens of the answers; a scalar."""
    import torch

    flat = laid(rows, base.device)
    hidden = base.base_model(
        input_ids=flat.ids,
        position_ids=flat.positions,
        # Transformers takes a mask of this shape for finished, and makes none of T x T.
        attention_mask=torch.zeros(1, 1, 1, 1, device=base.device),
        use_cache=False,
        flat=flat,
    ).last_hidden_state[0, flat.asked]
    head = base.get_output_embeddings()
    if head.weight.requires_grad:
        return torch.nn.functional.cross_entropy(head(hidden).float(), flat.targets, reduction="sum")
    loss: Tensor = _function("Head", _head, _head_back).apply(hidden, head.weight, head.bias, flat.targets)
    return loss


def _head(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
    """Cross entropy, and its gradient at once, for so many tokens at a time that their logits fit: none are kept."""
    import torch

    total, grad = hidden.new_zeros((), dtype=torch.float32), torch.empty_like(hidden)
    cut = (x.split(max(1, MOST_LOGITS.get(hidden.device.type, 2**25) // len(weight))) for x in (hidden, targets, grad))
    for part, wanted, back in zip(*cut, strict=True):
        logits = torch.nn.functional.linear(part, weight, bias).float()
        total += torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")
        if ctx.needs_input_grad[0]:
            share = logits.softmax(1)
            share[torch.arange(len(wanted), device=share.device), wanted] -= 1
            torch.mm(share.to(weight.dtype), weight, out=back)
    ctx.save_for_backward(grad)
    return total


def _head_back(ctx: Any, given: Tensor) -> tuple[Tensor | None, None, None, None]:
    return ctx.saved_tensors[0] * given, None, None, None


@cache
def _function(name: str, forward: Any, backward: Any) -> type[Function]:
    """For autograd. A class at the top of the file would load torch for `--help`."""
    import torch

    parts = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(name, (torch.autograd.Function,), parts)
