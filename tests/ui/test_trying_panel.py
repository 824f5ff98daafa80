"""The panel to try a model: the same place asks and then votes, by key too; what the votes say stands above."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from agent.run import Run
from agent.trying import Trial, Trials, _keep, _question, mark
from tests.agent.trained import run_in
from tests.ui.recorded import Recorded
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.look import Deed, Look
from workspace.errors import UserError
from workspace.words import Language

MODEL = "a" * 64


@pytest.fixture
def run(home: Path) -> Run:
    return run_in(home)


def tried(run: Run, better: str | None, text: str = "Where is my card?") -> None:
    """As a session of another day left it."""
    trial = Trial(
        f"try-{secrets.token_hex(8)}", text, ("tuned", "base"), MODEL, {"tuned": "card", "base": "What?"}, True
    )
    if better:
        trial.better = better  # type: ignore[assignment]
        run.project.journal.decide(trial.id, _question(MODEL), better)
    _keep(run.project, trial)


def look_at(run: Run | None, tmp_path: Path, language: Language = "en") -> tuple[Look, Recorded]:
    session = Recorded(tmp_path / "recorded")
    session.current = run
    event = Trials(run.project).table(language) if run else session.tried()
    return Look(session, {"try": event}, language), session


def drawn(look: Look) -> str:
    html = board.draw("try", look)
    assert not Tags(html).open
    return html


def test_empty_it_says_how_and_offers_real_messages(run: Run, tmp_path: Path) -> None:
    look, _ = look_at(run, tmp_path)
    html = drawn(look)
    assert "in an order that nobody knows" in html
    assert html.count('data-act="ask" data-value="') == 3
    assert 'data-value="red is what I want, 0"' in html


def test_a_suggestion_is_asked_when_pressed(tmp_path: Path) -> None:
    look, session = look_at(None, tmp_path)
    list(board.act("try", look, Deed(act="ask", value="hello")) or ())
    list(board.act("try", look, Deed(act="ask", fields={"text": " "})) or ())
    assert [trial[0] for trial in session.trials] == ["hello"]


def test_while_it_is_written_nobody_types_and_then_keys_vote(tmp_path: Path) -> None:
    look, session = look_at(None, tmp_path)
    work = board.act("try", look, Deed(act="ask", fields={"text": "hello"}))
    assert work is not None
    look.shown = {"try": next(work)}  # type: ignore[dict-item]
    assert " readonly>" in drawn(look)
    *_, last = work
    look.shown = {"try": last}  # type: ignore[dict-item]
    html = drawn(look)
    assert "<form" not in html
    assert 'id="tm-ask" class="tm-vote" tabindex="-1"' in html
    for side, key in (("left", "1"), ("right", "2"), ("same", "0")):
        assert f'data-value="{side} {mark(last.rows[0])}" data-key="{key}" aria-keyshortcuts="{key}"' in html
    assert "base model" not in html
    *_, last = board.act("try", look, Deed(act="vote", value=f"left {mark(last.rows[0])}")) or ()
    look.shown = {"try": last}  # type: ignore[dict-item]
    assert "<form" in drawn(look)
    assert session.chosen == ["left"]


def test_votes_and_answers_of_another_day_are_there(run: Run, tmp_path: Path) -> None:
    for better in ("tuned", "tuned", "tuned", "tuned", "tuned", "tuned", "same"):
        tried(run, better)
    look, _ = look_at(run, tmp_path)
    html = drawn(look)
    assert html.count('<p class="tm-text">') == 7
    assert "<dt>tuned was better</dt><dd>6</dd>" in html
    assert "the tuned model is very likely better" in html
    assert "微调后的模型很可能更好" in drawn(look_at(run, tmp_path, "zh")[0])


def test_what_was_not_voted_on_before_a_restart_can_still_be(run: Run, tmp_path: Path) -> None:
    tried(run, None)
    trials = Trials(run.project)
    (table,) = trials.choose("left", "en")
    assert table.rows[0][3:] == ("tuned", "base model", "the tuned model was better")
    assert run.project.journal.answers(_question(MODEL)) == ["tuned"]
    assert Trials(run.project).trials[0].better == "tuned"


def test_a_vote_on_a_pair_that_is_not_the_newest_is_refused(run: Run) -> None:
    tried(run, None, "first")
    first = mark(Trials(run.project).table("en").rows[0])
    tried(run, None, "second")
    trials = Trials(run.project)
    with pytest.raises(UserError, match="answered"):
        trials.choose("left", "en", first)
    assert run.project.journal.answers(_question(MODEL)) == []
    list(trials.choose("left", "zh", mark(trials.table("en").rows[0])))
    assert [trial.better for trial in Trials(run.project).trials] == ["tuned", None]


def test_half_a_line_of_a_killed_process_is_passed_over(run: Run) -> None:
    tried(run, "same")
    with (run.project.folder / "trials.jsonl").open("ab") as file:
        file.write(b'{"id": "try-1", "te')
    assert len(Trials(run.project).trials) == 1
    tried(run, "tuned")
    assert len(Trials(run.project).trials) == 2


def test_words_of_people_and_models_are_no_markup(run: Run, tmp_path: Path) -> None:
    tried(run, "tuned", NASTY)
    tags = Tags(drawn(look_at(run, tmp_path)[0]))
    assert tags.names.isdisjoint({"script", "img", "a"})
    assert not any(name.startswith("on") for name in tags.attributes)
