"""The trend follows the steps without lagging behind them; a curve that ends flat is drawn by factors."""

from __future__ import annotations

import pytest

from agent.events import Plot
from agent.views.curves import FEW, MOST, curve, of_plot, smoothed


def test_the_trend_of_a_line_is_that_line() -> None:
    line = tuple((float(x), 100.0 - x) for x in range(60))
    trend = smoothed(line)
    assert trend[:50] == line[:50]  # the last ones look only back
    assert trend[-1][1] == pytest.approx(line[-1][1] + 2.5)


def test_noise_is_evened_out() -> None:
    rows = tuple((float(x), 1.0 + (0.5 if x % 2 else -0.5)) for x in range(120))
    assert all(abs(y - 1) < 0.06 for _, y in smoothed(rows)[20:-20])


def test_few_steps_are_drawn_as_they_are() -> None:
    points = [(float(x), 2.0 / (x + 1)) for x in range(FEW)]
    (line,) = curve(points, [], "en").lines
    assert line.trend == line.points


def test_many_steps_are_thinned_and_the_last_stays() -> None:
    points = [(float(x), 1.0) for x in range(10_001)]
    (line,) = curve(points, [], "en").lines
    assert len(line.points) == MOST
    assert line.points[-1][0] == 10_000


@pytest.mark.parametrize(("last", "log"), [(0.05, True), (0.9, False)])
def test_a_wide_range_is_drawn_by_factors(last: float, log: bool) -> None:
    points = [(0.0, 3.0), (1.0, last)]
    assert curve(points, [], "en").log is log


def test_what_is_no_number_is_left_out_and_zero_has_no_logarithm() -> None:
    drawn = of_plot(Plot(panel="loss", title="t", x="x", y="y", lines={"a": ((0, 3), (1, float("nan")), (2, 0))}))
    assert drawn.lines[0].points == ((0, 3), (2, 0))
    assert not drawn.log


def test_the_best_is_the_first_of_the_lowest() -> None:
    drawn = curve([(1.0, 2.0)], [(10.0, 0.5), (20.0, 0.4), (30.0, 0.4)], "zh")
    assert drawn.best == (20.0, 0.4)
    assert drawn.best_words == "最佳：第 20 步"
