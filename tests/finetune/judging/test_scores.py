"""Intervals and tests against values from the literature, from scipy, or worked out by hand."""

from __future__ import annotations

from typing import Literal

import pytest

from finetune.judging.scores import chrf, estimate, mcnemar, paired, paired_difference, per_class, wilson
from workspace.stated import Metric


def test_wilson_against_scipy() -> None:
    from scipy.stats import binomtest

    for right, rows in ((0, 10), (9, 10), (461, 480), (10, 10)):
        want = binomtest(right, rows).proportion_ci(method="wilson")
        found = wilson(right, rows)
        assert (found.low, found.high) == pytest.approx((want.low, want.high))
        assert found.value == right / rows


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 0) == pytest.approx(2 / 2**5)
    assert mcnemar(3, 1) == pytest.approx(2 * (1 + 4) / 2**4)
    assert mcnemar(38, 6) == pytest.approx(mcnemar(6, 38))
    assert mcnemar(38, 6) < 0.001


def test_no_disagreement_is_not_certainty() -> None:
    """A plain bootstrap would give [0, 0] here."""
    same = paired_difference(0, 0, 20)
    assert same.low < 0 == same.value < same.high


def test_paired_counts() -> None:
    wanted = ["a", "a", "b", "b", "b"]
    test = paired("accuracy", wanted, ["a", "a", "b", "b", "a"], ["a", "b", "a", "b", "b"], "base")
    assert (test.better, test.worse, test.same) == (2, 1, 2)
    assert test.difference.value == pytest.approx(0.2)
    assert test.difference.low < 0.2 < test.difference.high
    assert test.p == pytest.approx(1.0)


def test_macro_f1_against_sklearn() -> None:
    from sklearn.metrics import f1_score

    wanted, given = list("aaabbbccdd"), list("aabbbacced")
    found = estimate("macro_f1", wanted, given)
    assert found.value == pytest.approx(f1_score(wanted, given, average="macro", labels=list("abcd")))
    assert found.low < found.value < found.high


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_precision_recall_and_f1_against_sklearn(average: Literal["macro", "weighted"]) -> None:
    from sklearn.metrics import precision_recall_fscore_support

    wanted, given = list("aaabbbccdd"), list("aabbbacced")
    library = precision_recall_fscore_support(
        wanted, given, average=average, labels=sorted(set(wanted)), zero_division=0
    )
    names: tuple[Metric, Metric, Metric] = (
        ("macro_precision", "macro_recall", "macro_f1")
        if average == "macro"
        else ("weighted_precision", "weighted_recall", "weighted_f1")
    )
    for name, value in zip(names, library[:3], strict=True):
        found = estimate(name, wanted, given)
        assert found.value == pytest.approx(value)
        assert found.low < found.value < found.high


def test_weighted_recall_is_the_accuracy() -> None:
    wanted, given = list("aaabbbccdd"), list("aabbbacced")
    assert estimate("weighted_recall", wanted, given).value == pytest.approx(estimate("accuracy", wanted, given).value)


def test_macro_f1_of_systems_that_agree() -> None:
    wanted = list("aabb") * 5
    test = paired("macro_f1", wanted, wanted, wanted, "base")
    assert test.p == 1.0
    assert test.difference.value == 0


def test_per_class_by_hand() -> None:
    scores = per_class(["a", "a", "b"], ["a", "b", "b"])
    assert (scores["a"].precision, scores["a"].recall, scores["a"].support) == (1.0, 0.5, 2)
    assert (scores["b"].precision, scores["b"].recall) == (0.5, 1.0)
    assert scores["a"].f1 == pytest.approx(2 / 3)


def test_chrf_reads_chinese() -> None:
    assert chrf("七天内可以退货", "七天内可以退货") == pytest.approx(1.0)
    assert 0.2 < chrf("七天内可以退货", "七天内可退货") < 1
    assert chrf("七天内可以退货", "hello") == 0


def test_chrf_difference_excludes_zero_when_it_should() -> None:
    wanted = [f"order {i} is on its way" for i in range(20)]
    test = paired("chrf", wanted, wanted, ["no idea"] * 20, "base")
    assert test.better == 20
    assert test.difference.low > 0.5
    assert test.p < 0.01


def test_estimates_repeat() -> None:
    wanted, given = list("aabbcc"), list("abbbcc")
    assert estimate("macro_f1", wanted, given) == estimate("macro_f1", wanted, given)
