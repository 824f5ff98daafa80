"""What a reply asks for beyond answering, in both languages, and what only looks like it."""

from __future__ import annotations

import pytest

from agent.commands import Command, command, corrects, latest

PHRASES = {
    "start": ("start", "ok, let's go!", "Go ahead", "开始吧", "那就开始"),
    "back": ("go back", "back please", "上一步", "返回", "返回上一步", "回到上一题", "退回上一步吧"),
    "show": ("show me", "show me the spec", "what do you have so far?", "看看规格", "现在记了什么"),
    "enough": ("enough questions", "no more questions", "use defaults for the rest", "别问了", "剩下的都默认"),
    "unsure": (
        "I don't know", "idk", "the default", "hmm not sure, whatever you think", "up to you", "no idea",
        "随便，你看着办", "这个我不太懂，你定吧", "默认就行", "无所谓",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PHRASES.items() for text in texts])
def test_a_phrase_is_its_command(kind: str, text: str) -> None:
    told = command(text)
    assert told is not None
    assert told.kind == kind


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("change the threshold to 97%", "threshold", "97%"),
        ("set rows to 500", "rows", "500"),
        ("ok, and make the labels a, b and c", "labels", "a, b and c"),
        ("把达标线改成 97%", "threshold", " 97%"),
        ("数据量改为五百条", "rows", "五百条"),
    ],
)
def test_a_change_names_its_field_and_value(text: str, field: str, words: str) -> None:
    assert command(text) == Command("change", field, words)


@pytest.mark.parametrize(
    "text",
    [
        "We start the day with complaints", "they go back and forth about refunds", "show refunds as refund",
        "95%", "no", "I know that customers don't know their number", "不知道密码、忘记账号、其他",
        "default settings question, password question",
    ],
)  # fmt: skip
def test_what_only_holds_such_words_asks_for_nothing(text: str) -> None:
    assert command(text) is None


def test_a_correction_counts_from_its_last_word() -> None:
    assert corrects("about 500, no wait, 600")
    assert not corrects("about 500")
    assert latest("about 500, no wait, 600").strip(" ,") == "600"
    assert latest("three hundred") == "three hundred"
