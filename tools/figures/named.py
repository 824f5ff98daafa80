"""Figures in running text with the name and the period they stand for, so that what a report says can be recomputed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tools.figures.numerals import numbers, plain
from tools.figures.quantities import Quantity, quantities

# What a report counts, by one name each; the first that matches furthest right in the words before a figure is meant.
METRICS = {
    "gross margin": r"gross (?:profit )?margin|毛利率",
    "net margin": r"net (?:profit )?margin|净利(?:润)?率",
    "margin": r"(?:profit |operating )?margin|利润率",
    "net profit": r"net (?:profits?|income|earnings)|净利润?(?!率)|纯利",
    "gross profit": r"gross profits?(?! margin)|毛利润?(?!润?率)",
    "operating profit": r"operating (?:profits?|income)|(?:营业|经营)利润(?!率)",
    "profit": r"profits?(?! margin)|earnings|利润(?!率)|盈利(?!率)",
    "cost": r"costs?(?: of (?:sales|goods(?: sold)?))?|expenses?|expenditure|spending|成本|支出|费用|开支",
    "revenue": r"revenues?|turnover|sales|营业收入|营收|收入|销售额|营业额|销售收入",
    "orders": r"orders?|订单量?数?",
    "users": r"(?:user|customer|subscriber|member|visitor)s?|用户数?|客户数?|会员数?|访客数?",
    "output": r"output|production|产量|产值|出货量|销量",
    "price": r"(?:average )?price|单价|均价|价格|房价",
    "staff": r"headcount|employees?|staff|员工数?|职工|人数",
    "exports": r"exports?|出口额?",
    "imports": r"imports?|进口额?",
}
METRIC = re.compile("|".join(f"(?P<m{n}>{p})" for n, p in enumerate(METRICS.values())), re.I)
KEYS = tuple(METRICS)
YEAR_AGO = re.compile(
    r"last year|(?:a|one) year (?:earlier|ago|before)|(?:prior|previous|preceding)[ -]year|year[- ]ago|"
    r"(?:the )?(?:year|same (?:period|quarter|month)) (?:before|earlier)|same (?:period|quarter|month) (?:of )?"
    r"(?:last|the (?:previous|prior)) year|"
    r"上年|去年|上一年|前一年|同期",
    re.I,
)
BEFORE = re.compile(
    r"(?:last|prior|previous|preceding) (?:quarter|month|week|period|half)|"
    r"(?:a|one) (?:quarter|month|week) (?:earlier|ago|before)|"
    r"上一?(?:个?季度|个?月|周|期|半年)|前一?(?:个?季度|个?月|周|期)|环比(?:基数)?",
    re.I,
)
BASE = re.compile(
    r"(?:\bfrom|\bcompared (?:with|to)|\bversus|\bvs\.?|\bagainst|由|从|较|相比)\s*(?:the )?(?:about |约)?[$¥€£]?\s*$",
    re.I,
)
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)\s*(?:年|\b)")
FROM_TO = re.compile(r"(\bfrom\s.{1,40}?\s)(to)(?=\s)", re.I)  # from 80 to 72 is no range
IT = re.compile(r"\b(?:it|they|this|that)\s+(?:was|were|is|are|stood|came)\b", re.I)
SENTENCE = re.compile(r"[。！？!?\n]+|\.(?=\s|$)")
QUALIFIED = re.compile(r"([A-Za-z][\w'’-]*)\s+$")
EMPTY = set(
    "the our its their a an and with of total this that year quarter month annual quarterly monthly yearly "
    "company while but so in whole overall consolidated reported recorded had has saw his her my your s "
    "current today's q1 q2 q3 q4 first second third fourth half year's quarter's company's month's which where "
    "when as on by for to from at last prior previous same period group".split()
)
EMPTY_ZH = re.compile(
    r"\d+|第?[一二三四1-4]季度|上半年|下半年|全年|本年度?|今年|本期|本季度?|本月|当月|当季|当年|去年|上年|上一?季度|上一?月|"
    r"同期|公司|集团|"
    r"实现|总|年|月|日|的|其|我们|我司|营业|报告期内?|期内|季度|财年|度|而|且|与|和|为|约|上期|前三|份"
)
FILLER = re.compile(
    r"\s*(?:(?:was|were|is|are|of|at|has|have|had|been|being|be|reached|reaches|"
    r"stood|stands|came|comes|to|in|totalled|totaled|"
    r"total|amounted|amounts|equals|equal|about|around|roughly|approximately|"
    r"only|just|now|currently|still|up|down|a|an|the|as|high|low|"
    r"为|是|达到?了?|约为?|大约|仅|只有|高达|实现|共|合计|等于|占|在|到|有|：|:|=|-|—|（|\(|,|，|\$|¥|€|£|us\$)\s*)*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """`period` is "now", a "year" ago, the period "before", or the "base" compared with; `sentence` is its number.

    `step` is one unit of the last digit written.
    """

    metric: str
    qualifier: str
    period: str
    year: int | None
    quantity: Quantity
    sentence: int
    step: float
    decimals: bool

    @property
    def value(self) -> float:
        return self.quantity.low


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence with its offset and its quantities, whose offsets are the sentence's own."""

    text: str
    start: int
    found: tuple[Quantity, ...]


def stretches(text: str) -> list[Stretch]:
    flat, begun, found = plain(text), 0, list[Stretch]()
    for end, after in [*((m.start(), m.end()) for m in SENTENCE.finditer(flat)), (len(flat), len(flat))]:
        said = flat[begun:end]
        if re.search(r"\d", said):
            read = quantities(FROM_TO.sub(lambda m: m[1] + ";" * len(m[2]), said))
            found.append(Stretch(said, begun, tuple(q for q in read if q.low == q.high or q.moment)))
        begun = after
    return found


def named_figures(sentences: Sequence[Stretch], first: int = 0) -> list[NamedFigure]:
    """Amounts and percentages (of a margin) that a metric is named for, in the order of the text."""
    found: list[NamedFigure] = []
    for number, sentence in enumerate(sentences, first):
        last, metric, qualifier, end = found[-1:], "", "", 0
        for quantity in sentence.found:
            if quantity.moment or quantity.kind in ("duration", "clock", "date"):
                continue
            lead, end = sentence.text[end : quantity.start], quantity.end
            if named := metric_in(lead) or _counted(quantity):
                metric, qualifier = named
            elif not metric and last and any(p.search(lead) for p in (YEAR_AGO, BEFORE, IT)):
                metric, qualifier = last[0].metric, last[0].qualifier
            if metric and (quantity.kind != "percent") != metric.endswith("margin"):
                period, year = period_of(sentence, quantity, lead)
                found.append(
                    NamedFigure(
                        metric,
                        qualifier,
                        period,
                        year,
                        quantity,
                        number,
                        step(sentence.text, quantity),
                        "." in sentence.text[quantity.start : quantity.end],
                    )
                )
    return found


def _counted(quantity: Quantity) -> tuple[str, str] | None:
    """5,500 users."""
    return metric_in(quantity.unit) if quantity.kind == "count" and quantity.unit else None


def same_unit(one: Quantity, other: Quantity) -> bool:
    """250 and 240 employees, 5000人 and 5500人."""
    if one.kind != other.kind:
        return False
    return one.unit == other.unit or (
        one.kind == "count" and (not one.unit or not other.unit or one.unit[0] == other.unit[0])
    )


def metric_in(lead: str) -> tuple[str, str] | None:
    """(the metric, what kind of it) named last in the words before a figure."""
    match = None
    for match in METRIC.finditer(lead):  # noqa: B007
        pass
    if match is None:
        return None
    metric = KEYS[int((match.lastgroup or "m0")[1:])]
    before = lead[: match.start()]
    if word := QUALIFIED.search(before):
        said = word.group(1).lower()
        return metric, "" if said in EMPTY else said
    run = re.search(r"[\u4e00-\u9fff]*$", before)
    return metric, EMPTY_ZH.sub("", run.group() if run else "")


def period_of(sentence: Stretch, quantity: Quantity, lead: str) -> tuple[str, int | None]:
    """What the clause before and the words right after a figure say of its time."""
    clause = re.split(r"[,，;；(（]", lead)[-1]
    clause = (
        clause
        if METRIC.search(clause) or YEAR_AGO.search(clause) or BEFORE.search(clause) or BASE.search(clause)
        else lead
    )
    behind = sentence.text[quantity.end : quantity.end + 40]
    aside = re.match(r"\s*[(（]([^)）\d]*)[)）]", behind)
    after = aside[1] if aside else re.split(r"[,，;；()（）]|\bto\b|\band\b|\d|增|升|降|减", behind)[0]
    year = YEAR.search(clause) or YEAR.search(sentence.text[quantity.end : quantity.end + 12])
    at = int(year.group(1)) if year else None
    for said in (clause, after):
        if YEAR_AGO.search(said):
            return "year", at
        if BEFORE.search(said):
            return "before", at
    return ("base" if BASE.search(lead) else "now"), at


@cache
def _name(column: str) -> re.Pattern[str]:
    words = re.escape(re.sub(r"[\s_-]+", " ", column.strip())).replace("\\ ", r"[\s_-]+")
    return re.compile(rf"(?<![A-Za-z0-9]){words}(?![A-Za-z])" if column.isascii() else words, re.I)


def figure_named(text: str, column: str) -> str | None:
    """The one figure that stands next to the column's name, as written; None where there is none or more than one."""
    if not _name(column).search(text):
        return None
    found = {said for sentence in stretches(text) for said in _next_to(sentence, column)}
    return found.pop() if len(found) == 1 else None


def _next_to(sentence: Stretch, column: str) -> Iterator[str]:
    for match in _name(column).finditer(sentence.text):
        if _other_name(sentence.text[: match.start()], column) or _past(sentence.text, match, column):
            continue
        for quantity in sentence.found:
            between = sentence.text[match.end() : quantity.start]
            before = sentence.text[quantity.end : match.start()]
            follows = quantity.start >= match.end() and FILLER.fullmatch(between)
            if follows or (quantity.end <= match.start() and before.strip() in ("", "的", "of")):
                yield sentence.text[quantity.start : quantity.end].strip()
                break


def _other_name(before: str, column: str) -> bool:
    """Net profit is not the profit, nor 净利润 the 利润."""
    if word := QUALIFIED.search(before):
        return word.group(1).lower() not in EMPTY and not word.group(1).isdigit()
    run = re.search(r"[\u4e00-\u9fff]*$", before)
    return bool(EMPTY_ZH.sub("", run.group() if run else "").strip("，、"))


def _past(text: str, match: re.Match[str], column: str) -> bool:
    """Last year's figure is none of this year's, unless the column says that it is."""
    clause = re.split(r"[,，(（]", text[: match.start()])[-1]
    return any(p.search(clause) and not p.search(column) for p in (YEAR_AGO, BEFORE))


def step(text: str, quantity: Quantity) -> float:
    """One unit of the last digit written, in the quantity's own unit."""
    said = text[quantity.start : quantity.end]
    digits = re.search(r"\d[\d,]*(?:\.(\d+))?", said)
    bare = numbers(digits.group())[0].value if digits and numbers(digits.group()) else 0.0
    scale = abs(quantity.low / bare) if bare else 1.0
    return float(scale * 10 ** -len(digits.group(1) or "") if digits else scale)
