"""Whether more rows help, on curves whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from finetune.judging.contestants import Contest
from finetune.judging.curve import METHOD, Point, classic_curve, doubled, part_of, said, section
from finetune.judging.exam import Exam
from finetune.judging.tuned_curve import tuned_curve
from tests.finetune.tiny import LABELS, colours, ended
from workspace.results import Estimate


def points(*right: float, rows: int = 1000) -> list[Point]:
    """The share of right answers at a quarter, a half and all of 400 rows."""
    scores = [numpy.array([[1.0] * round(share * rows) + [0.0] * round((1 - share) * rows)]) for share in right]
    return [Point(n, numpy.repeat(line, 5, axis=0)) for n, line in zip((100, 200, 400), scores, strict=True)]


def test_errors_that_halve_go_on_halving() -> None:
    """40%, 20%, 10% wrong: the next doubling leaves 5% wrong."""
    gain = doubled(points(0.6, 0.8, 0.9))
    assert gain.value == pytest.approx(0.05, abs=0.002)
    assert 0.03 < gain.low < gain.value < gain.high < 0.07


def test_a_flat_curve_promises_nothing() -> None:
    gain = doubled(points(0.9, 0.9, 0.9))
    assert gain.value == pytest.approx(0, abs=1e-6)
    assert gain.low <= 0 <= gain.high
    assert "no sign that more rows" in said(gain, 400).en
    assert "没有迹象" in said(gain, 400).zh


def test_few_test_rows_settle_little() -> None:
    assert doubled(points(0.8, 0.85, 0.9, rows=20)).low <= 0 < doubled(points(0.8, 0.85, 0.9)).low


def test_in_words_and_as_a_table() -> None:
    found = section(points(0.6, 0.8, 0.9), METHOD)
    assert "Doubling your 400 rows would bring about +5.0 points" in found.text.en
    assert "大约能提高 +5.0 个百分点" in found.text.zh
    assert [row[1] for row in found.rows] == ["100", "200", "400"]
    assert found.values["share_100"].value == pytest.approx(0.9)
    assert "only 9 training rows" in said(Estimate(value=0.2, low=0.1, high=0.3), 9).en


def test_parts_are_nested_and_of_each_label_alike() -> None:
    exam = Exam(colours(3, "test"), colours(48, "train"), ("blue", "green", "red"), "k")
    quarter, half = ({row.id for row in part_of(exam, share, 3)} for share in (0.25, 0.5))
    assert quarter < half
    labels = [row.label for row in part_of(exam, 0.25, 3)]
    assert {label: labels.count(label) for label in labels} == {"red": 4, "green": 4, "blue": 4}
    assert quarter != {row.id for row in part_of(exam, 0.25, 4)}


def test_rows_that_are_gone_leave_no_curve(tmp_path: Path) -> None:
    contest = Contest(Exam(colours(6, "test"), [], LABELS, "k"), "none", None)
    for measure in (classic_curve, tuned_curve):
        assert "gone" in ended(measure(contest, tmp_path))[1].text.en
