"""Encoders at the exam: the base by the nearest mean of each label's rows, the tuned one by what it learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import device_and_precision
from finetune.encoders.classifier import BATCH, Classifier, opened, untrained
from finetune.encoders.reading import Kinds
from workspace.sample import Sample

if TYPE_CHECKING:
    from torch import Tensor

# Row numbers in, labels out, a batch at a time.
Answering = Callable[[Sequence[int]], Iterator[dict[int, str]]]


def tuned_seat(folder: Path, asked: Sequence[Sample]) -> Answering:
    """The classifier of this folder answers `asked` by number."""
    classifier = opened(folder, device_and_precision()[0])
    return _in_batches(asked, lambda texts: classifier.classify(texts).labels)


def base_seat(base: str, train: Sequence[Sample], asked: Sequence[Sample]) -> Answering:
    """What the encoder knows before it is tuned: the label whose training rows are on average nearest by angle."""
    labels = tuple(sorted({row.label for row in train if row.label}))
    encoder = untrained(base, Kinds(labels, ()), device_and_precision()[0], seed=0)
    encoder.model.eval()
    means = _means(encoder, train, labels)

    def nearest(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(labels[i] for i in (_directions(encoder, texts) @ means.T).argmax(1).tolist())

    return _in_batches(asked, nearest)


def chances_of(folder: Path, rows: Sequence[Sample]) -> list[float]:
    """The probability that this classifier gives to each row's own label; 0 for one that it never learned."""
    classifier = opened(folder, device_and_precision()[0])
    found = classifier.classify([row.question for row in rows]).probabilities
    numbers = {label: i for i, label in enumerate(classifier.card.labels)}
    return [float(found[i, numbers[row.label]]) if row.label in numbers else 0.0 for i, row in enumerate(rows)]


def _means(encoder: Classifier, train: Sequence[Sample], labels: Sequence[str]) -> Tensor:
    """labels × hidden size, each of length 1."""
    import torch

    found = _directions(encoder, [row.question for row in train])
    numbers = torch.tensor([labels.index(row.label or "") for row in train])
    return torch.nn.functional.normalize(torch.stack([found[numbers == i].mean(0) for i in range(len(labels))]))


def _directions(encoder: Classifier, texts: Sequence[str]) -> Tensor:
    """texts × hidden size, each of length 1."""
    import torch

    features = torch.from_numpy(encoder.classify(texts).features)
    return torch.nn.functional.normalize(features)


def _in_batches(asked: Sequence[Sample], answer: Callable[[Sequence[str]], Sequence[str]]) -> Answering:
    def answers(rows: Sequence[int]) -> Iterator[dict[int, str]]:
        order = sorted(rows, key=lambda row: len(asked[row].question))
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            yield dict(zip(part, answer([asked[row].question for row in part]), strict=True))

    return answers
