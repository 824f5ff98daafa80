"""Numbers, shares and dates that are written in words, put into figures: what a person asks for, never a default."""

from __future__ import annotations

import re

from tools.dates import moments
from tools.numerals import CHINESE, chinese_value, numbers, plain

SHARE = re.compile(rf"(?P<sign>负?)(?P<of>[{CHINESE}]+)分之(?P<part>[{CHINESE}]+(?:点[零〇一二三四五六七八九]+)?)")
SIGNED = re.compile(r"(?:负|(?<![A-Za-z])(?:minus|negative) )$", re.I)
HUNDREDS = {"百": 100.0, "千": 1000.0, "万": 10000.0}
PER = {100: "%", 1000: "‰"}
# A lone numeral is a figure only where it counts something.
COUNTED = re.compile("[年月日号个位名人次岁元块角分秒点时斤克米升吨里家台部辆条张件本页层楼倍天周题门章节期届]")


def in_figures(text: str) -> str:
    """百分之六点三 becomes 6.3%, 十七分之七 7/17, 三百一十五万 3150000, "two hundred and five" 205."""
    text = SHARE.sub(_share, text)
    pieces, at = [], 0
    for number in numbers(plain(text)):
        article = number.bare and not COUNTED.match(text, number.end)
        if number.digits or article or text[number.start : number.end].lower() == "one":
            continue
        sign = SIGNED.search(text, at, number.start)
        pieces += [text[at : sign.start() if sign else number.start], "-" if sign else "", _plain(number.value)]
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


def _share(found: re.Match[str]) -> str:
    whole = HUNDREDS.get(found["of"]) or chinese_value(found["of"])
    part = chinese_value(found["part"])
    if whole is None or part is None:
        return found.group()
    sign = "-" if found["sign"] else ""
    if whole in PER:
        return f"{sign}{_plain(part)}{PER[int(whole)]}"
    return f"{sign}{_plain(part)}/{_plain(whole)}"


def _plain(value: float) -> str:
    return f"{value:.10f}".rstrip("0").rstrip(".")
