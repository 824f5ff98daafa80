"""A choice of the training is changed by a sentence that the conversation understands."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import interview
from agent.views.choices import asked_for, choices, follows
from tests.agent.trained import run_in, spec
from workspace.words import Language


def test_five_choices_with_their_defaults(home: Path) -> None:
    found = choices(run_in(home), "en")
    assert [choice.field for choice in found] == ["base", "method", "budget_minutes", "metric", "threshold"]
    assert [choice.value for choice in found][2:] == ["60 min", "share of right answers", "90%"]
    assert {choice.whose for choice in found} == {"default"}
    assert [choice.given for choice in found] == ["smollm2-135m", "lora", "60", "accuracy", "90"]
    assert all(choice.given in dict(choice.options) for choice in found if choice.options)


def test_what_follows_is_told(home: Path) -> None:
    assert "100 steps of 8 rows, each row learned about 20.0 times" in follows(run_in(home), "en")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("base", "minilm", "minilm"),
        ("base", "smollm2-135m", "smollm2-135m"),
        ("base", "qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b"),
        ("method", "full", "full"),
        ("method", "encoder", "encoder"),
        ("budget_minutes", "30", 30.0),
        ("metric", "macro_f1", "macro_f1"),
        ("threshold", "95", 0.95),
    ],
)
def test_the_conversation_understands_the_sentence(language: Language, field: str, value: str, wanted: object) -> None:
    heard = interview.hear(spec(), asked_for(field, value, language), None, 2, None, language)  # type: ignore[arg-type]
    assert heard.changed == (field,)
    assert getattr(heard.draft, field).value == wanted
