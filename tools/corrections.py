"""Whether a corrected text still says what the first one said: the only corrections that are accepted."""

from __future__ import annotations

import re
from collections import Counter

from rapidfuzz.distance import Levenshtein

from tools.facts.polarity import negated
from tools.figures.numerals import numbers, plain
from workspace.words import Words, language_of

MOST_CHANGED = 1 / 3  # of the text
FIGURES = re.compile(r"\d+")
FIXED = re.compile(
    r"```.*?```|`[^`\n]+`|https?://[^\s<>\"'，。；）]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\{\{?\w+\}?\}|</?\w+[^>]*>|\[[A-Z]+\d*\]",
    re.S,
)
CODE = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{3,}")
# A capital that no sentence begins with.
NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w'’-]+|(?<=[\u4e00-\u9fff])[A-Z][A-Za-z]+")
# Words a letter apart that say another thing, and signs of it in Chinese.
TELLING = re.compile(
    r"(?i)\b(?:may|must|can|should|will|shall|all|some|every|most|few|only|before|after|more|less|over|under|above|below|if|unless|"
    r"always|never|up|down|in|out|on|off|and|or)\b|[前后内外上下左右大小多少增减升降高低买卖进出男女东西南北必须可以应当仅全部任何]"
)


def refused(before: str, after: str) -> Words | None:
    """Why a correction is not taken; None where it is."""
    if not after.strip():
        return Words("nothing is left of the text", "文字没有了")
    if _numbers(before) != _numbers(after):
        return Words("it changes a number", "改动了数字")
    if Counter(FIXED.findall(before)) != Counter(FIXED.findall(after)) or _codes(before) != _codes(after):
        return Words("it changes a code, a link or a mark", "改动了编号、链接或标记")
    if negated(before) != negated(after):
        return Words("it changes what is denied", "改变了肯定或否定")
    if name := _other_name(before, after):
        return Words(f"it changes the name {name}", f"改动了名称 {name}")
    if Counter(map(str.lower, TELLING.findall(before))) - Counter(map(str.lower, TELLING.findall(after))):
        return Words("it leaves out a word that decides what is meant", "去掉了决定意思的词")
    if language_of(before) != language_of(after):
        return Words("it is in another language", "换成了另一种语言")
    share = Levenshtein.distance(before, after) / max(len(before), len(after))
    if share > MOST_CHANGED:
        return Words(
            f"it changes {share:.0%} of the text (at most a third)", f"改动了 {share:.0%} 的文字（上限三分之一）"
        )
    return None


def _numbers(text: str) -> tuple[Counter[str], Counter[float]]:
    """Figures as they are written, and what numbers in words come to."""
    narrow = plain(text)
    return Counter(FIGURES.findall(narrow)), Counter(n.value for n in numbers(narrow) if not n.bare)


def _codes(text: str) -> Counter[str]:
    return Counter(CODE.findall(plain(text)))


def _other_name(before: str, after: str) -> str | None:
    """One that is gone, or is new, whatever its capitals: "london" may become "London"."""
    here, there = before.casefold(), after.casefold()
    lost = (name for name in NAME.findall(before) if name.casefold() not in there)
    new = (name for name in NAME.findall(after) if name.casefold() not in here)
    return next(lost, None) or next(new, None)
