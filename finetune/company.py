"""Several processes that train one model: each takes its part of every batch, and all take the same step."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Company:
    """`number` of `size` processes, as `accelerate launch` or `torchrun` started them; alone without either.

    Gradients are summed, not averaged: each process has already divided by the tokens of the whole batch.
    """

    def __init__(self) -> None:
        self.size, self.number = int(os.environ.get("WORLD_SIZE", "1")), 0
        if self.size > 1:
            import torch
            from accelerate import PartialState

            state = PartialState(cpu=not torch.cuda.is_available())
            self.size, self.number = state.num_processes, state.process_index

    @property
    def leads(self) -> bool:
        """Only this one writes files and tells."""
        return self.number == 0

    def share(self, rows: Sequence[T]) -> Sequence[T]:
        """Every n-th: neighbours in length go to different processes, so that none waits long."""
        return rows[self.number :: self.size]

    def total(self, value: float) -> float:
        """Added up over all."""
        if self.size == 1:
            return value
        import torch

        tensor = torch.tensor(value, dtype=torch.float64 if not torch.cuda.is_available() else torch.float32)
        return float(self._summed(tensor.to(self._device)).item())

    def any(self, flag: bool) -> bool:
        return self.total(float(flag)) > 0

    def add_gradients(self, weights: Iterable[Tensor]) -> None:
        """Where a process had no row of a batch, its gradients are 0."""
        if self.size == 1:
            return
        import torch

        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            self._summed(weight.grad)

    def leaders(self, value: T) -> T:
        """What the leading process says, for all."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        found: list[T] = [value]
        broadcast_object_list(found, from_process=0)
        return found[0]

    @property
    def _device(self) -> str:
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    def _summed(self, tensor: Tensor) -> Tensor:
        import torch

        torch.distributed.all_reduce(tensor)
        return tensor
