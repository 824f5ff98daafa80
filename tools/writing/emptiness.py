"""Texts that say next to nothing: signs without words, the same again and again, or what stands for an answer."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from workspace.words import Words

WORDLESS = re.compile(r"[\W_]*")
PICTURE = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
FIGURES = re.compile(r"[\W\d_]*")
CALCULATED = re.compile(r"\d\s*[-+*/×÷^=%−<>]|[√∑π∞≠≤≥]")
SYMBOLS = re.compile(r"[^\w\s.,;:!?'\"()\[\]，。、；：！？“”‘’（）《》【】…—~～-]")
LOST = "\ufffd"
RUN = 20  # the same letter in a row
AGAIN = re.compile(r"(.{2,40}?)\1{4,}", re.DOTALL)
SENTENCES = re.compile(r"[^.!?。！？\n]{8,}[.!?。！？\n]")
FENCE = re.compile(r"```|^\s*\|.*\|\s*$|^\s{4,}\S", re.MULTILINE)
PLACEHOLDER = re.compile(
    r"(?i)[<\[({（【]*\s*(?:n/?a|none|null|nan|nil|undefined|no ?(?:output|answer|response|input|data)|tbd|to ?do"
    r"|to be (?:added|done|determined)|placeholder|example answer|your answer here|insert (?:answer|text) here"
    r"|lorem ipsum.*|error|test|xxx+|\?+|\.+|无|暂无|无答案|无回答|没有答案|略|待补充|待定|待完善|占位符?|测试|空"
    r"|此处(?:填写|输入).*|请(?:输入|填写).{0,6})\s*[>\])}）】]*[.。]?\s*"
)
BOILERPLATE = (
    r"(?i)\bas an? (?:ai|artificial intelligence)(?: (?:language|text|chat))* model\b"
    r"|\bi(?:'|’)?(?: a)?m (?:just )?an ai language model\b|\bmy (?:knowledge|training data) (?:cut-?off|only goes)\b"
    r"|作为(?:一个|一名|一款)?\s*(?:ai|人工智能|大型|大)*\s*(?:语言|聊天)模型|作为(?:一个|一名|一款)\s*(?:ai|人工智能)[，,]?[我不无]"
    r"|作为人工智能[，,]?我(?:无法|不能|没有)"
)
OPENING = 200  # characters in which somebody says what he is
LEAST_DISTINCT, DISTINCT_FROM = 3, 12
MOST_SYMBOLS, SYMBOLS_FROM = 0.5, 20
MOST_LOST = 0.05
MOST_PACKED, PACKED_FROM = 8.0, 400
MOST_LINES, LINES_FROM = 0.5, 6
MOST_SAME, SAME_FROM = 4, 5


@dataclass(frozen=True, slots=True)
class Lack:
    """What is wrong, with its measure and the limit in it."""

    why: Words


def says_nothing(text: str) -> Lack | None:
    """Of any text: no words in it, or not enough of them."""
    if WORDLESS.fullmatch(text) and not PICTURE.search(text) and not CALCULATED.search(text):
        return Lack(Words("no word in it, only signs", "没有文字，只有符号"))
    signs = len(text)
    if signs >= DISTINCT_FROM and (kinds := len(set(text) - {" "})) < LEAST_DISTINCT and not text.strip().isdigit():
        return Lack(
            Words(
                f"{kinds} different characters in {signs} (at least {LEAST_DISTINCT})",
                f"{signs} 个字符里只有 {kinds} 种（至少 {LEAST_DISTINCT} 种）",
            )
        )
    if (lost := text.count(LOST)) > 1 and lost > MOST_LOST * signs:
        return Lack(
            Words(
                f"{lost / signs:.0%} of its characters were lost (at most {MOST_LOST:.0%})",
                f"{lost / signs:.0%} 的字符已损坏（上限 {MOST_LOST:.0%}）",
            )
        )
    if signs >= SYMBOLS_FROM and not text.isalnum() and (share := len(SYMBOLS.findall(text)) / signs) > MOST_SYMBOLS:
        return Lack(
            Words(
                f"{share:.0%} of it are symbols (at most {MOST_SYMBOLS:.0%})",
                f"符号占 {share:.0%}（上限 {MOST_SYMBOLS:.0%}）",
            )
        )
    return None


def asks_nothing(text: str) -> Lack | None:
    """Of what a person says: a number alone asks nothing."""
    if len(text) > 1 and FIGURES.fullmatch(text) and not PICTURE.search(text) and not CALCULATED.search(text):
        return Lack(Words("only figures", "只有数字"))
    return None


def answers_nothing(text: str) -> Lack | None:
    """Of an answer: what stands there for one, or what a model says of itself instead."""
    if len(text) < 40 and PLACEHOLDER.fullmatch(text):
        return Lack(Words(f"“{text.strip()}” stands for an answer", f"“{text.strip()}”只是占位，不是回答"))
    if found := _boilerplate().search(text[:OPENING]):
        return Lack(Words(f"the model speaks of itself: “{found.group()}”", f"模型在谈论自己：“{found.group()}”"))
    return None


@cache
def _boilerplate() -> Any:
    """RE2: an answer is long, and most say nothing of the kind."""
    import re2

    return re2.compile(BOILERPLATE)


def repeats(text: str) -> Lack | None:
    """One character or phrase in a row, the same lines or sentences, or so much alike that it packs to nothing."""
    run = next((sign for sign in set(text) if sign.isalnum() and sign * RUN in text), None)
    if run is not None:
        return Lack(Words(f"“{run}” {RUN} times in a row or more", f"“{run}”连续出现 {RUN} 次以上"))
    if len(text) < 24 or _varied(text):
        return None
    if (phrase := AGAIN.search(text[:4000])) and len(phrase[0]) >= 24 and any(map(str.isalpha, phrase[1])):
        times = len(phrase[0]) // len(phrase[1])
        return Lack(
            Words(
                f"“{phrase[1].strip()}” {times} times in a row (at most 4)",
                f"“{phrase[1].strip()}”连续 {times} 次（上限 4）",
            )
        )
    return _said_again(text)


def _varied(text: str) -> bool:
    """Most of its pieces of four characters stand there once: nothing to look for."""
    pieces = [text[n : n + 4] for n in range(0, min(len(text), 4000) - 3, 2)]
    return len(set(pieces)) > 0.6 * len(pieces)


def _said_again(text: str) -> Lack | None:
    if FENCE.search(text):
        return None
    said = Counter(sentence.strip().casefold() for sentence in SENTENCES.findall(f"{text}\n"))
    most, total = max(said.values(), default=0), said.total()
    if total >= SAME_FROM and most >= MOST_SAME and most > 0.3 * total:
        return Lack(
            Words(
                f"the same sentence {most} times (at most {MOST_SAME - 1})",
                f"同一句话出现 {most} 次（上限 {MOST_SAME - 1}）",
            )
        )
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    share = 1 - len(set(lines)) / len(lines) if lines else 0.0
    if len(lines) >= LINES_FROM and share > MOST_LINES:
        return Lack(
            Words(
                f"{share:.0%} of its lines are copies (at most {MOST_LINES:.0%})",
                f"{share:.0%} 的行是重复的（上限 {MOST_LINES:.0%}）",
            )
        )
    packed = len(raw := text.encode()) / len(zlib.compress(raw, 1)) if len(text) >= PACKED_FROM else 0.0
    if packed > MOST_PACKED:
        return Lack(
            Words(
                f"it packs to 1/{packed:.0f} of its size (at most 1/{MOST_PACKED:.0f})",
                f"可压缩到 1/{packed:.0f}（上限 1/{MOST_PACKED:.0f}）",
            )
        )
    return None
