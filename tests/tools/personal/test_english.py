"""Names and addresses in English texts: by what they look like and what stands around, in small letters as well."""

from __future__ import annotations

import pytest

from tools.personal.finding import find

HOME = "742 Evergreen Terrace, Springfield, OR 97403"


def named(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in find(text, names=True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, this is Margaret Thornbury from the accounts team.", [("NAME", "Margaret Thornbury")]),
        ("please call maria lopez about the order", [("NAME", "maria lopez")]),
        ("Dear Mr. Okonkwo, thank you for waiting.", [("NAME", "Okonkwo")]),
        ("Name: Sven Åkesson\nPhone: +46 8 123 456 78", [("NAME", "Sven Åkesson"), ("PHONE", "+46 8 123 456 78")]),
        (f"Please send it to {HOME}.", [("ADDRESS", HOME)]),
        ("Peter's brother and Anna's sister met.", [("NAME", "Peter"), ("NAME", "Anna")]),
    ],
)  # fmt: skip
def test_finds_people_and_where_they_live(text: str, found: list[tuple[str, str]]) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order? It was due on Monday.",
        "I can't log in. They've locked my account, and nobody answers.",
        "Please reset the password of the Wi-Fi router ASAP.",
        "The weather in France was terrible in August.",
        "Version 2 adds support for Dark Mode on Windows.",
        "what about the refund? when will it arrive?",
        "See https://www.johnsmithbooks.com/ for more.",
    ],
)
def test_nobody_is_seen_where_nobody_is_named(text: str) -> None:
    assert named(text) == []


def test_english_within_chinese_is_read_too() -> None:
    assert ("NAME", "Margaret Thornbury") in named("客户说 please ask Margaret Thornbury about it 然后挂了")
