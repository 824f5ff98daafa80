"""Questions about the work are answered where they are asked, and lead nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import explaining, questions
from agent.events import Ask, Event, Say
from agent.session import Session, asked
from tests.agent.cards import run_with_card
from tests.agent.test_session import messages, until
from tests.scripted import Scripted

__all__ = ["messages"]

STARTED = "Nothing has been made"


def said(events: list[Event]) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Say))


def question(events: list[Event]) -> Ask:
    found = asked(events)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("what does freeze mean?", ("term:freeze",)),
        ("what is a token? is 16 enough for a test?", ("term:a token", "term:test")),
        ("what do you mean by a row?", ("term:a row",)),
        ("I don't understand this question", ("unclear",)),
        ("what is 'a code each'?", ("term:a code each",)),
        ("what is this and what does it cost?", ("this", "cost")),
        ("so is it good or not? what is F1?", ("good", "term:f1")),
        ("How do I use it?", ("use",)),
        ("冻结是什么意思？", ("term:冻结",)),
        ("什么是词元？", ("term:词元",)),
        ("这个问题是什么意思？", ("unclear",)),
        ("怎么用它？", ("use",)),
    ],
)
def test_a_question_about_the_work_is_known(text: str, parts: tuple[str, ...]) -> None:
    assert explaining.asks(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        *("I don't know", "not sure", "我不懂", "no", "90 out of 100", "费用、物流、其他"),
        *("把客户消息分成退款、费用、物流", "what does a customer want", "这是退款的意思", "300 rows"),
    ],
)
def test_an_answer_is_no_question_about_the_work(text: str) -> None:
    assert questions.read(text) is None


def test_every_chip_at_rest_is_answered() -> None:
    for words in (explaining.GOOD, explaining.TRY, explaining.USE, explaining.BETTER):
        assert explaining.asks(words.en)
        assert explaining.asks(words.zh)


def test_the_card_is_told_in_a_sentence(tmp_path: Path) -> None:
    run = run_with_card(tmp_path)
    good, better = explaining.told(("good", "better"), run, None, "en")
    assert good.startswith(("**Goal met", "**Met on"))
    assert "Make more rows." in better


def test_a_question_that_is_not_understood_is_explained_and_asked_again(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    before = question(list(session.open()))
    calls = len(scripted.calls)
    events = list(session.send("I don't understand this question"))
    assert "what the model will be given" in said(events)
    assert question(events).field == before.field
    assert "cost no money" in said(list(session.send("what is this and what does it cost?")))
    assert len(scripted.calls) == calls


def test_a_question_at_the_freeze_stays_there(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "approve", list(session.open()), [messages])
    before = question(list(session.pending()))
    for text in ("what does freeze mean?", "OK, but is 16 enough for a test?", "hm, the weather", "why not later?"):
        events = list(session.send(text))
        assert (question(events).text, question(events).choices) == (before.text, before.choices), text
        assert STARTED not in said(events)
        assert said(events)
    events = list(session.send(before.choices[0] + " to what? what is a token?", agreed=question(events).hash))
    assert question(events).text == before.text


def test_only_a_change_leads_back_and_what_is_there_stays(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "approve", list(session.open()), [messages])
    rows = sum(1 for _ in session.current.rows()) if session.current else 0
    events = list(session.send("change the rows to 24"))
    assert question(events).field == "confirm"
    assert f"{rows} rows from before" in question(events).text
    assert STARTED not in question(events).text
    assert "has not changed" in question(list(session.send("change the rows to 30"))).text


def test_change_something_asks_which_and_a_yes_to_that_starts_nothing(
    home: Path, scripted: Scripted, messages: Path
) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    which = question(list(session.send("Change something")))
    assert which.field == "change"
    assert "Rows" in which.choices
    assert question(list(session.send("yes"))).field in ("change", "confirm")
    assert session.project.journal.orders() == []
    list(session.send("Change something"))
    assert question(list(session.send("Nothing, go back"))).field == "confirm"
    list(session.send("Change something"))
    assert question(list(session.send("Rows"))).field == "rows"
    assert question(list(session.send("24"))).field == "confirm"
    assert next(line.value for line in session.sheet() if line.field == "rows") == "24"


@pytest.mark.parametrize("text", ["mask the personal data", "I would like to hide names", "把姓名打码"])
def test_a_sentence_about_a_field_changes_it_on_the_page(
    home: Path, scripted: Scripted, messages: Path, text: str
) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    events = list(session.send(text))
    assert question(events).field == "confirm"
    assert next(line.value for line in session.sheet() if line.field == "privacy").startswith(("mask", "个人信息打码"))
    assert said(events)
    assert "###" not in said(events)
    assert "### " in said(list(session.send("show me everything")))


def test_at_rest_there_is_something_to_press(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "approve", list(session.open()), [messages])
    list(session.send("yes"))
    events = list(session.send("no, I only want the data"))
    assert question(events).field == "rest"
    for choice in question(events).choices[:-1]:
        events = list(session.send(choice, agreed=question(events).hash))
        assert "Versions and models" in said(events)
        assert question(events).field == "rest"
    assert session.finished
