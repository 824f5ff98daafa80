"""Likeness of texts against sacrebleu, against rouge_score on English, and worked out by hand for Chinese."""

from __future__ import annotations

import pytest

from finetune.judging.likeness import bleu, bleu_counts, rouge, sentence_bleu
from finetune.judging.scores import estimate, paired

WANTED = ["the order is on its way to you today", "you can return it within seven days of delivery", "no"]
GIVEN = ["your order is on its way to you", "you can return it within ten days of the delivery", "no it is not"]
ZH_WANTED = ["您的订单已经在路上了，预计明天送达", "七天内可以无理由退货"]
ZH_GIVEN = ["您的订单在路上，预计明天就送达", "七天之内可以退货"]


def test_bleu_of_english_is_sacrebleus() -> None:
    from sacrebleu import corpus_bleu

    assert 100 * bleu(bleu_counts(WANTED, GIVEN)) == pytest.approx(corpus_bleu(GIVEN, [WANTED]).score)


def test_bleu_of_chinese_is_sacrebleus_with_its_chinese_tokenizer() -> None:
    from sacrebleu import corpus_bleu

    expected = corpus_bleu(ZH_GIVEN, [ZH_WANTED], tokenize="zh").score
    assert expected > 20
    assert 100 * bleu(bleu_counts(ZH_WANTED, ZH_GIVEN)) == pytest.approx(expected)
    # The tokenizer for English takes a Chinese sentence for a word.
    assert corpus_bleu(ZH_GIVEN, [ZH_WANTED]).score < expected


def test_bleu_of_both_languages_by_hand() -> None:
    """Of 订单 order 42, cut into 订, 单, order and 42, three words and one pair are in 订单 parcel 42."""
    counts = bleu_counts(["订单 order 42"], ["订单 parcel 42"])
    assert counts.tolist() == [[3, 1, 0, 0, 4, 3, 2, 1, 4, 4]]
    assert sentence_bleu(bleu_counts(WANTED, WANTED)) == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize("metric", ["rouge1", "rouge2", "rougeL"])
def test_rouge_of_english_is_the_librarys(metric: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([metric])
    for wanted, given in zip(WANTED, GIVEN, strict=True):
        assert rouge(metric, wanted, given) == pytest.approx(scorer.score(wanted, given)[metric].fmeasure)  # type: ignore[arg-type]


def test_rouge_of_chinese_by_hand() -> None:
    """七天内可以退货 has 7 characters, 七天可退货 5, all of them in the first and in its order; 2 pairs of 4 and 6."""
    wanted, given = "七天内可以退货", "七天可退货"
    assert rouge("rouge1", wanted, given) == pytest.approx(2 * 5 / (7 + 5))
    assert rouge("rouge2", wanted, given) == pytest.approx(2 * 2 / (6 + 4))
    assert rouge("rougeL", wanted, given) == pytest.approx(2 * 5 / (7 + 5))
    assert rouge("rouge1", wanted, "货退以可内天七") == 1.0
    assert rouge("rougeL", wanted, "货退以可内天七") == pytest.approx(2 * 1 / 14)


def test_rouge_of_both_languages_by_hand() -> None:
    assert rouge("rouge1", "订单 Order-42 已发货", "订单 order 42") == pytest.approx(2 * 4 / (7 + 4))
    assert rouge("rouge1", "café", "cafe") == 0
    assert rouge("rouge1", "!", "!") == 0


@pytest.mark.parametrize("metric", ["bleu", "rouge1", "rouge2", "rougeL", "chrf"])
def test_interval_and_paired_test(metric: str) -> None:
    wanted = [f"order {i} is on its way to you" for i in range(20)]
    half = [text if i % 2 else "I have no idea what you mean" for i, text in enumerate(wanted)]
    found = estimate(metric, wanted, half)  # type: ignore[arg-type]
    assert 0.2 < found.low < found.value < found.high < 0.9
    test = paired(metric, wanted, wanted, half, "base")  # type: ignore[arg-type]
    assert (test.better, test.worse, test.same) == (10, 0, 10)
    assert test.difference.low > 0
    assert test.p < 0.01
    assert test.metric == metric
