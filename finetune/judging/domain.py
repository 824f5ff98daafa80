"""Messages that are none of the model's business, told by how far they lie from all that it learned."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ValidationError

from finetune.checkpoint import write_tensors
from finetune.identity import learned as weights
from finetune.judging.detection import FALSE_ALARMS, threshold_at
from finetune.judging.exam import asked
from finetune.judging.reading import Reading, reading_of
from workspace.errors import UserError
from workspace.project import write_text
from workspace.sample import Message, Sample
from workspace.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

# In a folder of their own: these are none of the weights that a model is known by.
CARD, TENSORS = Path("domain", "domain.json"), Path("domain", "domain.safetensors")
FEWEST = 8
# Of a large set so many rows draw the same picture; no more are read.
MOST = 1000
SEED = 7


class Card(BaseModel):
    """`threshold`: a message farther away is none of the model's. Set so that of rows held out while the distances
    were learned at most `alarms` lie beyond it."""

    threshold: float
    alarms: float = FALSE_ALARMS
    rows: int
    held_out: int
    weights: str


@dataclass(frozen=True)
class Domain:
    """`centres` (labels × size) and `whitening` (size × size) turn a state into a squared Mahalanobis distance.

    Lee et al. 2018, with the shrinkage of Ledoit and Wolf 2004 for fewer rows than dimensions.
    """

    card: Card
    centres: Array
    whitening: Array
    reading: Reading

    def score(self, texts: Sequence[str]) -> list[float]:
        """How far each message lies from all that was learned; beyond `card.threshold` it is foreign."""
        return self.score_turns([(Message(role="user", content=text),) for text in texts])

    def score_turns(self, asking: Sequence[Sequence[Message]]) -> list[float]:
        return distances(self.reading(asking), self.centres, self.whitening)


def fit(folder: Path, rows: Sequence[Sample], reading: Reading | None = None) -> Domain:
    """Learn the distances from the training rows, the threshold from the validation rows, and keep both in `folder`.

    No foreign row is needed. Without validation rows every tenth training row sets the threshold.
    Raises UserError where there are too few rows.
    """
    import numpy

    train = _some([row for row in rows if row.split in ("train", None)])
    held = _some([row for row in rows if row.split == "validation"])
    if len(held) < FEWEST:
        train, held = [r for n, r in enumerate(train) if n % 10], [*held, *train[::10]]
    if len(train) < FEWEST or not held:
        raise _too_few(len(train) + len(held))
    reading = reading or reading_of(folder)
    states = reading([asked(row) for row in (*train, *held)])
    learned, other = states[: len(train)], states[len(train) :]
    centres, whitening = fitted(learned, [row.label or "" for row in train])
    card = Card(
        threshold=threshold_at(distances(other, centres, whitening)),
        rows=len(train),
        held_out=len(held),
        weights=_weights(folder),
    )
    domain = Domain(card, centres.astype(numpy.float32), whitening.astype(numpy.float32), reading)
    keep(domain, folder)
    return domain


def _some(rows: Sequence[Sample]) -> list[Sample]:
    """By chance, for a file may be sorted by label: those of a label left out would all be foreign."""
    return random.Random(SEED).sample(list(rows), min(MOST, len(rows)))


def load(folder: Path, reading: Reading | None = None) -> Domain | None:
    """What was fitted for this folder's weights; None where nothing was, or the weights are others now."""
    from safetensors.numpy import load_file

    try:
        card = Card.model_validate_json((folder / CARD).read_bytes())
        tensors = load_file(folder / TENSORS)
    except (FileNotFoundError, ValidationError):
        return None
    if card.weights != _weights(folder):
        return None
    return Domain(card, tensors["centres"], tensors["whitening"], reading or reading_of(folder))


def keep(domain: Domain, folder: Path) -> None:
    """The card last: where it is, the numbers are too."""
    import torch

    (folder / CARD).unlink(missing_ok=True)
    tensors = {name: torch.from_numpy(getattr(domain, name).copy()) for name in ("centres", "whitening")}
    write_tensors(folder / TENSORS, tensors)
    write_text(folder / CARD, orjson.dumps(domain.card.model_dump(), option=orjson.OPT_INDENT_2).decode())


def fitted(states: Array, labels: Sequence[str]) -> tuple[Array, Array]:
    """(the mean of each label, what makes the spread around them round)."""
    import numpy
    from sklearn.covariance import LedoitWolf

    names, numbers = numpy.unique(list(labels), return_inverse=True)
    states = states.astype(numpy.float64)
    centres = numpy.stack([states[numbers == n].mean(0) for n in range(len(names))])
    precision = LedoitWolf(assume_centered=True).fit(states - centres[numbers]).precision_
    return centres, numpy.linalg.cholesky(precision)


def distances(states: Array, centres: Array, whitening: Array) -> list[float]:
    """The squared distance to the nearest centre."""
    import numpy

    points, targets = states.astype(numpy.float64) @ whitening, centres.astype(numpy.float64) @ whitening
    each = numpy.stack([((points - target) ** 2).sum(1) for target in targets], axis=1)
    return [float(x) for x in each.min(1)]


def _weights(folder: Path) -> str:
    """Distances of other weights mean nothing."""
    return hashlib.sha256(orjson.dumps(weights(folder))).hexdigest()


def _too_few(rows: int) -> UserError:
    return UserError(
        Words(
            f"{rows} rows are too few to know what lies outside of them.",
            f"只有 {rows} 条数据，不足以判断哪些消息超出范围。",
        ),
        Words("Give at least 20 rows to learn from.", "请至少提供 20 条训练数据。"),
    )
