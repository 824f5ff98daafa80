"""The report card on the panel: the verdict first, one picture, the rows behind it, and what to do now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.views.card import Measure
from tests.agent.cards import LABELS, ROWS, answered, model_of, run_in, run_with_card, write_card
from tests.ui.recorded import Recorded
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.dots import axis_of, dots_html
from ui.panels.look import Deed, Look
from workspace.results import System
from workspace.words import Language, Words


def look_at(home: Path, language: Language = "en") -> Look:
    session = Recorded(home / "session")
    session.current = run_with_card(home)
    return Look(session, {}, language, link=lambda path: f"offered/{Path(path).name}")


def drawn(look: Look) -> str:
    html = board.draw("report", look)
    assert not Tags(html).open
    return html


def press(look: Look, act: str, value: str = "") -> str:
    assert board.act("report", look, Deed(act=act, value=value)) is None
    return drawn(look)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_there_is_a_tab_once_there_is_a_card(tmp_path: Path) -> None:
    session = Recorded(tmp_path / "session")
    assert "report" not in dict(board.tabs(Look(session, {}, "en"))).values()
    session.current = run_in(tmp_path)
    assert "report" not in dict(board.tabs(Look(session, {}, "en"))).values()
    assert board.draw("report", Look(session, {}, "en")) == '<section class="tm-panel tm-report"></section>'
    session.current = run_with_card(tmp_path)
    assert board.tabs(Look(session, {}, "zh"))[-1] == ("成绩单", "report")


def test_the_verdict_comes_first(tmp_path: Path) -> None:
    said = text(drawn(look_at(tmp_path)))
    assert said.startswith(" Report card on 48 held-back rows ✓ Goal met The tuned model reaches 91.7%")
    said = text(drawn(look_at(tmp_path, "zh")))
    assert "已达标 微调后的模型在 48 条留出数据上达到 91.7%" in said
    assert not re.search(r"\b(Better|Download|Label|Rows|Share|goal|right)\b", said)


def test_every_system_is_in_the_picture_with_its_value_in_words(tmp_path: Path) -> None:
    html = drawn(look_at(tmp_path))
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert svg.count("<circle") == 4
    assert svg.count('class="tm-goal"') == 5  # its name, and a piece of the line a row
    assert "base with a good prompt" in svg
    assert ">91.7%</tspan>" in svg
    places = [float(x) for x in re.findall(r'cx="([\d.]+)%"', svg)]
    assert places == sorted(places)
    whiskers = re.findall(r'tm-whisker" x1="([\d.]+)%" x2="([\d.]+)%"', svg)[::3]
    assert all(float(low) < place < float(high) for place, (low, high) in zip(places, whiskers, strict=True))
    assert "Against base model: better on 32 of 48 rows, worse on 0; that is no accident." in html


def test_another_measure_is_drawn_when_it_is_asked_for(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    html = press(look, "metric", "macro_recall")
    assert 'data-value="macro_recall" aria-pressed="true"' in html
    assert 'aria-label="recall, every label counting the same: value and 95% interval of each"' in html
    assert 'aria-pressed="true"' in press(look, "metric", "no such measure")


def test_an_axis_is_never_so_narrow_that_a_point_looks_like_a_mile() -> None:
    from agent.views.card import Dot

    def measure(*ends: tuple[float, float, float]) -> Measure:
        dots = tuple(Dot("tuned", "tuned", value, low, high, "", "") for low, value, high in ends)
        return Measure("accuracy", "", "", dots, None, "", ())

    narrow = axis_of(measure((0.93, 0.94, 0.95), (0.94, 0.95, 0.96))).ticks
    assert narrow[-1] - narrow[0] > 0.19
    for one in (measure((0, 0, 0)), measure((1, 1, 1)), measure((0, 0.5, 1))):
        axis = axis_of(one)
        assert axis.ticks[0] >= 0
        assert axis.ticks[-1] <= 1
        assert dots_html(one, "").count("<circle") == 1


def test_rows_are_browsed_by_what_became_of_them(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    html = drawn(look)
    assert 'data-act="kind" data-value="better" aria-pressed="true">Better 32<' in html
    assert "Question 12?" in html
    html = press(look, "page", "6")
    assert "Question 42?" in html
    assert "7 of 7" in html
    assert "Next" not in html
    html = press(look, "kind", "neither")
    assert "Both wrong 4" in html
    assert "Question 44?" in html
    assert "No row of this kind." in press(look, "kind", "worse")
    for odd in ("-1", "9" * 30, "²", "x"):
        assert "tm-verdict" in press(look, "page", odd)


def test_a_label_shows_what_changed_and_what_it_is_taken_for(tmp_path: Path) -> None:
    html = drawn(look_at(tmp_path))
    assert '<th scope="row">card_arrival</th>' in html
    assert re.search(r'<span class="tm-before">25%</span> → <b>92%</b>', html)
    assert '<span class="tm-up">+67</span>' in html
    said = text(html)
    assert "card_arrival taken for lost_card 1 of 12 rows base: 9" in said


def test_of_77_labels_the_first_are_shown_and_the_rest_when_asked_for(tmp_path: Path) -> None:
    labels = [f"意图_{number}" for number in range(77)]
    wanted = [labels[row % 77] for row in range(231)]
    look = look_at(tmp_path)
    assert look.session
    run = look.session.current
    assert run
    write_card(run.folder / "report", wanted, answered({"base": 40, "tuned": 200}, labels, 231), {"accuracy": 0.8})
    html = drawn(look)
    assert html.count('<th scope="row">意图_') == 12
    assert "a change may be an accident" in html
    assert html.count("<small>few</small>") == 12
    html = press(look, "labels", "all")
    assert html.count('<th scope="row">意图_') == 77
    assert press(look, "labels").count('<th scope="row">意图_') == 12


def test_what_else_was_measured_unfolds(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    assert "typing errors it loses" not in drawn(look)
    html = press(look, "fold", "robustness")
    assert "With typing errors it loses 9 points." in html
    assert html.count('aria-expanded="true"') == 1
    html = press(look, "fold", "cost")
    assert html.count('aria-expanded="true"') == 2
    assert "With typing errors" not in press(look, "fold", "robustness")


def test_a_step_that_the_conversation_can_do_is_put_to_it(tmp_path: Path) -> None:
    said: list[str] = []
    look = look_at(tmp_path, "zh")
    look.say = said.append
    html = drawn(look)
    assert html.count('data-act="tell"') == 2
    assert "<code>tunesmith rows</code>" in html
    press(look, "tell", "0")
    assert said == ["把数据量改成 800"]
    for nothing in ("2", "17"):  # the third is only words, and there is no eighteenth
        press(look, "tell", nothing)
    assert len(said) == 1


def test_everything_can_be_downloaded_in_the_persons_language(tmp_path: Path) -> None:
    html = drawn(look_at(tmp_path))
    assert re.findall(r'href="offered/([^"]+)" download', html) == ["report.md", "report.json", "report.en.png"]
    html = drawn(look_at(tmp_path, "zh"))
    assert re.findall(r'href="offered/([^"]+)" download', html) == ["report.zh.md", "report.json", "report.zh.png"]


def test_a_card_of_the_command_line_stands_beside_the_runs_own(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    assert 'data-act="of"' not in drawn(look)
    assert look.session
    run = look.session.current
    assert run
    again = model_of(run, "models/one")
    wanted = [LABELS[row % len(LABELS)] for row in range(ROWS)]
    write_card(again, wanted, answered({"base": 12, "tuned": 20}), {"accuracy": 0.8})
    assert "91.7%" in drawn(look)
    assert "41.7%" in press(look, "of", "model")
    assert "91.7%" in press(look, "of", "run")


def test_no_word_of_a_row_or_a_label_becomes_markup(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    assert look.session
    run = look.session.current
    assert run
    wanted = [NASTY, f"b {NASTY}"] * 4
    given: dict[System, list[str]] = {"base": [NASTY] * 8, "tuned": [*wanted[:6], "`<img src=x>`", NASTY]}
    write_card(run.folder / "report", wanted, given, {"accuracy": 0.8}, questions=[NASTY] * 8, note=Words(NASTY, NASTY))
    for kind in ("better", "worse", "neither"):
        html = press(look, "kind", kind)
        tags = Tags(html)
        assert tags.names.isdisjoint({"script", "img", "iframe"})
        assert not any(name.startswith("on") for name in tags.attributes)
        assert "&lt;script&gt;" in html


def test_a_card_from_before_answers_were_kept_says_so(tmp_path: Path) -> None:
    look = look_at(tmp_path)
    assert look.session
    run = look.session.current
    assert run
    (run.folder / "report" / "answers.jsonl").unlink()
    html = drawn(look)
    assert "from before the answers were kept" in html
    assert "Both wrong" not in html


@pytest.mark.parametrize("given", [{"base": 12}, {"tuned": 40}])
def test_a_system_alone_is_drawn_without_the_other(tmp_path: Path, given: dict[System, int]) -> None:
    look = look_at(tmp_path)
    assert look.session
    run = look.session.current
    assert run
    wanted = [LABELS[row % len(LABELS)] for row in range(ROWS)]
    write_card(run.folder / "report", wanted, answered(given), {"accuracy": 0.8})
    html = drawn(look)
    assert html.count("<circle") == 1
    assert " → <b>" not in html
