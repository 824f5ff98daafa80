"""What code reads out of a person's own words about fields that nobody asks for."""

from __future__ import annotations

import pytest

from agent.answers import changed, volunteered


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
