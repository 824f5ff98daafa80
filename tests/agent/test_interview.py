"""The interview by code alone, and what a model's pointing may and may not do to the draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.interview import Heard, chips, hear, next_question, one_page, table
from benchmarks.interview import play
from tests.scripted import Scripted
from tools.llm import open_chat
from workspace.journal import Journal
from workspace.spec import Spec, open_questions, questions
from workspace.stated import Stated

CONVERSATIONS = Path(__file__).parent / "conversations"
CLINIC = (
    "We're a clinic. Patients text us in English; sort into appointment, prescription, billing and other. "
    "At least 95% right. No phone numbers please."
)


def values(draft: Spec) -> dict[str, object]:
    stated = {name: getattr(draft, name) for name, _ in questions()}
    return {name: s.value for name, s in stated.items() if s is not None}


@pytest.mark.parametrize("name", sorted(path.stem for path in CONVERSATIONS.glob("*.yaml")))
def test_a_written_conversation_ends_in_its_specification(name: str) -> None:
    played = play(CONVERSATIONS / f"{name}.yaml", None)
    assert (played.wrong, played.invented) == ((), ())
    assert len(played.asked) <= 10


def test_one_opening_fills_many_fields() -> None:
    heard = hear(Spec(), CLINIC, None, 1, None, "en")
    assert [label.name for label in heard.draft.labels.value] == ["appointment", "prescription", "billing", "other"]
    assert values(heard.draft).items() >= {"languages": ("en",), "threshold": 0.95, "privacy": "mask"}.items()
    assert heard.draft.goal is not None
    assert heard.draft.goal.value.startswith("We're a clinic")
    assert all(s.quote in CLINIC for name in heard.changed if (s := getattr(heard.draft, name)).source == "said")
    assert "95%" in heard.echo


def test_a_fact_once_said_changes_only_by_a_correction() -> None:
    draft = hear(Spec(), CLINIC, None, 1, None, "en").draft
    again = hear(draft, "about 80% right would be odd, people say", "knowledge", 2, None, "en").draft
    assert again.threshold == draft.threshold
    for text in ("actually make it 97%", "change the threshold to 97%", "no wait, 97% right", "达标线改成97%"):
        changed = hear(draft, text, "knowledge", 2, None, "en").draft
        assert changed.threshold == Stated(value=0.97, source="said", quote=changed.threshold.quote, turn=2), text
        assert changed.threshold.quote in text


@pytest.mark.parametrize(("text", "language"), [("hmm not sure, whatever you think", "en"), ("随便，你定吧", "zh")])
def test_doubt_takes_the_fallback_as_a_suggestion(text: str, language: str) -> None:
    draft = hear(Spec(), text, "threshold", 3, None, language).draft
    assert draft.threshold == Stated(value=0.9, source="suggested", quote=None, turn=3)


@pytest.mark.parametrize("text", ["hi!", "你好", "thanks, have a nice day", "今天天气真好"])
def test_small_talk_fills_nothing(text: str) -> None:
    assert hear(Spec(), text, None, 1, None, "en").changed == ()


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("replace each name by a code of its own please", "hash"),
        ("pseudonymise the customers' names", "hash"),
        ("手机号用代号代替，同一个人同一个代号", "hash"),
        ("hash the phone numbers", "hash"),
        ("keep only the city of an address", "generalise"),
        ("地址只保留城市", "generalise"),
        ("年龄换成年龄段，泛化一下", "generalise"),
        ("hide phone numbers", "mask"),
        ("keep the names as they are", "keep"),
        ("there is nothing personal in it", "none"),
    ],
)
def test_each_way_to_treat_personal_data_is_understood(text: str, way: str) -> None:
    draft = hear(Spec(), text, "privacy", 1, None, "zh" if not text.isascii() else "en").draft
    assert draft.privacy is not None
    assert draft.privacy.value == way


def test_hiding_phone_numbers_is_privacy_and_no_rule() -> None:
    heard = hear(Spec(), "The texts must not contain phone numbers.", "rules", 2, None, "en")
    assert heard.draft.privacy is not None
    assert heard.draft.rules is None


def test_at_most_ten_questions_then_only_what_has_no_default() -> None:
    draft = Spec()
    names = [name for name in open_questions(draft) if next_question(draft, (), "en")]
    assert next_question(draft, tuple(names) * 2, "en").field == "goal"
    told = hear(draft, "sort letters into complaint, praise and other", None, 1, None, "en").draft
    assert next_question(told, ("x",) * 9, "en") is not None
    assert next_question(told, ("x",) * 10, "en") is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_chip_is_an_answer_that_can_be_read(language: str) -> None:
    for name in ("task", "examples", "languages", "knowledge", "rules", "threshold", "scenarios", "privacy", "rows"):
        for chip in chips(Spec(), name, language):
            heard = hear(Spec(), chip, name, 2, None, language)
            assert name in heard.changed, (name, chip)


def test_the_page_shows_whose_each_value_is() -> None:
    draft = hear(Spec(), CLINIC, None, 1, None, "en").draft.filled()
    page = one_page(draft, "en")
    assert "**Good enough**: 95%" in page
    assert "At least 95% right" in page
    assert "_default_" in page
    assert ("Good enough", "95%", "your words: “At least 95% right”") in table(draft, "en").rows


def test_a_model_points_at_words_and_code_reads_them(scripted: Scripted, home: Path) -> None:
    text = "Our shop gets mails: refunds, late parcels, praise; tell them apart. Nine of ten should come out right."
    scripted.queue.append(
        facts(
            ("refunds, late parcels, praise", "labels", "refunds; late parcels; praise"),
            ("Nine of ten should come out right", "threshold", "99%"),
            ("at least 80% right", "threshold", "80%"),
            ("tell them apart", "rows", "5000"),
        )
    )
    draft = listen(text, home).draft
    assert [label.name for label in draft.labels.value] == ["refunds", "late parcels", "praise"]
    assert draft.labels.source == "suggested"
    assert draft.threshold.value == 0.9
    assert draft.rows is None
    assert "Our shop gets mails" in scripted.calls[0].prompt


def test_a_list_is_no_labels_where_nothing_is_told_apart(scripted: Scripted, home: Path) -> None:
    text = "Extract the number, the date and the sum from our invoices, whoever sent them to whichever office."
    scripted.script = lambda call: facts(("the number, the date and the sum", "labels", "number; date; sum"))
    draft = listen(text, home).draft
    assert draft.task.value == "extraction"
    assert draft.labels is None


@pytest.mark.parametrize("field", ["threshold", "rows", "labels", "rules", "privacy", "scenarios"])
def test_nothing_that_a_model_invents_is_recorded(scripted: Scripted, home: Path, field: str) -> None:
    text = "We would like to sort letters that citizens send to the town hall, it is a lot of work."
    scripted.script = lambda call: facts(
        ("sort letters", field, "95%; 500; a; b"), ("exactly 95% and 500 rows of a and b", field, "95%")
    )
    assert getattr(listen(text, home).draft, field) is None


def test_a_failing_model_leaves_what_code_reads(scripted: Scripted, home: Path) -> None:
    scripted.script = lambda call: "I am a poem"
    draft = listen(CLINIC + " And one thing more that only a model could place.", home).draft
    assert draft.threshold.value == 0.95
    assert len(draft.labels.value) == 4


def test_a_short_answer_needs_no_model(scripted: Scripted, home: Path) -> None:
    assert listen("95 out of 100", home, asked="threshold").draft.threshold.value == 0.95
    assert scripted.calls == []


def facts(*found: tuple[str, str, str]) -> dict[str, list[dict[str, str]]]:
    return {"facts": [{"quote": quote, "field": field, "value": value} for quote, field, value in found]}


def listen(text: str, home: Path, asked: str | None = None) -> Heard:
    journal = Journal(home / "journal.sqlite")
    chat = open_chat(journal)
    heard = hear(Spec(), text, asked, 1, chat, "en")
    chat.close()
    journal.close()
    return heard


def test_one_long_chinese_sentence_is_taken_apart() -> None:
    text = "我们每天收到两千条留言，想自动分成咨询、投诉、建议三类，准确率要95%以上，手机号都要打码"
    draft = hear(Spec(), text, None, 1, None, "zh").draft
    assert draft.goal.value == "我们每天收到两千条留言，想自动分成咨询、投诉、建议三类"
    assert [label.name for label in draft.labels.value] == ["咨询", "投诉", "建议"]
    assert (draft.threshold.value, draft.privacy.value, draft.rows) == (0.95, "mask", None)


@pytest.mark.parametrize("text", ["I must say this is exciting! You should have seen our inbox.", "What can you do?"])
def test_chat_without_a_wish_is_no_goal(text: str) -> None:
    draft = hear(Spec(), text, None, 1, None, "en").draft
    assert draft.goal is None
    assert next_question(draft, (), "en").field == "goal"


def test_a_change_without_a_value_asks_anew() -> None:
    draft = hear(Spec(), CLINIC, None, 1, None, "en").draft
    heard = hear(draft, "change the threshold", None, 2, None, "en")
    assert heard.draft.threshold is None
    assert heard.draft.labels == draft.labels


def test_labels_that_a_model_made_out_are_put_to_the_person() -> None:
    draft = Spec(
        goal=Stated(value="sort mails", source="said", quote="sort mails", turn=1),
        task=Stated(value="classification", source="suggested"),
        labels=Stated(value=[{"name": "refund"}, {"name": "parcel"}], source="suggested"),
        examples=Stated(value=(), source="default"),
    )
    asked = next_question(draft, ("examples",), "en")
    assert asked.field == "labels"
    assert "refund, parcel" in asked.text
    assert hear(draft, "yes", "labels", 2, None, "en").draft == draft
    assert hear(draft, "no, not those", "labels", 2, None, "en").draft.labels is None
    other = hear(draft, "no: refund, parcel, other", "labels", 2, None, "en").draft
    assert [label.name for label in other.labels.value] == ["refund", "parcel", "other"]
    assert next_question(draft, ("examples", "labels"), "en").field != "labels"


def test_shares_that_do_not_add_up_are_given_back() -> None:
    heard = hear(Spec(), "80% everyday, 40% odd", "scenarios", 2, None, "en")
    assert heard.draft.scenarios is None
    assert "120%" in heard.note


@pytest.mark.slow
@pytest.mark.parametrize("name", ["4_news_zh", "1_bank_intents"])
def test_a_weak_model_puts_no_words_in_the_persons_mouth(name: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    chat = open_chat(journal)
    played = play(CONVERSATIONS / f"{name}.yaml", chat)
    chat.close()
    journal.close()
    assert (played.wrong, played.invented) == ((), ())


def test_yes_and_no_are_labels_only_together() -> None:
    draft = hear(Spec(), "yes, no, unclear", "labels", 2, None, "en").draft
    assert [label.name for label in draft.labels.value] == ["yes", "no", "unclear"]
    assert hear(Spec(), "没有，不是", "labels", 2, None, "zh").draft.labels is None
