"""Forgetting is measured right where it is known: nothing kept, all kept, and a model that knows the answers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from finetune.base import load_model, load_tokenizer
from finetune.judging.general import Measured, kept_share, measure, questions, section
from finetune.judging.likelihood import token_log_probabilities
from tests.finetune.tiny import tiny_base


def measured(shift: float, right: int) -> Measured:
    tokens = {"en": [-3.0 + shift] * 160, "zh": [-4.0] * 160}
    return Measured(key="k", tokens=tokens, right=[n < right for n in range(40)])


def test_likelihood_is_the_models_own(tmp_path: Path) -> None:
    import torch

    base = tiny_base(tmp_path / "base")
    model, tokenizer = load_model(base, "float32", "cpu").eval(), load_tokenizer(base)
    texts = [("ab", "cde"), ("", "你好"), ("a longer beginning than the others", "x")]
    found = list(token_log_probabilities(model, tokenizer, texts))
    assert [len(scores) for scores in found] == [3, 5, 1]
    ids = torch.tensor([tokenizer("abcde")["input_ids"]])
    with torch.inference_mode():
        logits = model(input_ids=ids).logits[0].log_softmax(-1)
    assert found[0] == pytest.approx([float(logits[n - 1, ids[0, n]]) for n in (2, 3, 4)], abs=1e-4)


def test_measured_on_a_model(tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base")
    found = measure(load_model(base, "float32", "cpu").eval(), load_tokenizer(base), "k")
    assert set(found.tokens) == {"en", "zh"}
    assert min(len(scores) for scores in found.tokens.values()) > 300
    assert len(found.right) == len(questions()) == 40
    assert section(found, found).values["kept_en"].value == 1.0


def test_share_kept() -> None:
    found = kept_share([-3.0] * 320, [-3.0 + math.log(0.8)] * 320)
    assert found.share.value == pytest.approx(0.8)
    assert found.share.low == pytest.approx(0.8)
    assert (found.base, found.tuned) == pytest.approx((3.0, 3.0 - math.log(0.8)))
    noisy = kept_share([-3.0] * 320, [-3.0 + (n // 16 % 2) for n in range(320)])
    assert noisy.share.low < math.exp(0.5) < noisy.share.high
    assert noisy.share.low > 1


def test_questions_are_fair() -> None:
    every = questions()
    assert {one.language for one in every} == {"en", "zh"}
    assert len({one.question for one in every}) == 40
    assert all(len({one.right, *one.wrong}) == 4 for one in every)


@pytest.mark.parametrize(
    ("shift", "right", "said", "advised"),
    [
        (0.0, 30, "It forgot little", False),
        (-0.2, 30, "It forgot something", True),
        (-1.0, 30, "It forgot a lot", True),
        (0.0, 15, "It forgot a lot", True),
    ],
)
def test_said_in_words(shift: float, right: int, said: str, advised: bool) -> None:
    found = section(measured(0.0, 31), measured(shift, right))
    assert said in found.text.en
    assert ("replay" in found.text.en) == ("通用数据" in found.text.zh) == advised
    assert ("may be chance" in found.text.en) == (right == 30)
    assert len(found.rows) == 3
    assert found.values["general_questions"].value == pytest.approx(right / 40)
