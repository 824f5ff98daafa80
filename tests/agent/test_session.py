"""A whole conversation over a scripted endpoint, from the first question to a version; and what interrupts it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.events import Ask, Done, Event, Failed, Say, Table
from agent.run import Run
from agent.session import GREETING, Session, asked
from tests.scripted import Call, Reply, Scripted, example, words
from workspace.errors import UserError
from workspace.project import Project
from workspace.spec import Spec
from workspace.words import Words

LABELS = ("refund", "delivery", "password")
ANSWERS = {
    "goal": "Sort what customers write to our shop into kinds.",
    "task": "sort texts into kinds",
    "examples": "no",
    "labels": "refund, delivery, password",
    "languages": "English",
    "knowledge": "no",
    "rules": "no",
    "threshold": "90%",
    "scenarios": "I don't know",
    "privacy": "none",
    "rows": "30",
    "confirm": "yes",
}


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    lines = [f"{text} {n},{label}" for n in range(6) for label, text in zip(LABELS, TEXTS, strict=True)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


TEXTS = (
    "I want my money back for order number",
    "Where is the parcel that I ordered, it is number",
    "I can not log in any more, my account is number",
)


def until(session: Session, field: str, events: list[Event], files: Sequence[Path] = ()) -> list[Event]:
    """Answer what is asked until `field` is asked for; everything that was said on the way."""
    seen = list(events)
    for _ in range(25):
        question = asked(events)
        assert question is not None, [e for e in seen if isinstance(e, Failed)]
        if question.field == field:
            return seen
        events = list(session.send(ANSWERS[question.field], files if question.field == "examples" else ()))
        seen += events
    raise AssertionError(f"never asked for {field}")


def test_a_conversation_ends_in_a_frozen_version(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    seen = until(session, "approve", list(session.open()), [messages])
    assert {"specification", "rows", "rejected", "coverage"} <= {e.panel for e in seen if isinstance(e, Table)}
    events = list(session.send("yes"))
    assert asked(events) is not None
    done = [e for e in session.send("no, I only want the data") if isinstance(e, Done)]
    assert done[0].version
    run = Run(session.project, done[0].run or "")
    report = run.report
    assert report is not None
    assert report.total.balances
    assert sum(run.version.rows.values()) == report.total.accepted if run.version else False


def test_nothing_is_built_before_the_yes(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    assert session.project.journal.orders() == []
    events = list(session.send("change the rows to 24"))
    assert session.project.journal.orders() == []
    question = asked(events)
    assert question is not None
    assert question.field == "confirm"
    assert any("24" in e.text for e in events if isinstance(e, Say))


def test_a_conversation_goes_on_in_another_process(home: Path, scripted: Scripted, messages: Path) -> None:
    first = Session(home, "shop")
    until(first, "threshold", list(first.open()), [messages])
    second = Session(home, "shop")
    question = asked(list(second.open()))
    assert question is not None
    assert question.field == "threshold"
    until(second, "confirm", [question])
    assert [who for who, _ in second.history()].count("you") > 2


def test_questions_are_answered_from_the_rows(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "approve", list(session.open()), [messages])
    calls = len(scripted.calls)
    dropped = [row for row in Run(session.project, session.project.journal.orders()[0].id).rows() if not row.kept]
    events = list(session.send("how many were rejected?"))
    assert any(f"{len(dropped)} rows were rejected" in e.text for e in events if isinstance(e, Say))
    shown = list(session.send("show me three about parcels"))
    assert any("parcel" in e.text for e in shown if isinstance(e, Say))
    assert len(scripted.calls) == calls
    question = asked(shown)
    assert question is not None
    assert question.field == "approve"


def test_a_file_that_cannot_be_read_is_refused_and_the_question_stays(
    home: Path, scripted: Scripted, tmp_path: Path
) -> None:
    session = Session(home, "shop")
    until(session, "examples", list(session.open()))
    broken = tmp_path / "photo.csv"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    events = list(session.send("", [broken]))
    assert any(isinstance(e, Failed) and e.fix for e in events)
    question = asked(events)
    assert question is not None
    assert question.field == "examples"


def test_an_endpoint_that_dies_loses_nothing(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])

    def broken(call: Call) -> Reply:
        from tests.scripted import Say as Reply

        return Reply(status=401)

    scripted.script = broken
    events = list(session.send("yes"))
    failed = [e for e in events if isinstance(e, Failed)]
    assert failed
    question = asked(events)
    assert question is not None
    scripted.script = lambda call: example(call.schema, words(call))
    events = list(session.send("try again"))
    assert not [e for e in events if isinstance(e, Failed)]
    assert any(isinstance(e, Table) and e.panel == "rows" for e in events)


def test_the_question_is_asked_in_the_language_of_the_person(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    list(session.open())
    events = list(session.send("你好，我们是一家网店，想把客户的消息分成几类。"))
    question = asked(events)
    assert isinstance(question, Ask)
    assert any("\u4e00" <= c <= "\u9fff" for c in question.text)


@pytest.mark.parametrize("text", ["ok", "90"])
def test_a_conversation_that_is_taken_up_unopened_keeps_its_language(home: Path, scripted: Scripted, text: str) -> None:
    first = Session(home, "shop")
    list(first.open())
    list(first.send("你好，我们是一家网店，想把客户的消息分成几类。"))
    question = asked(list(Session(home, "shop").send(text)))
    assert question is not None
    assert any("\u4e00" <= c <= "\u9fff" for c in question.text)
    assert Session(home, "shop").language == "zh"


def test_what_may_not_be_said_is_refused_where_nobody_else_can_answer(
    home: Path, scripted: Scripted, messages: Path
) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])

    def allow(events: Sequence[Event]) -> None:
        question = asked(events)
        assert question is not None
        assert question.field == "confirm"
        raise UserError(Words("not so", "不行"), Words("otherwise", "换一种"))

    events = list(session.send("yes", allow=allow))
    assert [e.problem for e in events if isinstance(e, Failed)] == ["not so"]
    assert asked(events) is not None
    assert session.project.journal.orders() == []


def test_two_who_open_a_project_at_once_begin_it_once(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: list(session.open()), range(4)))
    assert asked(list(session.open())) is not None
    said = [event for who, event in session.history() if who == "tunesmith" and isinstance(event, Say)]
    assert [event.text for event in said].count(GREETING.en) == 1


def test_a_project_is_not_begun_while_another_process_works_in_it(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    with Project(home, "shop").working(), pytest.raises(UserError, match="already working"):
        list(session.open())
    assert asked(list(session.open())) is not None


def test_the_interview_goes_on_without_the_model(home: Path, scripted: Scripted) -> None:
    from tests.scripted import Say as Reply

    scripted.script = lambda call: Reply(status=401)
    session = Session(home, "shop")
    list(session.open())
    events = list(session.send("Sort what customers write to our shop into kinds, in English, please."))
    question = asked(events)
    assert question is not None
    assert question.field != "goal"


def test_a_session_that_is_closed_holds_no_file_open_and_another_goes_on(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    asked_first = asked(list(session.open()))
    session.project.journal.orders()

    def held() -> list[str]:
        return [name for fd in Path("/proc/self/fd").iterdir() if str(home) in (name := os.path.realpath(fd))]

    assert held()
    session.close()
    assert not held()
    assert asked(list(Session(home, "shop").open())) == asked_first


def test_back_on_the_last_page_leads_to_the_last_question(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    question = asked(list(session.send("返回上一步")))
    assert question is not None
    assert question.field == "rows"


def test_a_training_that_is_sure_to_be_refused_is_told_at_once(home: Path, scripted: Scripted) -> None:
    session = Session(home, "shop")
    list(session.open())
    list(session.send("把病人的留言分成几类：挂号、缴费、投诉"))
    events = list(session.send("把微调方式改成 encoder"))
    assert any("MiniLM" in e.text for e in events if isinstance(e, Say))
    page = list(session.send("别问了"))
    question = asked(page)
    assert question is not None
    assert question.choices[0] == "把微调方式改成 LoRA"
    assert any("MiniLM" in e.text for e in page if isinstance(e, Say))
    after = list(session.send(question.choices[0]))
    assert not any("MiniLM" in e.text for e in after if isinstance(e, Say))
    base = Spec.model_validate(session._values["draft"]).filled().base
    assert base is not None
    assert base.value == "smollm2-135m"
