"""What the training loop needs of whatever it trains: rows of a length, weights, and how wrong they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from finetune.lessons import Lessons

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, Parameter


class Row(Protocol):
    """`length` in tokens; `trained` is how many targets it has: the loss shown is the mean over them."""

    @property
    def length(self) -> int: ...

    @property
    def trained(self) -> int: ...


R = TypeVar("R", bound=Row)


class Pupil(Protocol[R]):
    """What learns. Only `weights` are trained."""

    taught: Lessons[R]
    weights: dict[str, Parameter]

    @property
    def model(self) -> Module: ...

    def rate(self, name: str) -> float:
        """Times the recipe's learning rate, for the weights of this name."""

    def loss(self, rows: Sequence[R]) -> Tensor:
        """Summed over the rows' targets; a scalar."""

    def lighten(self) -> bool:
        """Compute activations twice instead of keeping them; False where that is done already."""

    def keep(self, folder: Path) -> None:
        """All that opens it again. Raises UserError when the disk is full."""
