"""Mistakes that people make when they type: a neighbouring key, two letters swapped, a character of like sound."""

from __future__ import annotations

import random
import re

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Frequent characters that one types for one another, for they sound the same (tones aside).
SOUNDS = (
    "的得地 在再 他她它 做作坐座 以已意易 那哪 像象向 带戴代待 到道 是事市式试视 有又友右 会回 进近 没每 和合何 "
    "因应 为位未 元员园原圆 号好 家加 期起其 现限线 时十实 期其 记纪计 须需 名明 分份 订定 帐账 付复负 "
    "机几 级及 办半 公工 请清情 问文 心新 生声 话化 电店 字自 长常 厂场 错措 查察 收首手 退推 换还 货或 "
    "物务误 快块 到倒 功攻 成城程 单担 才材财 坏怀 清轻 真针 经精 理里力 哪拿 吗嘛 吧把 了乐 题提"
)
SAME = {char: group.replace(char, "") for group in SOUNDS.split() for char in group}
# Words written small, whole: what is capital, holds figures or signs is a name, a code or an address.
WORD = re.compile(r"(?<![\w@.'’/-])[a-z]{4,}(?![\w@'’/-]|\.\w)")
QUOTED = re.compile(r"《[^》]*》|“[^”]*”|「[^」]*」|\"[^\"]*\"")
LETTERS_A_MISTAKE = 40
CHARACTERS_A_MISTAKE = 20


def mistyped(text: str, rng: random.Random, sacred: str = "") -> str:
    """With a mistake or a few; the same text where there is no place for one. Nothing of `sacred` is touched."""
    quoted = [range(*match.span()) for match in QUOTED.finditer(text)]
    if sacred and (start := text.find(sacred)) >= 0:
        quoted.append(range(start, start + len(sacred)))
    words = [
        m.span() for m in WORD.finditer(text) if not any(m.start() in span or m.end() - 1 in span for span in quoted)
    ]
    sounds = [(i, i + 1) for i, c in enumerate(text) if c in SAME and not any(i in span for span in quoted)]
    places = words + sounds
    wanted = max(1, len(text) // (CHARACTERS_A_MISTAKE if len(sounds) > len(words) else LETTERS_A_MISTAKE))
    for start, end in sorted(rng.sample(places, min(wanted, len(places))), reverse=True):
        old = text[start:end]
        new = rng.choice(SAME[old]) if end == start + 1 else _slipped(old, rng)
        text = text[:start] + new + text[end:]
    return text


def _slipped(word: str, rng: random.Random) -> str:
    """Never in the first letter, which people see."""
    at = rng.randrange(1, len(word) - 1)
    way = rng.randrange(4)
    if way == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if way == 1:
        return word[:at] + word[at + 1 :]
    if way == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + rng.choice(_neighbours(word[at])) + word[at + 1 :]


def _neighbours(letter: str) -> str:
    row = next(number for number, keys in enumerate(KEYS) if letter in keys)
    place = KEYS[row].index(letter)
    near = KEYS[row][max(0, place - 1) : place + 2].replace(letter, "")
    above = KEYS[row - 1][place : place + 2] if row else ""
    below = KEYS[row + 1][max(0, place - 1) : place + 1] if row < 2 else ""
    return near + above + below
