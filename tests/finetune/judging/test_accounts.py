"""The report says what training was said to take and what it took, in both languages."""

from __future__ import annotations

from finetune.judging.accounts import accounts
from finetune.judging.sections import markdown
from workspace.results import Forecast, TrainedModel

MODEL = TrainedModel(
    name="m", base="b", method="lora", version="v1", folder="m", steps=100, seconds=66.4, tokens_per_second=312.7,
    best_step=90, loss=(), validation_loss=(), memory_gb=1.96, expected=Forecast(seconds=80, memory_gb=2.3),
    probed=Forecast(seconds=70.2, memory_gb=1.9),
)  # fmt: skip


def test_estimates_stand_beside_what_it_took() -> None:
    (section,) = accounts(MODEL).values()
    english, chinese = markdown(section, "en"), markdown(section, "zh")
    assert "| said before the weights were loaded | 80 | 2.3 |" in english
    assert "| said after the first steps | 70 | 1.9 |" in english
    assert "| what it took | 66 | 2.0 |" in english
    assert "| 实际 | 66 | 2.0 |" in chinese
    assert "训练：预估与实际" in chinese


def test_a_model_from_before_has_none() -> None:
    assert accounts(MODEL.model_copy(update={"memory_gb": None})) == {}
