"""Turns of a conversation as HTML."""

from __future__ import annotations

from pathlib import Path

from agent.events import Ask, Failed, File, Progress, Say
from tests.ui.test_panels import NASTY, Tags
from ui.page.bubbles import Drawn, answer_html, said_html, talk_html
from ui.page.turns import Shown, Turn
from workspace.errors import UserError
from workspace.words import Language, Words


def link(path: str) -> str:
    return "files/" + path


def answer(*events: Shown, running: bool = False, zh: bool = False) -> str:
    question = next((event for event in events if isinstance(event, Ask)), None)
    return answer_html(Turn(shown=list(events), running=running), Drawn("zh" if zh else "en", link, question))


def test_nobodys_words_become_markup() -> None:
    events = (
        Say(text=NASTY + "\n\n[x](javascript:alert(1)) ![p](http://example.org/spy.png)"),
        Ask(field="goal", text=NASTY, choices=(NASTY,)),
        Ask(field="rows", text=NASTY, choices=(NASTY,), hash=NASTY),
        Progress(stage=NASTY, done=1, total=2, note=NASTY),
        File(title=NASTY, path='/a/"><script>.md'),
        Failed(problem=NASTY, fix=NASTY),
    )
    refused = UserError(Words(NASTY, NASTY), Words(NASTY, NASTY))
    turn = Turn(text=NASTY, paths=(Path(NASTY + ".csv"),), shown=list(events), notice=refused)
    drawn = Drawn("en", link, events[2], turn)
    for html in (answer(*events, running=True), said_html(turn), talk_html([turn], drawn, NASTY, refused=refused)):
        tags = Tags(html)
        assert not tags.open
        assert tags.names.isdisjoint({"script", "img", "iframe"})
        assert not any(name.startswith("on") for name in tags.attributes)
        assert 'href="javascript' not in html
        assert 'src="http' not in html


def test_markdown_is_drawn() -> None:
    html = answer(Say(text="**94.2%** right\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[more](https://example.org)"))
    assert "<strong>94.2%</strong>" in html
    assert "<td>1</td>" in html
    assert 'rel="noopener noreferrer" href="https://example.org"' in html


def test_a_running_stage_moves_and_says_how_long() -> None:
    moving = Progress(stage="Training", done=30, total=90, seconds_left=240, note="loss 0.82")
    html = answer(moving, running=True)
    assert "width:33.3%" in html
    assert "loss 0.82 · about 4 min left" in html
    assert "tm-working" not in html  # one sign of life is enough
    assert "约剩 4 分钟" in answer(moving, running=True, zh=True)


def test_what_runs_is_told_in_the_language_of_now() -> None:
    words: dict[Language, tuple[str, str]] = {"en": ("Training", "loss 1"), "zh": ("训练", "损失 1")}
    event = Progress(stage="Training", done=3, total=9, note="loss 1", words=words)
    assert "训练" in answer(event, running=True, zh=True)
    assert "损失 1" in answer(event, running=True, zh=True)
    assert "loss 1" in answer(event, running=True)


def test_a_stage_that_was_broken_off_claims_no_time_left() -> None:
    html = answer(Progress(stage="Training", done=30, total=90, seconds_left=240))
    assert "tm-halted" in html
    assert "left" not in html.replace("tm-", "")


def test_training_that_ended_early_is_no_half_bar() -> None:
    early = Progress(stage="Training", done=30, total=90, seconds_left=4)
    for html in (
        answer(early, Progress(stage="Testing", done=1, total=2), running=True),
        answer(early, Say(text="Trained 30 steps.")),
    ):
        assert "ended early, here" in html
        assert "seconds left" not in html
    news = answer(early, Say(text="It takes about 4 min."), running=True)
    assert "ended early" not in news
    assert "ended early" not in answer(early, Failed(problem="a", fix="b"))


def test_a_result_above_the_last_question_is_pointed_to() -> None:
    work = Turn(text="yes", shown=[Say(text="Done.")], ended_after=1)
    question = Turn(text="how long?", shown=[Say(text="A minute.")], ended_after=1)
    html = talk_html([work, question], Drawn("en", link), "p")
    assert html.index("its result, and what it asks, stand above") > html.index("A minute.")
    question.running = True
    assert "stand above" not in talk_html([work, question], Drawn("en", link), "p")
    later = [work, Turn(text="a"), Turn(text="b")]
    assert "stand above" not in talk_html(later, Drawn("en", link), "p")


def test_a_stage_of_nothing_is_no_division_by_zero() -> None:
    assert "0 / 0" in answer(Progress(stage="Checking", done=0, total=0), running=True)


def test_work_without_a_bar_still_shows_a_sign_of_life() -> None:
    assert "tm-working" in answer(running=True)
    assert answer() == ""


def test_a_message_of_files_alone_shows_the_files_by_their_names() -> None:
    html = said_html(Turn(paths=(Path("/tmp/x/messages.csv"),)))
    assert ">messages.csv<" in html
    assert "/tmp" not in html


def test_only_the_open_question_carries_its_answers() -> None:
    old, now = (Ask(field="rows", text="How many?", choices=("10",), hash=name) for name in ("old", "now"))
    html = talk_html([Turn(shown=[old]), Turn(text="ten", shown=[now])], Drawn("en", link, now), "p")
    assert html.count("data-agreed") == 1
    assert 'data-agreed="now" data-value="10"' in html


def test_an_example_is_put_in_the_box_and_not_sent() -> None:
    html = answer(Ask(field="goal", text="What?", choices=("Sort letters",), hash="h"))
    assert 'data-write="" data-value="Sort letters"' in html
    assert "data-act" not in html
