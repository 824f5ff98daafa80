"""A rule that only a model could read is shown with both rows, and is checked only after the person's yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.events import Ask, Say
from agent.interview import Heard, hear, next_question
from agent.proposals import agreed, settled, waiting
from agent.session import Session, asked
from tests.scripted import Scripted
from tools.llm import Chat, open_chat
from tools.rules.reading import describe
from workspace.journal import Journal
from workspace.spec import Spec
from workspace.stated import Stated
from workspace.words import Language

ENDS = {"when": {"kind": "none"}, "then": {"kind": "ends", "column": "text", "words": ["Kind regards"]}}
ENDS_ZH = {"when": {"kind": "none"}, "then": {"kind": "ends", "column": "text", "words": ["祝好"]}}
NONSENSE = {"when": {"kind": "none"}, "then": {"kind": "contains one", "column": "text", "words": ["Yours truly"]}}
SAID = "The answer should sign off with “Kind regards”"
SAID_ZH = "回复必须以“祝好”收尾"
BOTH: list[tuple[Language, str, object, str]] = [
    ("en", SAID, ENDS, "the answer ends with “Kind regards”"),
    ("zh", SAID_ZH, ENDS_ZH, "回答以“祝好”结尾"),
]


@pytest.fixture
def chat(scripted: Scripted, home: Path) -> Iterator[Chat]:
    journal = Journal(home / "journal.sqlite")
    chat = open_chat(journal)
    yield chat
    chat.close()
    journal.close()


def writing(language: Language) -> Spec:
    goal = "write replies to letters" if language == "en" else "给来信写回复"
    return Spec(
        goal=Stated(value=goal, source="said", quote=goal, turn=1),
        task=Stated(value="writing", source="suggested"),
        examples=Stated(value=(), source="default"),
        languages=Stated(value=(language,), source="suggested"),
        knowledge=Stated(value=(), source="default"),
    )


def told(chat: Chat | None, text: str, language: Language = "en") -> Heard:
    return hear(writing(language), text, "rules", 2, chat, language)


@pytest.mark.parametrize(("language", "sentence", "reply", "meant"), BOTH)
def test_a_yes_makes_the_reading_the_check(
    scripted: Scripted, chat: Chat, language: Language, sentence: str, reply: object, meant: str
) -> None:
    scripted.queue.append(reply)  # type: ignore[arg-type]
    heard = told(chat, sentence, language)
    assert sentence in scripted.calls[0].prompt
    (rule,) = heard.draft.rules.value
    assert rule.condition is None
    assert ("can't check" in heard.echo, "没法自动检查" in heard.echo) == (False, False)
    question = next_question(heard.draft, ("rules",), language)
    assert question is not None
    word = "Kind regards" if language == "en" else "祝好"
    filler = "please see the note below for more" if language == "en" else "请看下面的说明了解更多内容"
    assert all(part in question.text for part in (sentence, meant, f"“{filler} {word}”", f"“{filler}”"))
    after = hear(heard.draft, question.choices[0], "rules", 3, chat, language)
    (rule,) = after.draft.rules.value
    assert (rule.sentence, rule.proposed) == (sentence, None)
    assert rule.condition is not None
    assert describe(rule.condition, language) == meant
    assert next_question(after.draft, ("rules", "rules"), language).field != "rules"
    # It stays so whatever is said next, and is not asked for again.
    later = hear(after.draft, "90%", "threshold", 4, chat, language).draft
    assert later.rules == after.draft.rules
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(("language", "sentence", "reply", "meant"), BOTH)
def test_a_no_leaves_the_rule_to_people(
    scripted: Scripted, chat: Chat, language: Language, sentence: str, reply: object, meant: str
) -> None:
    scripted.queue.append(reply)  # type: ignore[arg-type]
    draft = told(chat, sentence, language).draft
    for text in (next_question(draft, (), language).choices[1], "yes, but only for refunds", "hm?"):
        after = hear(draft, text, "rules", 3, None, language)
        assert [(r.sentence, r.condition, r.proposed) for r in after.draft.rules.value] == [(sentence, None, None)]
        assert "can't check" in after.echo if language == "en" else "没法自动检查" in after.echo
        assert next_question(after.draft, ("rules", "rules"), language).field != "rules"


def test_what_the_sentence_does_not_say_is_not_proposed(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append(NONSENSE)
    heard = told(chat, SAID)
    assert len(scripted.calls) == 1
    assert waiting(heard.draft) == ()
    assert "can't check" in heard.echo


def test_without_a_model_nothing_is_proposed() -> None:
    heard = told(None, SAID)
    assert [(r.sentence, r.condition, r.proposed) for r in heard.draft.rules.value] == [(SAID, None, None)]
    assert "can't check" in heard.echo


def test_a_rule_that_code_reads_needs_no_model(scripted: Scripted, chat: Chat) -> None:
    assert told(chat, "The answer has at most 40 words").draft.rules.value[0].condition is not None
    assert scripted.calls == []


def test_a_yes_may_bring_another_fact_along(scripted: Scripted, chat: Chat) -> None:
    scripted.queue.append(ENDS)
    draft = told(chat, SAID).draft
    after = hear(draft, "yes, and at least 95% must be right", "rules", 3, None, "en").draft
    assert after.rules.value[0].condition is not None
    assert after.threshold.value == 0.95


@pytest.mark.parametrize(
    "text", ["yes", "Yes, that's right.", "ok", "that's right", "好的", "是的，没错", "没问题", "对"]
)
def test_a_plain_yes_is_one(text: str) -> None:
    assert agreed(text)


@pytest.mark.parametrize(
    "text", ["no", "not quite", "yes, but shorter", "不是", "是的，但是只对退款", "I don't know", ""]
)
def test_a_yes_to_something_else_is_none(text: str) -> None:
    assert not agreed(text)


def test_a_rule_added_on_the_last_page_is_put_to_the_person_there(scripted: Scripted, home: Path) -> None:
    session = Session(home, "letters", "en")
    list(session.open())
    for text in ("Write replies to letters from customers.", "writing", "English", "enough questions"):
        events = list(session.send(text))
        if (question := asked(events)) and question.field == "confirm":
            break
    assert asked(events).field == "confirm"
    scripted.queue.append(ENDS)
    question = asked(list(session.send(f"change rules to {SAID}")))
    assert isinstance(question, Ask)
    assert question.field == "rules"
    events = list(session.send("yes"))
    assert asked(events).field == "confirm"
    page = next(e.text for e in reversed(events) if isinstance(e, Say) and "###" in e.text)
    assert SAID in page
    assert "not checked by machine" not in page


def test_settling_a_draft_without_rules_changes_nothing() -> None:
    assert settled(Spec(), True) == Spec()
