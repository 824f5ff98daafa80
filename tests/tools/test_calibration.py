"""Calibration figures that were worked out by hand, and a curve that is found again from its own draws."""

from __future__ import annotations

import random

import pytest

from tools.calibration import Logistic, ece, fit, reliability


class TestExpectedCalibrationError:
    def test_of_ten_rows_by_hand(self) -> None:
        # Four rows claim 0.9 and two are right: a gap of 0.4 over 4 of 10. Six claim 0.5, three are right: no gap.
        claimed = [0.9] * 4 + [0.5] * 6
        right = [True, True, False, False, True, True, True, False, False, False]
        assert ece(claimed, right) == pytest.approx(0.16)

    def test_the_ends_have_a_bin(self) -> None:
        assert ece([0.0, 1.0], [False, True]) == 0
        assert [bar.rows for bar in reliability([0.0, 1.0, 0.95], [False, True, True])] == [1, 2]

    def test_no_row_has_no_error(self) -> None:
        assert ece([], []) == 0

    def test_no_confidence_beyond_one(self) -> None:
        with pytest.raises(ValueError, match="confidence"):
            reliability([1.2], [True])


class TestPlattScaling:
    def test_finds_the_curve_that_drew_the_labels(self) -> None:
        drawn, true = random.Random(1), Logistic(slope=4.0, intercept=-2.0)
        scores = [drawn.random() for _ in range(4000)]
        found = fit(scores, [drawn.random() < true.apply(score) for score in scores])
        assert found.slope == pytest.approx(4, abs=0.4)
        assert found.intercept == pytest.approx(-2, abs=0.25)

    def test_makes_boastful_scores_honest(self) -> None:
        drawn = random.Random(2)
        scores = [0.9 + drawn.random() / 10 for _ in range(600)]
        right = [drawn.random() < 0.7 for _ in scores]
        curve = fit(scores, right)
        assert ece(scores, right) > 0.2
        assert ece([curve.apply(score) for score in scores], right) < 0.05

    def test_rows_of_one_kind_give_no_certainty(self) -> None:
        curve = fit([0.6, 0.7, 0.8], [True, True, True])
        assert curve.apply(0.7) == pytest.approx(0.8, abs=0.02)

    def test_scores_far_out_are_no_error(self) -> None:
        curve = Logistic(slope=1000.0, intercept=0.0)
        assert (curve.apply(-9), curve.apply(9)) == (0.0, 1.0)

    def test_no_row_no_curve(self) -> None:
        with pytest.raises(ValueError, match="0 scores"):
            fit([], [])
