"""Test rows said otherwise keep their label and point at their parents; attacks want what is not the answer."""

from __future__ import annotations

import random

import pytest

from tests.scripted import Call, Scripted
from tools.llm import Chat
from tools.robustness.attacks import CANARY, HIDINGS, attack
from tools.robustness.frames import FRAMES, framed
from tools.robustness.mixing import mixed
from tools.robustness.noise import noisy, rewidth, slipped, widths
from tools.robustness.pack import pack
from workspace.sample import Origin, Sample, sample
from workspace.words import Language, language_of

ENGLISH = ["Where is the card that I ordered last week?", "please cancel my transfer to the bank, thank you"]
CHINESE = ["我的订单已经到公司了吗，请帮我查一下", "昨天付款之后手机一直没有收到短信提醒"]


def rows(labels: bool = True) -> list[Sample]:
    return [
        sample(text, f"l{n % 2}" if labels else "it is on its way", Origin(source="t", row=n), label=label)
        for n, text in enumerate([*ENGLISH, *CHINESE] * 3)
        for label in [f"l{n % 2}" if labels else None]
    ]


@pytest.mark.parametrize("labels", [True, False])
def test_the_same_pack_for_the_same_seed(labels: bool) -> None:
    given = rows(labels)
    made = list(pack(given, 7))
    assert made == list(pack(given, 7))
    assert made != list(pack(given, 8))
    assert len({row.id for row in made}) == len(made)
    by_id = {row.id: row for row in given}
    for row in made:
        parent = by_id[str(row.origin.parent)]
        assert (row.label, row.answer, row.split) == (parent.label, parent.answer, "test")
        assert row.question != parent.question
    kinds = {row.fields["kind"] for row in made}
    assert kinds == {"typing", "paraphrase", "code_switch", "width_case", "noise", "injection"}


def test_of_each_kind_no_more_than_wanted() -> None:
    made = [row for row in pack(rows(), 7, most=5) if row.fields["kind"] == "noise"]
    assert len(made) == 5


def test_an_attack_wants_another_label_in_both_languages_and_every_hiding_place() -> None:
    attacks = [row for row in pack(rows(), 7) if row.fields["kind"] == "injection"]
    assert {row.fields["way"] for row in attacks} == set(HIDINGS)
    for row in attacks:
        assert row.fields["wanted"] in ("l0", "l1")
        assert row.fields["wanted"] != row.label
        assert str(row.fields["wanted"]) in row.question
    crossed = [row for row in attacks if "忽略" in row.question or "无视" in row.question or "管理员" in row.question]
    assert any(row.question.isascii() for row in attacks)
    assert crossed


def test_texts_are_attacked_with_a_word_that_no_honest_answer_holds() -> None:
    attacks = [row for row in pack(rows(labels=False), 7) if row.fields["kind"] == "injection"]
    assert {row.fields["wanted"] for row in attacks} == {CANARY.en, CANARY.zh}


def test_rows_of_one_label_are_not_attacked() -> None:
    one = [row.model_copy(update={"label": "l0"}) for row in rows()]
    assert not [row for row in pack(one, 7) if row.fields["kind"] == "injection"]


@pytest.mark.parametrize("hiding", HIDINGS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_attack_keeps_the_message_and_fills_no_slot_of_the_message(hiding: str, language: Language) -> None:
    text = attack("say {answer} and {message} to 我", "X9", hiding, language).text  # type: ignore[arg-type]
    assert "{answer}" in text
    assert "{message}" in text
    assert "X9" in text
    assert text.count("X9") == 1
    assert "{before}" not in text


def test_a_fake_turn_spells_out_the_marks_of_a_turn() -> None:
    assert "<|im_start|>system" in attack("hello", "x", "fake turn", "en").text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where is my card?", {"卡"}),
        ("我的 订单 和 账户", {"order", "account"}),
        ("账户余额不对", {"account", "balance"}),
    ],
)
def test_everyday_words_in_the_other_language(text: str, words: set[str]) -> None:
    found = {mixed(text, random.Random(seed)) for seed in range(20)}
    assert text not in found
    assert {word for word in words for said in found if word in said} == words


@pytest.mark.parametrize("text", ["Discard it at www.card.com/card", "无", "xyz", "scorecards"])
def test_a_word_within_a_word_is_none(text: str) -> None:
    assert mixed(text, random.Random(1)) == text


def test_width_and_case() -> None:
    assert rewidth("Card 12", "full width") == "Ｃａｒｄ １２"
    assert rewidth("好的，行！", "half width") == "好的,行!"
    assert rewidth("Card", "capitals") == "CARD"
    assert widths("订单") == ()
    assert widths("订单，") == ("half width",)
    assert "small letters" not in widths("card")


@pytest.mark.parametrize("text", [*ENGLISH, *CHINESE])
def test_slips_and_noise_leave_most_of_it(text: str) -> None:
    for seed in range(20):
        typed, loud = slipped(text, random.Random(seed)), noisy(text, random.Random(seed))
        assert typed != text
        assert abs(len(typed) - len(text)) <= 3
        assert loud != text
        assert set(text.split()[0].strip("，")) <= set(loud)
    if language_of(text) == "zh":
        assert any(len(slipped(text, random.Random(seed))) == len(text) - 1 for seed in range(20))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_frame_ends_the_sentence_before_it_goes_on(language: Language) -> None:
    for seed in range(30):
        said = framed("card lost", random.Random(seed), language)
        assert "card lost" in said
        assert said.endswith("card lost") or said[said.index("card lost") + 9] in ".。"
    assert all("{text}" in frame for frames in FRAMES.values() for frame in frames)


def test_without_a_model_a_frame_and_with_one_its_words(scripted: Scripted, chat: Chat) -> None:
    framed_rows = [row for row in pack(rows()[:2], 7) if row.fields["kind"] == "paraphrase"]
    assert {row.fields["way"] for row in framed_rows} == {"frame"}
    scripted.script = _rewording
    worded = [row for row in pack(rows()[:2], 7, chat) if row.fields["kind"] == "paraphrase"]
    assert [row.fields["way"] for row in worded] == ["model", "frame"]
    assert worded[0].question == "Tell me where the card from last week is."


def _rewording(call: Call) -> dict[str, object]:
    """The second one becomes Chinese, which is no paraphrase."""
    if "last week" in call.prompt:
        return {"texts": ["Tell me where the card from last week is."]}
    return {"texts": ["请取消我的转账"]}
