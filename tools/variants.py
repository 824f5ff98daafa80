"""Other words for what a row asks, by a model, and what must be the same in them."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, Field

from tools.copies.likeness import folded
from tools.facts.polarity import negated
from tools.figures.numerals import numbers, plain
from tools.llm import Ask, Chat, prompt
from tools.typos import QUOTED
from workspace.words import Words, language_of

R = TypeVar("R", bound=BaseModel)
Pivot = Literal["en", "ja", "ko"]
SPOKEN: dict[str, str] = {"en": "English", "zh": "Chinese", "ja": "Japanese", "ko": "Korean"}
# A capital that does not begin a sentence, a code, an address.
NAMED = re.compile(
    r"(?<=[^.!?。！？\s] )(?!I(?![a-z0-9]))[A-Z][A-Za-z0-9’'-]*|"
    r"(?<![A-Za-z0-9-])(?=[A-Za-z0-9-]*[A-Z])(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]+|[^\s\u4e00-\u9fff]+@[\w.-]+|https?://[!-~]+"
)
SHORTEST, LONGEST = 0.3, 3.0
NO_ANSWER = Words("the model did not answer", "模型没有回答")
NOTHING_NEW = Words("nothing changed", "没有变化")
MUST_STAY = {
    "number": Words("another number than in the original", "数字与原文不同"),
    "name": Words("a name of the original is missing", "缺少原文中的名称"),
    "not": Words("one denies what the other says", "一肯定一否定"),
    "answer": Words("the answer no longer stands in it", "其中不再包含答案"),
    "language": Words("another language than the original", "语言与原文不同"),
    "length": Words("much shorter or longer than the original", "长度与原文相差太大"),
}


class Synonym(BaseModel):
    word: str
    other: str


class Synonyms(BaseModel):
    words: list[Synonym] = Field(max_length=12)


class Reworded(BaseModel):
    texts: list[str] = Field(max_length=8)


class Translated(BaseModel):
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text to be said in other words; `slot` tells two askings apart."""

    text: str
    slot: str
    seed: int


def paraphrased(chat: Chat, wanted: Sequence[Wanted], count: int) -> Iterator[list[str] | None]:
    """For each text so many others of the same meaning, perhaps fewer; None where the model did not answer."""
    asks = (_ask("augment-paraphrase", one, Reworded, 0.8, count=str(count)) for one in wanted)
    for answer in chat.ask_all(asks):
        yield answer.value.texts if answer.value else None


def translated_back(chat: Chat, wanted: Sequence[Wanted], pivots: Sequence[Pivot]) -> Iterator[str | None]:
    """Each text through one other language, each text through another one."""
    through = [_pivot(language_of(one.text), pivots, one.seed) for one in wanted]
    there = [
        _ask("augment-translate", one, Translated, 0.0, into=SPOKEN[pivot])
        for one, pivot in zip(wanted, through, strict=True)
    ]
    abroad = [answer.value.text if answer.value else "" for answer in chat.ask_all(there)]
    back = [
        _ask("augment-translate", Wanted(text, f"{one.slot}/back", one.seed), Translated, 0.3, into=_own(one.text))
        for one, text in zip(wanted, abroad, strict=True)
        if text.strip()
    ]
    answers = chat.ask_all(back)
    for text in abroad:
        answer = next(answers) if text.strip() else None
        yield answer.value.text if answer and answer.value else None


def synonyms(chat: Chat, wanted: Sequence[Wanted]) -> Iterator[list[Synonym] | None]:
    """Words of each text with one that could stand in their place."""
    for answer in chat.ask_all(_ask("augment-synonyms", one, Synonyms, 0.3) for one in wanted):
        yield answer.value.words if answer.value else None


def replaced(text: str, found: Sequence[Synonym], chance: float, most: int, rng: random.Random) -> str:
    """Each word replaced by chance, one at least and so many at most (Wei and Zou 2019)."""
    usable = [one for one in found if one.word.strip() and one.other.strip() and _once(one.word).search(text)]
    rng.shuffle(usable)
    drawn = [one for one in usable if rng.random() < chance][:most] or usable[:1]
    for one in drawn:
        text = _once(one.word).sub(one.other.replace("\\", r"\\"), text, count=1)
    return text


def unfaithful(original: str, other: str, answer: str = "") -> Words | None:
    """Why the second is no variant of the first; None where it is one. `answer` counts where the first holds it."""
    if not other.strip() or folded(other) == folded(original):
        return NOTHING_NEW
    if language_of(original) != language_of(other):
        return MUST_STAY["language"]
    if _values(original) != _values(other):
        return MUST_STAY["number"]
    if any(name.casefold() not in other.casefold() for name in NAMED.findall(original) + QUOTED.findall(original)):
        return MUST_STAY["name"]
    if negated(original) % 2 != negated(other) % 2:
        return MUST_STAY["not"]
    if len(answer) > 1 and answer in original and answer not in other:
        return MUST_STAY["answer"]
    return None if SHORTEST * len(original) <= len(other) <= LONGEST * len(original) + 20 else MUST_STAY["length"]


def _values(text: str) -> Counter[float]:
    return Counter(number.value for number in numbers(plain(text)) if number.digits)


def _once(word: str) -> re.Pattern[str]:
    edge = r"(?<![A-Za-z])", r"(?![A-Za-z])"
    return re.compile(f"{edge[0]}{re.escape(word)}{edge[1]}" if word.isascii() else re.escape(word))


def _pivot(own: str, pivots: Sequence[Pivot], seed: int) -> Pivot:
    others = [pivot for pivot in pivots if pivot != own] or ["ja" if own == "en" else "en"]
    return others[seed % len(others)]


def _own(text: str) -> str:
    return SPOKEN[language_of(text)]


def _ask(name: str, wanted: Wanted, reply: type[R], warmth: float, **slots: str) -> Ask[R]:
    # A text can't hold the hash of itself, so it can't close its own fence.
    fence = "=" * 8 + hashlib.sha256(wanted.text.encode("utf-8", "replace")).hexdigest()[:16]
    words = prompt(name, language_of(wanted.text), fence=fence, text=wanted.text, **slots)
    tokens = 128 + 4 * len(wanted.text) * (int(slots.get("count", "1")) or 1)
    return Ask(words, reply, wanted.slot, temperature=warmth, seed=wanted.seed, max_tokens=min(4000, tokens))
