"""The report card as a picture: what stands where, the same bytes each time, and no boxes for letters."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from agent.views.card import CardView, card_in
from tests.agent.cards import LABELS, ROWS, answered, run_with_card, write_card
from ui import picture
from ui.picture import card_png, chinese, picture_file
from workspace.results import System
from workspace.words import Language

ACCENT, SOFT, GOAL = (11, 106, 87), (92, 102, 100), (178, 107, 0)


@pytest.fixture(autouse=True)
def fonts_anew() -> Iterator[None]:
    yield
    picture.font.cache_clear()
    picture.chinese.cache_clear()


def view(folder: Path, language: Language = "en") -> CardView:
    found = card_in(folder, language)
    assert found
    return found


def card(folder: Path, right: dict[System, int], goal: float = 0.8) -> CardView:
    wanted = [LABELS[row % len(LABELS)] for row in range(ROWS)]
    write_card(folder, wanted, answered(right), {"accuracy": goal})
    return view(folder)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


def middle(image: Image.Image, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Of the spots of a colour that are as thick as a dot, among the rows of the plot."""
    places = [
        (x, y)
        for x in range(picture.LEFT - 12, picture.RIGHT + 12)
        for y in range(picture.TOP, picture.BOTTOM)
        if all(near(image.getpixel((x + dx, y + dy)), colour) for dx, dy in ((0, 0), (-4, 0), (4, 0), (0, -4), (0, 4)))
    ]
    return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)


def test_the_tuned_dot_stands_right_of_the_bases_where_it_is_better(tmp_path: Path) -> None:
    image = opened(card_png(card(tmp_path, {"base": 12, "tuned": 44}), "en"))
    assert image.size == (1200, 630)
    tuned, base = middle(image, ACCENT), middle(image, SOFT)
    assert tuned[0] > base[0] + 100
    assert tuned[1] > base[1]


def test_a_worse_model_stands_left(tmp_path: Path) -> None:
    image = opened(card_png(card(tmp_path, {"base": 44, "tuned": 12}), "en"))
    assert middle(image, ACCENT)[0] < middle(image, SOFT)[0] - 100


def test_the_goal_is_a_line_where_the_axis_has_it(tmp_path: Path) -> None:
    one = card(tmp_path, {"base": 12, "tuned": 44}, goal=0.6)
    image = opened(card_png(one, "en"))
    x = round(picture.across(picture.axis_of(one.measures[0]), 0.6))
    drawn = [y for y in range(picture.TOP, picture.BOTTOM) if near(image.getpixel((x, y)), GOAL)]
    assert len(drawn) > 30


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_card_gives_the_same_bytes(tmp_path: Path, language: Language) -> None:
    one = view(run_with_card(tmp_path).folder / "report", language)
    assert card_png(one, language) == card_png(one, language)


def test_chinese_needs_a_font_that_has_it_and_else_the_words_are_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_with_card(tmp_path).folder / "report"
    english = card_png(view(folder), "en")
    monkeypatch.setattr(picture, "CJK", ())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    picture.chinese.cache_clear()
    assert chinese() is None
    assert card_png(view(folder, "zh"), "zh") == english


def test_a_font_without_chinese_is_not_taken_for_one(tmp_path: Path) -> None:
    from PIL import ImageFont

    latin = tmp_path / "latin.ttf"
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    latin.write_bytes(default.font_bytes)
    assert not picture._has((str(latin), 0), "微")
    assert picture._has((str(latin), 0), "a")


@pytest.mark.skipif(chinese() is None, reason="needs a font with Chinese characters")
def test_chinese_words_are_drawn_where_there_is_a_font(tmp_path: Path) -> None:
    folder = run_with_card(tmp_path).folder / "report"
    assert card_png(view(folder, "zh"), "zh") != card_png(view(folder), "en")


def test_every_letter_of_a_card_is_in_the_font(tmp_path: Path) -> None:
    folder = run_with_card(tmp_path).folder / "report"
    for language in ("en", "zh") if chinese() else ("en",):
        one = view(folder, language)
        names = [words for dot in one.measures[0].dots for words in (dot.name, dot.shown, dot.interval)]
        said = "".join([one.title, one.verdict.chip, one.verdict.text, one.measures[0].name, *names])
        font = picture.font(40, language)
        lacking = bytes(font.getmask(picture.NOWHERE))
        assert [letter for letter in set(said) if bytes(font.getmask(letter)) == lacking and letter.strip()] == []


def test_a_long_verdict_stays_above_the_plot(tmp_path: Path) -> None:
    goals = {"accuracy": 0.85, "memory_mb": 500, "out_of_domain_auroc": 0.9, "attack_success": 0.1, "cost_per_1000": 1}
    wanted = [LABELS[row % len(LABELS)] for row in range(ROWS)]
    write_card(tmp_path, wanted, answered({"base": 12, "tuned": 44}), goals)
    image = opened(card_png(view(tmp_path), "en"))
    band = image.crop((0, picture.TOP - 34, 560, picture.TOP - 2))
    assert band.getcolors() == [(band.width * band.height, (250, 250, 248))]


def test_a_card_without_any_system_has_a_picture_too(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"rows": 0, "systems": {}, "tests": [], "thresholds": []}', encoding="utf-8")
    assert opened(card_png(view(tmp_path), "en")).size == (1200, 630)


def test_the_file_is_drawn_once_and_anew_for_a_new_card(tmp_path: Path) -> None:
    first = picture_file(card(tmp_path, {"base": 12, "tuned": 44}), "en")
    assert first
    before = first.read_bytes()
    first.write_bytes(b"kept")
    assert picture_file(view(tmp_path), "en") == first
    assert first.read_bytes() == b"kept"
    again = picture_file(card(tmp_path, {"base": 12, "tuned": 20}), "en")
    assert again
    assert again.read_bytes() not in (b"kept", before)
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_what_cant_be_written_is_not_offered(tmp_path: Path) -> None:
    one = card(tmp_path, {"base": 12, "tuned": 44})
    assert picture_file(replace(one, folder=tmp_path / "gone"), "en") is None
