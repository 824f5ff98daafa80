"""Numbers, shares, times and dates that are written in words, put into figures: what a person asks for, no default."""

from __future__ import annotations

import re

from tools.figures.dates import moments
from tools.figures.numerals import CHINESE, FIGURES, ONES, SCALES, WORD, Number, chinese_value, numbers, plain

ONE = "零〇一二三四五六七八九"
PART = rf"[{CHINESE}]+(?:点[{ONE}]+)?"
SHARE = re.compile(
    rf"(?P<sign>负?)(?P<of>[{CHINESE}]+)分之(?P<part>{PART})(?:(?P<to>[到至])(?P<part2>{PART})(?!分之))?"
)
CLOCK = re.compile(
    rf"(?<![{CHINESE}点])(?P<h>[{CHINESE}]{{1,3}})点(?:(?P<m>[{CHINESE}]{{1,3}})分(?!之)(?:(?P<s>[{CHINESE}]{{1,3}})秒)?"
    rf"|(?P<half>半)|(?P<round>[二三四五]十[一二三四五六七八九]?)(?![{CHINESE}点个元块米克度%]))"
)
# 幺 is one where digits are read out, as in telephone numbers.
READ_OUT = re.compile(rf"[幺{ONE}]*幺[幺{ONE}]*")
SIGNED = re.compile(r"(?:负|(?<![A-Za-z])(?:minus|negative) )$", re.I)
DIGIT = rf"(?:{'|'.join((*ONES[:10], 'oh'))})"
POINT = re.compile(rf"(?i)(?<![A-Za-z])(?P<before>{WORD}) point (?P<digits>{DIGIT}(?: {DIGIT})*)(?![A-Za-z-])")
# Behind a number, what makes an ordinal of it, a decade, or a number larger than any that is read here.
GOES_ON = re.compile(
    r"(?i)[\s-](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\w+teenth|\w+ieth|\w{3,}ies\b|hundredth|"
    r"thousandth|millionth|quadrillion|quintillion|sextillion|s\b)"
)
HUNDREDS = {"百": 100.0, "千": 1000.0, "万": 10000.0}
PER = {100: "%", 1000: "‰"}
KEPT_UNITS = "万亿"  # behind a number they stay: 315万
# A lone numeral is a figure only where it counts something.
COUNTED = re.compile("[年月日号个位名人次岁元块角分秒点时斤克米升吨里家台部辆条张件本页层楼倍天周题门章节期届]")


def in_figures(text: str) -> str:
    """百分之六点三 becomes 6.3%, 十七分之七 7/17, 三百一十五万 315万, 八点半 8:30, "two hundred and five" 205.

    What is about a number (七八个, 几十万, 二十几) stays as it is.
    """
    text = POINT.sub(_decimals, READ_OUT.sub(_read_out, CLOCK.sub(_clock, SHARE.sub(_share, text))))
    pieces, at = [], 0
    for number in numbers(plain(text)):
        if number.digits or _stays(text, number):
            continue
        sign = SIGNED.search(text, at, number.start)
        pieces += [text[at : sign.start() if sign else number.start], "-" if sign else "", _figures(text, number)]
        at = number.end
    return "".join((*pieces, text[at:]))


def iso_dates(text: str) -> str:
    """Only what says year, month and day: 2008年8月8日, "8 August 2008" and 2008/8/8 become 2008-08-08."""
    pieces, at = [], 0
    for moment in moments(plain(text)):
        if moment.kind == "date" and moment.year and moment.month and moment.day:
            pieces += [text[at : moment.start], f"{moment.year:04}-{moment.month:02}-{moment.day:02}"]
            at = moment.end
    return "".join((*pieces, text[at:]))


def _stays(text: str, number: Number) -> bool:
    said, before, after = text[number.start : number.end], text[: number.start][-1:], text[number.end : number.end + 1]
    if said.isascii():
        if re.match(r"\.\d", text[number.end : number.end + 2]):
            return False
        return said.lower() in ("one", "zero", *SCALES) or GOES_ON.match(text, number.end) is not None
    about = len(said) == 2 and all(sign in ONE for sign in said) and after != "年"
    unsure = (before and before in "几数好第") or (after and after in "几多余来")
    return about or bool(unsure) or (number.bare and not COUNTED.match(text, number.end))


def _figures(text: str, number: Number) -> str:
    said = text[number.start : number.end]
    unit = said[-1:]
    head = chinese_value(said[:-1]) if len(said) > 1 and not said.isascii() else None
    thousands = unit == "千" and text[number.end : number.end + 1] in tuple("米克瓦卡")
    if head is not None and (thousands or (unit in KEPT_UNITS and 100 <= head < 10_000)):
        return f"{_plain(head)}{unit}"
    return _plain(number.value)


def _share(found: re.Match[str]) -> str:
    whole = HUNDREDS.get(found["of"]) or chinese_value(found["of"])
    parts = [value for name in ("part", "part2") if found[name] and (value := chinese_value(found[name])) is not None]
    if whole is None or not parts or len(parts) != 1 + bool(found["part2"]):
        return found.group()
    ending = PER.get(int(whole), f"/{_plain(whole)}")
    return ("-" if found["sign"] else "") + (found["to"] or "").join(f"{_plain(part)}{ending}" for part in parts)


def _clock(found: re.Match[str]) -> str:
    hour = chinese_value(found["h"])
    minute = 30.0 if found["half"] else chinese_value(found["m"] or found["round"])
    second = chinese_value(found["s"]) if found["s"] else None
    if hour is None or minute is None or hour > 24 or minute > 59:
        return found.group()
    return f"{hour:.0f}:{minute:02.0f}" + (f":{second:02.0f}" if second is not None else "")


def _read_out(found: re.Match[str]) -> str:
    said = found.group()
    return "".join("1" if sign == "幺" else str(FIGURES[sign]) for sign in said) if len(said) >= 3 else said


def _decimals(found: re.Match[str]) -> str:
    """The scale behind it stays a word: "five.2 million", and what stands before it is for the others to put right."""
    digits = ["0" if word == "oh" else str(ONES.index(word)) for word in found["digits"].lower().split()]
    return f"{found['before']}.{''.join(digits)}"


def _plain(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")
