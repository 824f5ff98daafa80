"""What code reads out of a person's own words about fields that nobody asks for."""

from __future__ import annotations

import pytest

from agent.answers import changed, volunteered
from agent.interview import Heard, hear
from workspace.spec import Spec
from workspace.stated import Stated
from workspace.words import language_of


def heard(text: str, asked: str | None, **said: object) -> Heard:
    """After values that were said before."""
    draft = Spec.model_validate({name: Stated(value=v, source="said", quote="x", turn=1) for name, v in said.items()})
    return hear(draft, text, asked, 2, None, language_of(text))


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("Please use LoRA for it.", "lora"),
        ("I'd like QLoRA on our GPU.", "qlora"),
        ("We want full fine-tuning here.", "full"),
        ("请用全量微调。", "full"),
        ("Prompt tuning would do.", "prompt"),
        ("用前缀微调吧", "prefix"),
        ("Train an encoder classifier, please.", "encoder"),
    ],
)
def test_a_method_that_is_named_is_heard(text: str, method: str) -> None:
    assert [r.value for r in volunteered(text, None) if r.field == "method"] == [method]


def test_a_word_that_only_sounds_like_a_method_is_none() -> None:
    """Questions about encoder models are a subject, too."""
    for text in ("Sort questions about encoder models of our motors.", "It explains fine prefixes."):
        assert not [r for r in volunteered(text, None) if r.field == "method"]


@pytest.mark.parametrize("words", ["full", "full tuning", "train every weight of the model (full tuning)", "全量微调"])
def test_the_method_can_be_changed(words: str) -> None:
    assert [r.value for r in changed("method", words)] == ["full"]


@pytest.mark.parametrize(
    "text", ["no wait, for the situations: you decide", "Wait, as for the mix, up to you", "不对，关于场景：你定吧"]
)
def test_a_reply_that_names_another_field_answers_that_one(text: str) -> None:
    draft = heard(text, "privacy").draft
    assert draft.privacy is None
    assert draft.scenarios is not None
    assert draft.scenarios.source == "suggested"


@pytest.mark.parametrize("text", ["等等，关于达标线：95%", "wait, for the threshold: 95%", "about the accuracy, 95%"])
def test_another_fields_value_is_read_for_it(text: str) -> None:
    draft = heard(text, "privacy", threshold=0.8).draft
    assert draft.privacy is None
    assert draft.threshold is not None
    assert draft.threshold.value == 0.95


@pytest.mark.parametrize("text", ["no wait", "No, wait a second", "等等", "等一下", "不对"])
def test_a_mark_of_correction_denies_nothing(text: str) -> None:
    assert heard(text, "privacy").draft.privacy is None


@pytest.mark.parametrize(
    "text", ["no, you decide", "no idea what is in there", "I'm not sure, whatever you think",
     "没有吧，我不太清楚", "不知道有没有，你定"]
)  # fmt: skip
def test_doubt_about_personal_data_masks_it(text: str) -> None:
    privacy = heard(text, "privacy").draft.privacy
    assert privacy is not None
    assert (privacy.value, privacy.source) == ("mask", "suggested")


@pytest.mark.parametrize(
    ("text", "way"), [("no", "none"), ("没有", "none"), ("wait, no", "none"), ("不对，有的", "mask")]
)
def test_a_plain_answer_about_personal_data_still_counts(text: str, way: str) -> None:
    privacy = heard(text, "privacy").draft.privacy
    assert privacy is not None
    assert privacy.value == way


@pytest.mark.parametrize("text", ["hide names", "mask the personal data", "把姓名隐藏", "请把姓名隐藏"])
@pytest.mark.parametrize("asked", ["goal", "rules", "threshold", "scenarios", "rows", None])
def test_an_order_to_hide_holds_at_any_question(text: str, asked: str | None) -> None:
    for before in ({}, {"privacy": "none"}, {"privacy": "keep"}):
        privacy = heard(text, asked, **before).draft.privacy
        assert privacy is not None
        assert (privacy.value, privacy.source) == ("mask", "said")


@pytest.mark.parametrize(
    "text",
    [
        "our mails are never very long I suppose. I don't know", "Our mails are always short. No idea",
        "It should be polite, I guess", "邮件应该不会太长，我也不知道", "说不好，应该都很短",
    ],
)  # fmt: skip
def test_a_guess_is_no_rule(text: str) -> None:
    rules = heard(text, "rules").draft.rules
    assert rules is not None
    assert (rules.value, rules.source) == ((), "suggested")


@pytest.mark.parametrize(
    "text",
    [
        "It must say I don't know if the handbook has no answer", "手册里没有的必须说不知道",
        "Answers must be under 50 words. Not sure about the rest", "Answers must be polite, otherwise I don't know",
    ],
)  # fmt: skip
def test_a_rule_beside_doubt_or_about_doubt_stays(text: str) -> None:
    rules = heard(text, "rules").draft.rules
    assert rules is not None
    assert (len(rules.value), rules.source) == (1, "said")


@pytest.mark.parametrize(
    "text", ["sorry, scrap that, there are no rules", "forget the rules", "no, drop all rules",
     "算了，规则不要了", "规则都取消，不要了"]
)  # fmt: skip
def test_rules_are_taken_back_at_another_question(text: str) -> None:
    draft = heard(text, "privacy", rules=({"sentence": "Never shout"},)).draft
    assert draft.rules is not None
    assert draft.rules.value == ()
    assert draft.privacy is None


def test_another_field_that_is_taken_back_is_asked_anew() -> None:
    for text in ("forget the threshold", "sorry, scrap the threshold", "达标线作废"):
        assert heard(text, "rows", threshold=0.8).draft.threshold is None


@pytest.mark.parametrize(
    "text",
    ["no idea, I have no files", "I don't know what I want", "we have nothing yet", "不知道，我没有文件", "没什么要求"],
)
def test_what_is_not_there_is_no_goal(text: str) -> None:
    assert heard(text, "goal").draft.goal is None


@pytest.mark.parametrize(
    "text", ["I guess I want to sort our mails", "we have no time to sort our mails", "没有人手，想自动分类邮件"]
)
def test_a_wish_beside_doubt_or_lack_is_a_goal(text: str) -> None:
    assert heard(text, "goal").draft.goal is not None


@pytest.mark.parametrize(
    "text", ["just normal shop mails, whatever you think", "refunds, I suppose", "普通邮件，你看着办"]
)
def test_talk_to_us_is_no_item_of_a_list(text: str) -> None:
    scenarios = heard(text, "scenarios").draft.scenarios
    assert scenarios is None or [share.name for share in scenarios.value] == ["everyday", "unusual"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("At least 90% right, 200 rows, in English", 200), ("9 of 10 right and two hundred rows", 200),
        ("至少90%正确，200条，英文", 200), ("at most 40 words, about 1,500 rows please", 1500),
        ("we have 200 rows in a file", None), ("我们每天有200条消息", None),
    ],
)  # fmt: skip
def test_a_count_of_rows_in_passing_is_read(text: str, rows: int | None) -> None:
    stated = heard(text, None).draft.rows
    assert (stated.value if stated else None) == rows
