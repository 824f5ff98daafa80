"""An answer split into sentences that can be true or false, and what two sentences have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from tools.facts.wrapping import wraps
from tools.figures.quantities import UNITS, Quantity, quantities, singular, without

# A full stop ends a sentence unless a figure, an initial or a usual abbreviation is around it.
END = re.compile(
    r"[。！？；!?]+[”’」』\"')\]]*|(?<!\b[A-Za-z])(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bvs)(?<!\bNo)(?<!\bInc)"
    r"(?<!\bLtd)(?<!\be\.g)(?<!\bi\.e)(?<!^\d)(?<!^\d\d)(?<!\.\s\d)[.;][\"')\]]*(?=\s|$)|\n+",
    re.I | re.M,
)
MARK = re.compile(r"[。！？；!?.;\n]")
LEAD = re.compile(r"(?:[\s>*#•·]|[-–]\s|\d{1,2}[.)、]\s)+")
QUESTION = re.compile(
    r"[?？]|^(?:who|what|when|where|which|why|how|do|does|did|is|are|was|were|can|could|will|would|should|may)\b.*[^.。]$"
    r"|(?:吗|呢|怎么办|什么)$|(?:怎么|怎样|如何|为什么|多少|能不能|是不是|可不可以|有没有|哪)",
    re.I,
)
PLEASANTRY = re.compile(
    r"^(?:hello|hi|hey|dear|thanks?|thank you|sorry|i(?:'m| am) (?:so |very )?sorry|please|let me|i hope|"
    r"i apologi[sz]e|i understand|i(?:'d| would) be happy|sure|of course|you(?:'re| are) welcome|have a|"
    r"good (?:morning|afternoon|day)|feel free|if you (?:have|need)|您好|你好|谢谢|感谢|抱歉|对不起|不好意思|"
    r"很高兴|请问|请您?|祝|希望|欢迎|好的|没问题|亲)",
    re.I,
)
ASKS = re.compile(r"[?？]|(?:吗|呢|怎么办)\s*$")
SHORT = 4  # words; more may well be a question that lost its mark
OWN = re.compile(r"\b(?:i|i'm|i've|i'd|my|mine|me|we|our|us)\b|我|咱|俺|本人", re.I)
STOP = frozenset(
    "a an the of and or in on at to by for from with is are was were be been being am as that which who whom whose it "
    "its this these those there their they he she his her him them you your yours i we our us my me do does did done "
    "has have had having will would can could may might shall should must also so then than into about over under "
    "s t if but not no nor never cannot out up down all any each such one more most other some only very just per "
    "within least business because while during through what how when where why many much long yes".split()
)
STOP_CHINESE = frozenset(
    "的了是在和与及或也都就而对于为以被把给向从到之其这那有个着过等将会可能要该此并且但不没未您你我他她它们吗呢吧啊嘛"
)
STOPPED = str.maketrans(dict.fromkeys(STOP_CHINESE, " "))
WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|[\u4e00-\u9fff]+|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is exactly the place [start:end] of the text it was cut from."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """In order; list marks and headings' # stay outside. A line break that only wraps a paragraph ends nothing."""
    return list(_sentences(text))


@lru_cache(maxsize=1024)  # every check of a row cuts the same text
def _sentences(text: str) -> tuple[Sentence, ...]:
    found, start = list[Sentence](), 0
    for end in [*_ends(text), len(text)]:
        if sentence := trimmed(text, start, end):
            found.append(sentence)
        start = end
    return tuple(found)


def _ends(text: str) -> Iterator[int]:
    """END looks back at every place of a text; only some characters can end a sentence."""
    last, wrapping = 0, wraps(text)
    for mark in MARK.finditer(text):
        if mark.start() not in wrapping and mark.start() >= last and (match := END.match(text, mark.start())):
            last = match.end()
            yield last


def trimmed(text: str, start: int, end: int) -> Sentence | None:
    """The place without white space and list marks around it; None if no letter or figure is left."""
    if mark := LEAD.match(text, start, end):
        start = mark.end()
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return Sentence(text[start:end], start, end) if WORD.search(text, start, end) else None


def claims(answer: str) -> list[str]:
    """What the answer says that could be true or false; no questions, greetings, or thanks."""
    return list(_claims(answer))


@lru_cache(maxsize=1024)
def _claims(answer: str) -> tuple[str, ...]:
    places = sentences(answer)
    if len(places) == 1 and not ASKS.search(answer) and len(places[0].text.split()) <= SHORT:
        # A bare answer may begin like a question: "May 5", "Will Smith".
        return (said,) if (said := stated(places[0].text)) else ()
    kept = [s.text for s in places if not s.text.endswith((":", "：")) and not QUESTION.search(s.text)]
    return tuple(said for text in kept if (said := stated(text)))


def stated(text: str) -> str:
    """The sentence without the courtesy that it opens with; empty where it is nothing else."""
    courtesy = PLEASANTRY.match(text)
    if courtesy is None or quantities(text):
        return text
    rest = re.split(
        r"(?:please (?:note|be aware|remember)(?: that)?|请注意)[,，:：]?|(?<=[,，!！])", text, maxsplit=1, flags=re.I
    )[-1]
    rest = rest.strip()
    own = rest == text or PLEASANTRY.match(rest) or courtesy.group().lower().startswith("if ")
    return "" if own or len(content_words(rest)) < 3 else rest


def statements(message: str) -> list[str]:
    """What a person's message says about the world: nothing about themselves, which no document can settle."""
    return [claim for claim in claims(message) if not OWN.search(claim)]


@dataclass(frozen=True)
class Reading:
    """A sentence with its quantities, and its content words in order without them."""

    text: str
    quantities: tuple[Quantity, ...]
    words: tuple[str, ...]

    @property
    def bag(self) -> frozenset[str]:
        return frozenset(self.words)


@lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    found = quantities(text)
    return Reading(text, tuple(found), tuple(content_words(without(text, found))))


def content_words(text: str) -> list[str]:
    """English words as stems; Chinese as pairs of characters, for a word there has no edges."""
    words: list[str] = []
    for match in WORD.finditer(text):
        run = match.group()
        if run[0] >= "\u4e00":
            kept = run.translate(STOPPED).split()
            words += [piece[i : i + 2] for piece in kept for i in range(max(1, len(piece) - 1))]
        elif (word := run.lower().split("'")[0].split("’")[0]) not in STOP and word not in UNITS:
            words.append(stem(word))
    return words


@cache
def stem(word: str) -> str:
    """Cuts what inflects, so that "refunded", "refunds" and "refunding" meet."""
    word = singular(word)
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def coverage(of: frozenset[str], by: frozenset[str]) -> float:
    """Share of the words of one that the other has too; 0 where there are none."""
    return len(of & by) / len(of) if of else 0.0
