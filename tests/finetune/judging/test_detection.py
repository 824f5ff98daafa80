"""Known answers: separable scores, equal ones, and what scikit-learn says of others."""

from __future__ import annotations

import random

import pytest

from finetune.judging.detection import auroc, detection, threshold_at


def test_separable_is_one_and_the_other_way_round_nothing() -> None:
    own, foreign = [0.1, 0.2, 0.3], [0.4, 0.5, 0.9]
    assert auroc(own, foreign).value == 1.0
    assert auroc(own, foreign).low < 0.6
    assert auroc(foreign, own).value == 0.0
    assert auroc([0.5] * 9, [0.5] * 4).value == 0.5


def test_as_scikit_learn_says_and_the_interval_holds_it() -> None:
    from sklearn.metrics import roc_auc_score

    rng = random.Random(3)
    own = [round(rng.gauss(0, 1), 1) for _ in range(150)]
    foreign = [round(rng.gauss(1, 1), 1) for _ in range(90)]
    found = auroc(own, foreign)
    assert found.value == pytest.approx(roc_auc_score([0] * 150 + [1] * 90, own + foreign))
    assert found.low < found.value < found.high
    # Of two normal distributions one apart it is 0.760.
    assert found.low < 0.760 < found.high
    assert found.high - found.low < 0.15


def test_interval_covers_the_truth_nineteen_times_of_twenty() -> None:
    rng = random.Random(5)
    hits = 0
    for _ in range(300):
        own, foreign = ([rng.gauss(mean, 1) for _ in range(40)] for mean in (0, 1))
        found = auroc(own, foreign)
        hits += found.low <= 0.7602 <= found.high
    assert 0.91 <= hits / 300 <= 0.98


@pytest.mark.parametrize(("rows", "expected"), [(100, 96), (40, 39), (19, 19), (5, 5), (1, 1)])
def test_threshold_holds_for_rows_yet_to_come(rows: int, expected: int) -> None:
    assert threshold_at([float(n) for n in range(1, rows + 1)]) == expected


def test_recall_and_false_alarms() -> None:
    found = detection([1, 2, 3, 4], [3, 5, 6], threshold=3)
    assert found.rows == 3
    assert found.recall.value == pytest.approx(2 / 3)
    assert found.alarms.value == pytest.approx(1 / 4)
