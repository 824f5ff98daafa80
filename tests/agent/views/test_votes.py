"""What votes are worth is said by an exact test, in both languages; ties speak for neither."""

from __future__ import annotations

import pytest

from agent.views.votes import NONE, standing


@pytest.mark.parametrize(
    ("tuned", "base", "words"),
    [
        (1, 0, "100% of such series: too few votes"),
        (5, 0, "6% of such series: too few votes"),  # 2 / 2**5
        (6, 0, "3% of such series: the tuned model is very likely better"),  # 2 / 2**6
        (0, 6, "3% of such series: the base model is very likely better"),
        (20, 2, "less than 1% of such series: the tuned model is very likely better"),
        (7, 6, "100% of such series: too few votes"),
    ],
)
def test_how_sure_it_is(tuned: int, base: int, words: str) -> None:
    found = standing(["tuned"] * tuned + ["base"] * base + ["same"] * 4, "en")
    assert (found.tuned, found.base, found.same) == (tuned, base, 4)
    assert words in found.told
    assert f"better {tuned} of {tuned + base} times" in found.told


def test_the_interval_is_wilsons() -> None:
    assert "from 40% to 89% of them" in standing(["tuned"] * 7 + ["base"] * 3, "en").told


@pytest.mark.parametrize("votes", [[], ["same"] * 3])
def test_ties_alone_say_nothing(votes: list[str]) -> None:
    assert standing(votes, "zh").told == NONE.zh


def test_in_chinese() -> None:
    assert standing(["tuned"] * 6, "zh").told.endswith("微调后的模型很可能更好。")
