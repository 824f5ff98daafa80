"""How like the expected text a written one is: chrF, BLEU and ROUGE, for Chinese, English and both in one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from workspace.stated import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
HAS_CHINESE = re.compile(f"[{CHINESE}]")
# A Chinese character is a word.
WORD = re.compile(rf"[{CHINESE}]|[^\W_{CHINESE}]+")
NGRAMS = 4


def chrf(wanted: str, given: str) -> float:
    """Character n-gram F-score of one text, 0 to 1; white space doesn't count (Popović 2015, by sacrebleu)."""
    from sacrebleu.metrics import CHRF

    return float(CHRF().sentence_score(given, [wanted]).score) / 100


def rouge(metric: Metric, wanted: str, given: str) -> float:
    """F-score of the words (ROUGE-1), pairs of words (2) or longest common sequence (L) of one text, 0 to 1 (Lin 2004).

    Case doesn't count.
    """
    return float(_rouge().score(*_coded(wanted, given))[metric].fmeasure)


def bleu_counts(wanted: Sequence[str], given: Sequence[str]) -> Array:
    """What a corpus's BLEU follows from, a line a row: n-grams that match, n-grams, and the length of both texts.

    Rows with Chinese in them are cut into characters there (sacrebleu's `zh`), others as mteval 13a does.
    """
    import numpy

    found = []
    for want, give in zip(wanted, given, strict=True):
        score = _bleu("zh" if HAS_CHINESE.search(want + give) else "13a").sentence_score(give, [want])
        found.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return numpy.array(found, dtype=numpy.int64)


def bleu(counts: Array) -> float:
    """Of all rows together, 0 to 1 (Papineni 2002, smoothed as sacrebleu does by default)."""
    total = counts.sum(axis=0).tolist()
    score = _bleu("13a").compute_bleu(
        total[:NGRAMS], total[NGRAMS : 2 * NGRAMS], total[-2], total[-1], smooth_method="exp"
    )
    return float(score.score) / 100


def sentence_bleu(counts: Array) -> list[float]:
    """Of each row alone: only to say which of two answers is the better one."""
    scores = []
    for row in counts.tolist():
        matches, totals = row[:NGRAMS], row[NGRAMS : 2 * NGRAMS]
        found = _bleu("13a").compute_bleu(matches, totals, row[-2], row[-1], smooth_method="exp", effective_order=True)
        scores.append(float(found.score) / 100)
    return scores


@cache
def _bleu(tokenize: str) -> Any:
    from sacrebleu.metrics import BLEU

    return BLEU(tokenize=tokenize, effective_order=True)


def _coded(*texts: str) -> Iterator[str]:
    """The same texts in words that rouge_score keeps: its tokenizer drops all but a-z and 0-9, Chinese altogether."""
    words = [WORD.findall(text.lower()) for text in texts]
    codes = {word: f"w{number}" for number, word in enumerate(dict.fromkeys(word for found in words for word in found))}
    return (" ".join(codes[word] for word in found) for found in words)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1", "rouge2", "rougeL"])
