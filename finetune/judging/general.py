"""What the base could do and the tuned model still can: predict plain text, and answer simple questions."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ValidationError

from finetune.judging.contestants import Contest
from finetune.judging.exam import Evaluated
from finetune.judging.likelihood import token_log_probabilities
from finetune.judging.scores import Z, mcnemar, wilson
from workspace.project import write_text
from workspace.results import Estimate, Section
from workspace.words import Language, Words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TEXTS = Path(__file__).parent / "texts"
LANGUAGES: dict[Language, Words] = {"en": Words("English", "英文"), "zh": Words("Chinese", "中文")}
NAME = Words("general ability", "通用能力")
# Neighbouring tokens are hard or easy together; so many of them count as one observation.
BLOCK = 16
# Of the probability that the base gave each next token: above, little is lost; below, a lot.
LITTLE, MUCH = 0.9, 0.75


class Question(BaseModel):
    language: Language
    question: str
    right: str
    wrong: tuple[str, ...]


class Measured(BaseModel):
    """Of one model: log-probabilities of the texts' tokens, and whether each question was answered right."""

    key: str
    tokens: dict[Language, list[float]]
    right: list[bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """`share`: of the probability that the base gave each next token, how much the tuned model still gives it.

    `base` and `tuned` are cross-entropies in nats a token.
    """

    share: Estimate
    base: float
    tuned: float


def general(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
    """Base and tuned on texts and questions of our own, which no model has been trained on."""
    found: list[Measured] = []
    models: tuple[Literal["base", "tuned"], ...] = ("base", "tuned")
    for number, which in enumerate(models):
        yield Evaluated(NAME, number, len(models))
        path = out / f"general-{which}.json"
        kept = _kept(path, contest.exam.key)
        if kept is None:
            kept = measure(contest.model(which), contest.tokenizer, contest.exam.key)
            write_text(path, kept.model_dump_json())
        found.append(kept)
    yield Evaluated(NAME, len(models), len(models))
    return section(*found)


def measure(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, key: str) -> Measured:
    tokens: dict[Language, list[float]] = {}
    for language in LANGUAGES:
        passages = (TEXTS / f"general.{language}.md").read_text(encoding="utf-8").strip().split("\n\n")
        scores = token_log_probabilities(model, tokenizer, [("", passage) for passage in passages])
        tokens[language] = [score for passage in scores for score in passage]
    return Measured(key=key, tokens=tokens, right=[_right(model, tokenizer, one) for one in questions()])


def questions() -> list[Question]:
    lines = (TEXTS / "questions.jsonl").read_text(encoding="utf-8").strip().split("\n")
    return [Question.model_validate_json(line) for line in lines]


def _right(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, one: Question) -> bool:
    """The choice of the highest log-likelihood a byte: by length alone none is ahead."""
    asked = Words(f"Question: {one.question}\nAnswer:", f"问题：{one.question}\n答案：").to(one.language)
    gap = " " if one.language == "en" else ""
    choices = [one.right, *one.wrong]
    scores = token_log_probabilities(model, tokenizer, [(asked, gap + choice) for choice in choices])
    each = [sum(score) / len(choice.encode()) for score, choice in zip(scores, choices, strict=True)]
    return each[0] > max(each[1:])


def _kept(path: Path, key: str) -> Measured | None:
    try:
        found = Measured.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if found.key == key else None


def kept_share(base: Sequence[float], tuned: Sequence[float]) -> Kept:
    """The geometric mean of the tuned probability over the base's, with a 95% interval over blocks of tokens."""
    gaps = [b - a for a, b in zip(base, tuned, strict=True)]
    blocks = [gaps[at : at + BLOCK] for at in range(0, len(gaps), BLOCK)]
    means = [sum(block) / len(block) for block in blocks]
    mean = sum(gaps) / len(gaps)
    variance = sum((m - mean) ** 2 for m in means) / max(1, len(means) - 1)
    half = Z * math.sqrt(variance / len(means))
    share = Estimate(value=math.exp(mean), low=math.exp(mean - half), high=math.exp(mean + half))
    return Kept(share, -sum(base) / len(base), -sum(tuned) / len(tuned))


def section(base: Measured, tuned: Measured) -> Section:
    kept = {language: kept_share(base.tokens[language], tuned.tokens[language]) for language in LANGUAGES}
    total, before, after = len(base.right), sum(base.right), sum(tuned.right)
    better = sum(b and not a for a, b in zip(base.right, tuned.right, strict=True))
    worse = sum(a and not b for a, b in zip(base.right, tuned.right, strict=True))
    chance = mcnemar(better, worse) >= 0.05
    rows: list[tuple[Words | str, ...]] = [
        (_text_name(language), f"{one.base:.2f}", f"{one.tuned:.2f}", _percent(one.share))
        for language, one in kept.items()
    ]
    answered = wilson(after, total)
    rows.append(
        (Words("simple questions, right", "简单问题答对"), f"{before}/{total}", f"{after}/{total}", _percent(answered))
    )
    return Section(
        title=Words("General ability: what was forgotten", "通用能力：遗忘了多少"),
        text=_words(kept, (before, after, total), chance),
        columns=(
            Words("measured on", "测量内容"),
            Words("base", "基础模型"),
            Words("tuned", "微调后"),
            Words("kept, with 95% interval", "保留程度及 95% 区间"),
        ),
        rows=tuple(rows),
        values={
            **{f"kept_{language}": one.share for language, one in kept.items()},
            "general_questions": answered,
        },
    )


def _text_name(language: Language) -> Words:
    name = LANGUAGES[language]
    return Words(f"plain {name.en} text, how surprised it is at each token", f"普通{name.zh}文本，对每个词元的意外程度")


def _words(kept: dict[Language, Kept], answered: tuple[int, int, int], chance: bool) -> Words:
    before, after, total = answered
    verdict = _verdict(min(one.share.value for one in kept.values()), lost=not chance and after < before)
    en, zh = (f"{100 * kept[language].share.value:.0f}%" for language in LANGUAGES)
    doubt = Words("", "")
    if chance and before != after:
        doubt = Words(", a difference that may be chance", "，差异可能只是偶然")
    advice = Words("", "") if verdict is FORGOT_LITTLE else ADVICE
    return Words(
        f"{verdict.en}: of the probability that the base gave each next token of plain text, the tuned model still "
        f"gives {en} in English and {zh} in Chinese; of {total} simple questions the base answered {before} right and "
        f"the tuned model {after}{doubt.en}.{advice.en}",
        f"{verdict.zh}：基础模型给普通文本中下一个词元的概率，微调后英文保留了 {en}，中文保留了 {zh}；"
        f"{total} 个简单问题，基础模型答对 {before} 个，微调后答对 {after} 个{doubt.zh}。{advice.zh}",
    )


FORGOT_LITTLE = Words("It forgot little", "遗忘很少")
ADVICE = Words(
    " If it must also chat or write, replay general rows (5-20%) while it learns, or train fewer steps at a lower "
    "learning rate; if it only does this one task, that is no harm.",
    "如果还需要它聊天或写作，请在训练时混入 5-20% 的通用数据，或减少步数、降低学习率；如果只做这一项任务，则没有影响。",
)


def _verdict(share: float, lost: bool) -> Words:
    if share < MUCH or lost:
        return Words("It forgot a lot", "遗忘很多")
    return FORGOT_LITTLE if share >= LITTLE else Words("It forgot something", "有一些遗忘")


def _percent(share: Estimate) -> str:
    return f"{100 * share.value:.1f}% [{100 * share.low:.1f}, {100 * share.high:.1f}]"
