"""The same prompts through each form of a tuned model, beside the adapter on its base: what agrees may be released."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.job import trained_on
from finetune.judging.scores import estimate, paired
from finetune.rows import answer_tokens, prompt_tokens, stop_tokens
from finetune.shipping.answering import Answer, Asked, Ended
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.results import Differing, Estimate, Form, FormScore
from workspace.sample import Message, Sample
from workspace.stated import Metric
from workspace.words import Words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PROMPTS, SEED = 50, 7
LONGEST = 256
UNKNOWN_ANSWERS = 64
# The bounds of a release. Merging only rounds, so its answers must be the adapter's; what is rounded harder may answer
# otherwise, as long as it is as good.
LEAST_EXACT = 0.96
MOST_LOST = 0.02
MOST_SHOWN = 10
EXACT: tuple[Form, ...] = ("bf16",)


@dataclass(frozen=True)
class Questions:
    """`wanted` are the right answers, where they are known; `longest` in tokens."""

    messages: Sequence[Sequence[Message]]
    texts: Sequence[str]
    prompts: Sequence[tuple[int, ...]]
    wanted: Sequence[str] | None
    metric: Metric
    longest: int
    stops: tuple[int, ...]
    held_back: bool

    def asked(self, form: Form, path: Path, adapter: Path | None = None) -> Asked:
        return Asked(
            form=form,
            path=path,
            adapter=adapter,
            texts=list(self.texts),
            prompts=[list(prompt) for prompt in self.prompts],
            longest=self.longest,
            stops=list(self.stops),
        )


def questions(folder: Path, tokenizer: PreTrainedTokenizerBase, given: Sequence[Sample] = ()) -> Questions:
    """The first 50 rows given; else 50 drawn from those held back, or from those trained on where none were.

    Raises UserError where there is nothing to ask.
    """
    rows, held_back = (list(given), True) if given else _own(folder)
    # By chance, for a file may be sorted by label; what a person gave keeps its order.
    rows = rows[:PROMPTS] if given else random.Random(SEED).sample(rows, min(PROMPTS, len(rows)))
    if not rows:
        raise UserError(
            Words("There is no prompt to compare the forms on.", "没有可用于比较的提示。"),
            Words("Give some: `--prompts FILE`, a line each.", "请提供：`--prompts 文件`，每行一条。"),
        )
    messages = [row.messages[:-1] if row.messages[-1].role == "assistant" else row.messages for row in rows]
    known = [row for row in rows if row.answer]
    prompts = [prompt_tokens(turns, tokenizer) for turns in messages]
    longest = max((len(answer_tokens(row.messages, tokenizer)) for row in known), default=UNKNOWN_ANSWERS)
    return Questions(
        messages=messages,
        texts=[tokenizer.decode(prompt) for prompt in prompts],
        prompts=prompts,
        wanted=[row.answer for row in rows] if len(known) == len(rows) else None,
        metric="accuracy" if all(row.label for row in rows) else "chrf",
        longest=min(LONGEST, longest + 8),
        stops=tuple(sorted(stop_tokens(tokenizer))),
        held_back=held_back,
    )


def _own(folder: Path) -> tuple[list[Sample], bool]:
    rows = [row for row in read_samples(trained_on(folder)) if row.kept and row.messages]
    for split in ("test", "validation"):
        if held := [row for row in rows if row.split == split]:
            return held, True
    return rows, False


@dataclass(frozen=True)
class Given:
    """What one form answered."""

    path: str
    hash: str
    megabytes: float
    answers: Sequence[Answer]
    ended: Ended


def compared(
    given: Mapping[Form, Given], asked: Questions, tokenizer: PreTrainedTokenizerBase
) -> dict[Form, FormScore]:
    """Each form beside the adapter, the first of them."""
    texts = {form: [_text(a, tokenizer) for a in each.answers] for form, each in given.items()}
    wanted = asked.wanted or texts["adapter"]
    scores = {}
    for form, each in given.items():
        test = paired(asked.metric, wanted, texts["adapter"], texts[form], "tuned")
        differing = tuple(_differing(form, given, texts, asked))
        score = FormScore(
            path=each.path,
            hash=each.hash,
            megabytes=each.megabytes,
            exact=len(wanted) - len(differing),
            quality=estimate(asked.metric, wanted, texts[form]),
            lost=test.difference if form != "adapter" else Estimate(value=0, low=0, high=0),
            better=test.worse,
            worse=test.better,
            **_speed(each),
            memory_mb=round(each.ended.memory_mb, 1),
            same_tokens=each.ended.same_tokens,
            differing=differing[:MOST_SHOWN],
        )
        scores[form] = score.model_copy(update={"refused": _refused(form, score, len(wanted))})
    return scores


def _text(answer: Answer, tokenizer: PreTrainedTokenizerBase) -> str:
    return str(tokenizer.decode(answer.tokens, skip_special_tokens=True)).strip()


def _speed(given: Given) -> dict[str, float]:
    import numpy

    ms = [answer.ms for answer in given.answers]
    return {
        "tokens_per_second": round(1000 * sum(a.written for a in given.answers) / sum(ms), 1),
        "ms_p50": round(float(numpy.percentile(ms, 50)), 1),
        "ms_p99": round(float(numpy.percentile(ms, 99)), 1),
    }


def _differing(
    form: Form, given: Mapping[Form, Given], texts: Mapping[Form, Sequence[str]], asked: Questions
) -> list[Differing]:
    pairs = zip(given["adapter"].answers, given[form].answers, strict=True)
    return [
        Differing(
            prompt=number + 1,
            text=asked.messages[number][-1].content,
            position=_first_difference(own.tokens, other.tokens),
            adapter=texts["adapter"][number],
            other=texts[form][number],
        )
        for number, (own, other) in enumerate(pairs)
        if own.tokens != other.tokens
    ]


def _first_difference(a: Sequence[int], b: Sequence[int]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _refused(form: Form, score: FormScore, rows: int) -> dict[str, str]:
    """Why this form may not be released, by language; empty where it may."""
    why: list[Words] = []
    if form in EXACT and score.exact < LEAST_EXACT * rows:
        why.append(
            Words(
                f"only {score.exact} of {rows} answers are the adapter's own, and {_least(rows)} must be",
                f"{rows} 条回答中只有 {score.exact} 条与适配器一致，至少需要 {_least(rows)} 条",
            )
        )
    if score.lost.value > MOST_LOST + 1e-9:
        why.append(
            Words(
                f"it loses {_points(score.lost.value)} points of quality (between {_points(score.lost.low)} and "
                f"{_points(score.lost.high)}), and {_points(MOST_LOST)} are allowed",
                f"质量下降 {_points(score.lost.value)} 个百分点（区间 {_points(score.lost.low)} 到 "
                f"{_points(score.lost.high)}），最多允许 {_points(MOST_LOST)}",
            )
        )
    if score.same_tokens is not None and score.same_tokens < rows:
        why.append(
            Words(
                f"its tokenizer cuts {rows - score.same_tokens} of {rows} prompts otherwise than in training",
                f"其分词器对 {rows} 条提示中的 {rows - score.same_tokens} 条切分与训练时不同",
            )
        )
    if not why:
        return {}
    return {"en": "; ".join(w.en for w in why), "zh": "；".join(w.zh for w in why)}


def _least(rows: int) -> int:
    return -int(-LEAST_EXACT * rows // 1)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
