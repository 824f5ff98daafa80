"""LoRA's products with as few passes over memory as they need: peft's own layers keep and write the weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peft.tuners.lora import Linear
    from torch import Tensor
    from torch.autograd import Function
    from torch.nn import Module

# Layers that read the same input: their A's are one product.
SHARED = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))


def quicken(model: Module) -> None:
    """Plain LoRA layers compute by `_forward` and `_backward` from now on; all others stay peft's.

    Multiplied is in the base's precision; adapters and their gradients stay as they are, in float32.
    """
    for block in model.modules():
        plain = {name: layer for name, layer in block.named_children() if _is_plain(layer)}
        for names in SHARED:
            if all(name in plain for name in names):
                Siblings([plain.pop(name) for name in names])
        for layer in plain.values():
            Siblings([layer])


def restore(model: Module) -> None:
    """Peft's own computation again."""
    for module in model.modules():
        vars(module).pop("forward", None) if _is_plain(module) else None


def _is_plain(layer: Module) -> bool:
    """One adapter upon an ordinary linear layer: no DoRA, no trained bias, no quantised weight."""
    import torch
    from peft.tuners.lora import Linear

    return (
        type(layer) is Linear
        and type(layer.base_layer) is torch.nn.Linear
        and not layer.base_layer.weight.requires_grad
        and list(layer.lora_A) == layer.active_adapters
        and len(layer.active_adapters) == 1
        and not layer.lora_variant
        and not any(layer.lora_bias.values())
    )


class Siblings:
    """Layers with one input. The first that is called computes for all, the others take what is theirs."""

    def __init__(self, layers: Sequence[Linear]) -> None:
        self.layers = layers
        self.adapter = layers[0].active_adapters[0]
        self.given: Tensor | None = None
        self.ready: dict[int, Tensor] = {}
        for place, layer in enumerate(layers):
            layer.forward = partial(self.output, place)

    def output(self, place: int, x: Tensor) -> Tensor:
        layer = self.layers[place]
        if layer.disable_adapters or layer.merged:
            return type(layer).forward(layer, x)
        if self.given is not x or place not in self.ready:
            self.given, self.ready = x, dict(enumerate(self._outputs(x)))
        found = self.ready.pop(place)
        if not self.ready:
            self.given = None
        return found

    def _outputs(self, x: Tensor) -> Sequence[Tensor]:
        frozen = [(layer.base_layer.weight, layer.base_layer.bias) for layer in self.layers]
        scales = [layer.scaling[self.adapter] for layer in self.layers]
        pairs = [m[self.adapter].weight for layer in self.layers for m in (layer.lora_A, layer.lora_B)]
        dropout = getattr(self.layers[0].lora_dropout[self.adapter], "p", 0.0) if self.layers[0].training else 0.0
        return _adapted().apply(x, frozen, scales, dropout, *pairs)


@cache
def _adapted() -> type[Function]:
    """The layers' function for autograd. A class of its own at the top would load torch for `--help`."""
    import torch

    parts = {"forward": staticmethod(_forward), "backward": staticmethod(_backward)}
    return type("Adapted", (torch.autograd.Function,), parts)


def _forward(ctx: Any, x: Tensor, frozen: Any, scales: Any, dropout: float, *pairs: Tensor) -> tuple[Tensor, ...]:
    """x W' + s (x A') B' for each layer; x: (…, in).

    Dropout draws which inputs are dropped once for all tokens of the pass, not for each token: then it is the columns
    of A that are masked, some thousands of numbers instead of millions, and drawing them was a sixth of a step.
    """
    import torch

    rows = x.reshape(-1, x.shape[-1])
    down = torch.cat([a.to(x.dtype) for a in pairs[::2]])
    mask = torch.empty(0)
    if dropout:
        mask = torch.empty(x.shape[-1], device=x.device).bernoulli_(1 - dropout).div_(1 - dropout)
        down *= mask.to(x.dtype)
    ups = [b.to(x.dtype).mul_(s) if b.dtype != x.dtype else b * s for b, s in zip(pairs[1::2], scales, strict=True)]
    low = rows @ down.t()
    found = []
    for (weight, bias), up, z in zip(frozen, ups, low.split([up.shape[1] for up in ups], 1), strict=True):
        y = torch.nn.functional.linear(rows, weight, bias).addmm_(z, up.t())
        found.append(y.view(*x.shape[:-1], -1))
    ctx.save_for_backward(rows, low, down, mask, *ups)
    ctx.frozen, ctx.scales, ctx.shape = frozen, scales, x.shape
    ctx.precision = pairs[0].dtype
    return tuple(found)


def _backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
    """Frozen weights get no gradient; nor does x where nothing before it learns."""
    import torch

    rows, low, down, mask, *ups = ctx.saved_tensors
    sizes = [up.shape[1] for up in ups]
    flat = [g.reshape(rows.shape[0], -1) for g in grads]
    dlow = torch.cat([g @ up for g, up in zip(flat, ups, strict=True)], 1)
    ddown = (dlow.t() @ rows).to(ctx.precision)
    if mask.numel():
        ddown *= mask
    dups = [
        (z.t() @ g).to(ctx.precision).t() * s for z, g, s in zip(low.split(sizes, 1), flat, ctx.scales, strict=True)
    ]
    dx = None
    if ctx.needs_input_grad[0]:
        dx = dlow @ down
        for g, (weight, _) in zip(flat, ctx.frozen, strict=True):
            dx.addmm_(g, weight)
        dx = dx.view(ctx.shape)
    pairs = [d for both in zip(ddown.split(sizes), dups, strict=True) for d in both]
    return dx, None, None, None, *pairs
