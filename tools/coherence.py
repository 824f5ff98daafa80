"""What can be seen of a long text's coherence without a model: repetition, loose ends, order, and what strays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz

from tools.copies.likeness import folded
from tools.facts.claims import Sentence, content_words, coverage, sentences
from tools.figures.dates import Moment, moments
from tools.figures.numerals import CHINESE, chinese_value, plain
from workspace.words import Words, language_of

Kind = Literal["repeated", "cut off", "reference", "numbering", "order", "topic"]
LONG_SENTENCE = 30  # in Latin letters; a Chinese character says as much as three
NEARLY = 95.0
LEAST_WORDS = 6  # content words of a sentence, before what it shares with others says something
STRAYS = 0.4  # share of its characters, for Chinese sentences without a pair of characters in common
YEAR = re.compile(r"\d{4}|年")
FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
CLOSED = re.compile(
    r"[.!?。！？…;；:：~～]['\"”’」』)）\]】》*_`]*$|```$|\|$|[\"”’」』)）\]】》]$|[^\w\s,，、:：(（\-–—]$"
)
DANGLING = re.compile(
    r"(?:[,，、(（\-–—]|\b(?:the|an?|of|and|or|to|in|on|at|by|for|from|with|is|are|was|were|be|that|which|who|because|if|as|"
    r"than|but|into|its|their|your|our|this|will|can|must|should|has|have|had|not))$",
    re.I,
)
BRACKETS = {")": "(", "）": "（", "]": "[", "】": "【", "」": "「", "』": "『", "》": "《", "”": "“"}
PRONOUN = re.compile(
    r"(?:it|they|he|she|this|these|those|its|their|his|her)\b(?! (?:is|was) (?:important|possible|necessary|clear|"
    r"true|said|recommended|best|a|an|the)\b)|(?:它们?|他们?|她们?|其|该|此)(?!外|次|实|中|他|时|前|后|人|于)",
    re.I,
)
POINTING = re.compile(
    r"\b(?:table|figure|fig\.|chart|graph|diagram|image|picture|photo)\s+(?:\d+|[ivx]+\b|above|below)"
    r"|\b(?:above|following|below|attached)\s+(?:table|figure|chart|graph|diagram|image|picture)"
    r"|[如见](?:上|下|左|右)?(?:文)?[图表](?:所示|\d+)?|(?:上|下|左|右)[图表](?=中|所|显|列|[:：）)])|[图表]\s?\d+",
    re.I,
)
SHOWN = re.compile(r"^\s*\|.*\|\s*$|<table|!\[|\t.*\t|^\s*(?:table|figure|fig\.|[图表])\s*\d+\s*[:：.]", re.I | re.M)
NUMBERED = re.compile(
    rf"^[ \t>*#]*(?:(?:step|part|第)\s*)?(?P<n>\d{{1,2}}|[{CHINESE}]{{1,3}}(?=[、.．]|步))"
    r"(?:[.)、．:：](?!\d)|步[:：、，,]?)\s*(?=\S)",
    re.M | re.I,
)
INLINE = re.compile(r"[(（](?P<n>\d{1,2})[)）](?=\s*[^\d\s,，.。;；)）])")
ORDINALS = (
    ("first", "second", "third", "fourth", "fifth", "sixth"),
    ("firstly", "secondly", "thirdly", "fourthly", "fifthly"),
    ("第一", "第二", "第三", "第四", "第五", "第六"),
)
THEN = re.compile(
    r"\b(?:then|after (?:that|this)|afterwards?|later|next|subsequently|finally|followed by)\b"
    r"|随后|之后|后来|接着|然后|此后|紧接着|最后",
    re.I,
)
BACK = re.compile(
    r"\b(?:earlier|before|previously|had|originally|until|since|compared|versus|vs|from)\b|此前|之前|早在|曾|原先|起初|最初|相比|至今|以来",
    re.I,
)
BULLET = re.compile(r"^\s*(?:[-*•·>#|]|\d{1,2}[.)、])")


@dataclass(frozen=True, slots=True)
class Defect:
    """`clear` is beyond doubt."""

    kind: Kind
    sentence: str
    reason: Words
    clear: bool = False


def weight(text: str) -> int:
    return len(text) * (3 if language_of(text) == "zh" else 1)


def defects(text: str, about: str, shown: str) -> Iterator[Defect]:
    """`about` is the question, `shown` all else that the reader has before the text."""
    prose = FENCE.sub(lambda m: " " * len(m.group()), text)
    found = [s for s in sentences(prose) if not s.text.lstrip().startswith("|") and "|" not in s.text[1:-1]]
    yield from _repeated(found)
    yield from _cut_off(text, prose, found)
    yield from _references(found, about, shown + text)
    yield from _numbering(prose)
    yield from _order(found)
    yield from _timeline(prose, found)
    yield from _topic(found, about)


def overlap(text: str) -> float | None:
    """How much, on average, a sentence shares with the one before it, 0 to 1; None for fewer than two."""
    bags = [frozenset(content_words(s.text)) for s in sentences(text)]
    pairs = [coverage(b, a) for a, b in pairwise(bags) if a and b]
    return sum(pairs) / len(pairs) if pairs else None


def _repeated(found: Sequence[Sentence]) -> Iterator[Defect]:
    """The same again; nearly the same counts only with the same figures in it."""
    seen: list[tuple[str, str]] = []
    times = Counter(folded(sentence.text) for sentence in found)
    for sentence in found:
        if weight(sentence.text) < LONG_SENTENCE:
            continue
        letters, figures = folded(sentence.text), re.sub(r"\D", "", sentence.text)
        for other, others in seen:
            if letters == other:
                reason = Words("This sentence stands there twice.", "这句话出现了两次。")
                clear = weight(sentence.text) >= 2 * LONG_SENTENCE or times[letters] > 2
                yield Defect("repeated", sentence.text, reason, clear)
                break
            if figures == others and fuzz.ratio(letters, other, score_cutoff=NEARLY):
                reason = Words("Nearly the same was said before.", "前面几乎说过同样的话。")
                yield Defect("repeated", sentence.text, reason)
                break
        seen.append((letters, figures))


def _cut_off(text: str, prose: str, found: Sequence[Sentence]) -> Iterator[Defect]:
    if text.count("```") % 2:
        yield Defect("cut off", text.strip()[-80:], Words("A block of code is never closed.", "代码块没有结束。"), True)
        return
    last = text.rstrip().rsplit("\n", 1)[-1]
    if not found or not last.strip() or (BULLET.match(last) and not DANGLING.search(last)):
        return
    tail = found[-1].text
    if CLOSED.search(last) and not DANGLING.search(last):
        if opened := _open_bracket(prose):
            reason = Words(f"“{opened}” is opened and never closed.", f"“{opened}”只有开头，没有结尾。")
            yield Defect("cut off", tail, reason)
        return
    ended = [s for s in found[:-1] if s.text[-1] in '.!?。！？；…”"）)']
    within = len(sentences(last)) > 1 or weight(tail) >= 2 * LONG_SENTENCE
    clear = bool(DANGLING.search(last)) or (len(ended) >= 3 and len(ended) >= 0.7 * len(found[:-1]) and within)
    if clear or _open_bracket(last):
        yield Defect("cut off", tail, Words("The text breaks off here.", "文字到这里中断了。"), clear)


def _open_bracket(text: str) -> str | None:
    """The last bracket that is opened and not closed; "1)" and smileys close what was never opened."""
    opened: list[str] = []
    for character in text:
        if character in BRACKETS.values():
            opened.append(character)
        elif character in BRACKETS and opened and opened[-1] == BRACKETS[character]:
            opened.pop()
    return opened[-1] if opened else None


def _references(found: Sequence[Sentence], about: str, shown: str) -> Iterator[Defect]:
    if found and PRONOUN.match(found[0].text) and not content_words(about):
        reason = Words("It opens with a word that points to nothing.", "开头的代词没有所指。")
        yield Defect("reference", found[0].text, reason)
    if SHOWN.search(shown):
        return
    for sentence in found:
        if pointed := POINTING.search(sentence.text):
            reason = Words(f"There is no “{pointed.group()}” to look at.", f"文中没有“{pointed.group()}”。")
            yield Defect("reference", sentence.text, reason)


def _numbering(text: str) -> Iterator[Defect]:
    """Each list counts on by one or begins anew; a list of nothing but ones numbers itself."""
    for pattern in (NUMBERED, INLINE):
        numbers = [(_number(m.group("n")), m) for m in pattern.finditer(text)]
        if len(numbers) < 3 or all(n == 1 for n, _ in numbers):
            continue
        for (before, _), (number, match) in pairwise(numbers):
            if number not in (1, before + 1) and numbers[0][0] in (0, 1):
                line = text[match.start() : match.start() + 120].split("\n")[0].strip()
                reason = Words(f"Number {number} follows number {before}.", f"第 {before} 项之后是第 {number} 项。")
                yield Defect("numbering", line, reason)
                break
    yield from _ordinals(text)


def _number(written: str) -> int:
    return int(written) if written.isdigit() else int(chinese_value(written) or 0)


def _ordinals(text: str) -> Iterator[Defect]:
    low = text.lower()
    for names in ORDINALS:
        edges = r"(?<![A-Za-z])" if names[0].isascii() else r"(?:(?<=[。；;，,\n：:])|^)\s*"
        places = [
            (m.start(), i) for i, n in enumerate(names) for m in re.finditer(rf"{edges}{n}(?=[,，、:：]| of all,)", low)
        ]
        order = [i for _, i in sorted(places)]
        if len(order) >= 2 and 0 in order and order != list(range(len(order))) and order.count(0) == 1:
            wrong = next(place for (place, i), want in zip(sorted(places), range(len(order)), strict=True) if i != want)
            line = text[wrong : wrong + 120].split("\n")[0].strip()
            yield Defect("numbering", line, Words("The points are not counted in order.", "各点的次序不对。"))


def _order(found: Sequence[Sentence]) -> Iterator[Defect]:
    """What is said to come later happened earlier."""
    latest: tuple[int, int, int] | None = None
    for sentence in found:
        said = [_day(m.parts) for m in _dates(sentence.text)]
        if not said:
            continue
        if (
            latest
            and THEN.search(sentence.text)
            and not BACK.search(sentence.text)
            and max(said) < _floor(latest, said)
        ):
            reason = Words("By its date, this came before what it is said to follow.", "按日期，这件事发生在前文之前。")
            yield Defect("order", sentence.text, reason)
        latest = max(said)


def _dates(text: str) -> list[Moment]:
    """Looking for dates costs more than all else, so only where there may be one with a year."""
    return [m for m in moments(plain(text)) if m.kind == "date" and m.year] if YEAR.search(text) else []


def _day(parts: tuple[int | None, int | None, int | None]) -> tuple[int, int, int]:
    year, month, day = parts
    return year or 0, month or 0, day or 0


def _floor(latest: tuple[int, int, int], said: Sequence[tuple[int, int, int]]) -> tuple[int, int, int]:
    """Only as exact as both are: "in 2018" is not before "5 May 2018"."""
    exact = min(sum(map(bool, latest)), *(sum(map(bool, day)) for day in said))
    return (latest[0], latest[1] if exact > 1 else 0, latest[2] if exact > 2 else 0)


def _timeline(text: str, found: Sequence[Sentence]) -> Iterator[Defect]:
    """Of lines that open with a date, one out of order; none where dates run in no direction."""
    opening = []
    for sentence in found:
        line = text.rfind("\n", 0, sentence.start) + 1
        first = (
            next(iter(_dates(sentence.text[:40])), None)
            if BULLET.sub("", text[line : sentence.start]).strip() == ""
            else None
        )
        if first and first.start <= 8:
            opening.append((_day(first.parts), sentence))
    if len(opening) < 4:
        return
    days = [day for day, _ in opening]
    for expected in (sorted(days), sorted(days, reverse=True)):
        off = [i for i, (day, want) in enumerate(zip(days, expected, strict=True)) if day != want]
        if off and _one_moved(days, expected):
            reason = Words("This date is out of the order of the others.", "这个日期与其他日期的先后顺序不符。")
            yield Defect("order", opening[off[0]][1].text, reason)
            return


def _one_moved(days: list[tuple[int, int, int]], expected: list[tuple[int, int, int]]) -> bool:
    """Taking one out, or changing two over, puts the rest in order."""
    off = [i for i, (day, want) in enumerate(zip(days, expected, strict=True)) if day != want]
    if len(off) == 2:
        return True
    for i in off:
        place = expected.index(days[i])
        if days[:i] + days[i + 1 :] == expected[:place] + expected[place + 1 :]:
            return True
    return False


def _topic(found: Sequence[Sentence], about: str) -> Iterator[Defect]:
    """A sentence in the midst of others with which, and with the question, it shares not a word."""
    bags = [frozenset(content_words(s.text)) for s in found]
    asked = frozenset(content_words(about))
    for i, (sentence, bag) in enumerate(zip(found, bags, strict=True)):
        if len(bag) < LEAST_WORDS or weight(sentence.text) < LONG_SENTENCE:
            continue
        others = asked.union(*(b for j, b in enumerate(bags) if j != i))
        letters = frozenset("".join(word for word in bag if word[0] >= "\u4e00"))
        known = frozenset("".join(word for word in others if word[0] >= "\u4e00"))
        if not bag & others and coverage(letters, known) <= STRAYS:
            reason = Words("This has nothing in common with the rest.", "这句话与其余内容没有共同之处。")
            yield Defect("topic", sentence.text, reason)
