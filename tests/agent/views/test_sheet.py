"""The specification as a form: every value reads back as it was written, and what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.events import Say, Table
from agent.session import Session, asked
from agent.views import sheet
from tests.agent.test_session import until
from tests.scripted import Scripted
from workspace.errors import UserError
from workspace.spec import Spec
from workspace.stated import Label, Stated

GOAL = Stated(value="Sort shop messages", source="said", quote="sort shop messages", turn=1)


def draft() -> Spec:
    spec = Spec(goal=GOAL)
    for name, text in (
        ("task", "classification"),
        ("labels", "refund: wants money back\ndelivery"),
        ("rules", "at most 40 words\nbe kind"),
        ("scenarios", "everyday 50%\nnight shift 50%"),
    ):
        spec = sheet.edited(spec, name, text, 2, "en")
    return spec


def test_what_is_written_reads_back_the_same() -> None:
    before = draft().filled()
    for line in sheet.sheet(before, "en"):
        if line.kind != "told" and line.written:
            after = sheet.edited(before, line.field, line.written, 3, "en")
            assert getattr(after, line.field).value == getattr(before, line.field).value, line.field
            assert getattr(after, line.field).source == "said"


def test_each_line_says_whose_it_is() -> None:
    lines = {line.field: line for line in sheet.sheet(draft(), "en")}
    assert (lines["goal"].whose, lines["goal"].quote) == ("said", "sort shop messages")
    assert (lines["threshold"].whose, lines["threshold"].value, lines["threshold"].kind) == ("open", "", "number")
    assert (lines["seed"].whose, lines["seed"].asked) == ("default", False)
    assert lines["task"].choices[0] == ("classification", "sort texts into kinds")
    assert {line.field for line in sheet.sheet(draft(), "zh")} == set(lines)


def test_what_was_agreed_about_a_rule_stays_when_another_is_added() -> None:
    before = draft()
    after = sheet.edited(before, "rules", "at most 40 words\nbe kind\nno phone numbers", 3, "en")
    assert before.rules
    assert after.rules
    assert after.rules.value[:2] == before.rules.value
    assert after.rules.value[0].condition is not None


def test_a_label_keeps_its_colon() -> None:
    labels = (Label(name="billing"), Label(name="billing:refund"), Label(name="账户:登录", definition="登录失败"))
    before = draft().with_value("labels", Stated(value=labels, source="suggested"))
    (written,) = (line.written for line in sheet.sheet(before, "en") if line.field == "labels")
    after = sheet.edited(before, "labels", f"{written}\nnew: a new one", 3, "en")
    assert after.labels
    assert after.labels.value == (*labels, Label(name="new", definition="a new one"))
    told = sheet.edited(before, "labels", written.replace("refund", "refund: money back"), 3, "en")
    assert told.labels
    assert told.labels.value[1] == Label(name="billing:refund", definition="money back")


def test_a_number_keeps_all_its_digits_and_a_choice_is_told_in_words() -> None:
    spec = sheet.edited(draft(), "budget_minutes", "12345.67", 3, "zh")
    spec = sheet.edited(spec, "unknown_facts", "keep", 3, "zh")
    lines = {line.field: line for line in sheet.sheet(spec, "zh")}
    assert lines["budget_minutes"].written == "12345.67"
    assert spec.unknown_facts
    assert spec.unknown_facts.quote == "保留"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("rows", "many"), ("rows", "0"), ("rows", "1.5"), ("rows", "nan"), ("rows", "9" * 400), ("threshold", "900"),
        ("goal", " "),
        ("labels", "only one"), ("labels", "a\na"), ("scenarios", "everyday"), ("scenarios", "a 0%"),
        ("task", "cooking"), ("privacy", "maybe"), ("languages", "fr"), ("examples", "/etc/passwd"),
        ("sources", "x"), ("nothing", "x"), ("confidence", "amount 250%"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_fix(field: str, text: str) -> None:
    with pytest.raises(UserError) as refused:
        sheet.edited(draft(), field, text, 3, "en")
    assert refused.value.problem.zh
    assert refused.value.fix.en


class TestInTheConversation:
    def test_an_edit_is_the_persons_own_and_the_question_stays(self, home: Path, scripted: Scripted) -> None:
        session = Session(home, "shop")
        until(session, "threshold", list(session.open()))
        said, events = session.edit("rows", "300")
        question = asked(list(events))
        assert question is not None
        assert (said, question.field) == ("Rows: 300", "threshold")
        line = next(line for line in session.sheet() if line.field == "rows")
        assert (line.whose, line.quote, line.value) == ("said", "", "300")
        assert ("you", "Rows: 300") in list(session.history())
        answered = asked(list(session.send("90%")))
        assert answered is not None
        assert answered.field == "scenarios"

    def test_the_page_to_confirm_follows_an_edit(self, home: Path, scripted: Scripted) -> None:
        session = Session(home, "shop")
        before = asked(until(session, "confirm", list(session.open())))
        events = list(session.edit("threshold", "95")[1])
        after = asked(events)
        assert before is not None
        assert after is not None
        assert (after.field, after.hash == before.hash) == ("confirm", False)
        assert any(isinstance(event, Say) and "95%" in event.text for event in events)
        assert any(isinstance(event, Table) for event in events)

    def test_an_edit_that_fits_no_longer_stops_nothing(self, home: Path, scripted: Scripted, tmp_path: Path) -> None:
        path = tmp_path / "messages.csv"
        path.write_text("text,label\n" + "\n".join(f"message number {n},{'ab'[n % 2]}" for n in range(60)))
        session = Session(home, "shop")
        until(session, "confirm", list(session.open()), [path])
        _, late = session.edit("examples", "messages.csv")
        list(session.edit("examples", "")[1])
        with pytest.raises(UserError, match="no such file"):
            list(late)
        list(session.send("change the rows to 300"))
        assert {line.field: line.written for line in session.sheet()}["rows"] == "300"

    def test_a_value_that_does_not_fit_leaves_no_trace(self, home: Path, scripted: Scripted) -> None:
        session = Session(home, "shop")
        until(session, "threshold", list(session.open()))
        before = list(session.history())
        with pytest.raises(UserError):
            session.edit("rows", "many")
        assert list(session.history()) == before

    def test_the_language_is_kept_and_the_question_asked_again(self, home: Path, scripted: Scripted) -> None:
        session = Session(home, "shop")
        first = asked(until(session, "threshold", list(session.open())))
        again = asked(list(session.speak("zh")))
        assert first is not None
        assert again is not None
        assert (again.field, again.hash) == (first.field, first.hash)
        assert "100 条" in again.text
        assert session.sheet()[0].title == "目标"
        other = Session(home, "shop")
        question = asked(list(other.open()))
        assert question is not None
        assert question.text == again.text
        answered = asked(list(other.send("90%", agreed=question.hash)))
        assert answered is not None
        assert "场景" in answered.text
