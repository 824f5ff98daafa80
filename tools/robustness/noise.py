"""What stands around the words: width, case, spaces, punctuation and emoji; and a Chinese character left out."""

from __future__ import annotations

import random
import re
from typing import Literal

from tools.typos import mistyped
from workspace.words import CHINESE, Language, language_of

Width = Literal["capitals", "small letters", "full width", "half width"]
# All that stands for its place on a keyboard: `A` typed in a Chinese input method is `Ａ`.
FULL = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
HALF = str.maketrans("，。？！：；（）“”‘’、　", ",.?!:;()\"\"'', ")
EMOJI = "🙏 😂 😭 👍 🔥 🤔 😡 ❤️ 🙃 ✨".split()
TAILS: dict[Language, tuple[str, ...]] = {
    "en": ("!!!", "???", "...", " lol", " pls", "?!?!", " :(", " thx", ",,"),
    "zh": ("！！！", "？？？", "……", "～～～", "哈哈", "呀", "。。。", "呜呜", "，，"),
}
CHINESE_WORDS = re.compile("[\u4e00-\u9fff]{2,}")


def widths(text: str) -> tuple[Width, ...]:
    """The ways in which width and case of this text can be changed."""
    ways: tuple[Width, ...] = ("capitals", "small letters", "full width", "half width")
    return tuple(way for way in ways if rewidth(text, way) != text)


def rewidth(text: str, way: Width) -> str:
    if way == "full width":
        return text.translate(FULL)
    if way == "half width":
        return text.translate(HALF)
    return text.upper() if way == "capitals" else text.lower()


def slipped(text: str, rng: random.Random) -> str:
    """Typing errors; in Chinese, every other time, a character is left out instead."""
    runs = [match.span() for match in CHINESE_WORDS.finditer(text)]
    if runs and len(CHINESE.findall(text)) > 5 and rng.random() < 0.5:
        start, end = rng.choice(runs)
        at = rng.randrange(start, end)
        return text[:at] + text[at + 1 :]
    return mistyped(text, rng)


def noisy(text: str, rng: random.Random) -> str:
    """Emoji, repeated signs, a line break or spaces where none belong: two of them, never within a word."""
    for way in rng.sample(("emoji", "tail", "spaces", "break"), 2):
        if way == "emoji":
            text = f"{text} {''.join(rng.choices(EMOJI, k=rng.randint(1, 3)))}"
        elif way == "tail":
            text = text.rstrip(".。?？!！") + rng.choice(TAILS[language_of(text)])
        else:
            text = _parted(text, "   " if way == "spaces" else "\n\n", rng)
    return text


def _parted(text: str, gap: str, rng: random.Random) -> str:
    places = [match.span() for match in re.finditer(r" |(?<=[，。？！、,])", text)]
    start, end = rng.choice(places) if places else (len(text), len(text))
    return text[:start] + gap + text[end:]
