"""What must agree within a report: profit with revenue and cost, a margin with both, parts with their total."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.figures.named import BEFORE, YEAR_AGO, NamedFigure, Stretch, step
from tools.figures.quantities import Quantity
from workspace.words import Words

UP = re.compile(
    r"\b(?:up|rose|rises?|risen|rising|increas\w*|grew|grow(?:s|n|ing|th)?|climb\w*|"
    r"gain\w*|jump\w*|surg\w*|higher|more than)\b|"
    r"增长|增加|上升|上涨|提高|提升|增幅|涨幅|攀升|增|涨",
    re.I,
)
DOWN = re.compile(
    r"\b(?:down|fell|falls?|fallen|falling|decreas\w*|declin\w*|drop\w*|lower|"
    r"shr[aiu]nk\w*|slid|slump\w*|less than|decline)\b|"
    r"下降|下滑|减少|下跌|降低|降幅|跌幅|回落|缩减|降|跌|减",
    re.I,
)
NEGATED = re.compile(
    r"\b(?:if|would|could|may|might|should|expect\w*|forecast\w*|target\w*|plan\w*|not|"
    r"aim\w*|goal)\b|预计|预期|目标|计划|若|如果|有望|将|没有|未|力争",
    re.I,
)
TOTAL = re.compile(
    r"(?:\bin total|\btotal(?:s|ling|ing|led|ed)?|\bin all|\baltogether|\bthe sum|合计|总计|共计|总共|一共|总和)"
    r"(?:\s*(?:of|is|was|were|are|to|comes to|came to|for|a|，|,|:|：|为|是|达|约|=|revenue|"
    r"sales|cost|amount))*\s*[$¥€£]?\s*$",
    re.I,
)
AFTER_TOTAL = re.compile(r"\s*(?:in total|in all|altogether|combined)\b", re.I)
REST = re.compile(r"\b(?:the (?:rest|remaining|remainder|other)|remaining)\b|其余|剩余|剩下|余下", re.I)
SHARE = re.compile(
    r"\b(?:account\w*|ma[dk]es? up|share|compris\w*|represent\w*|contribut\w*|went|goes|"
    r"of (?:the )?total|came|comes)\b|占|来自|贡献",
    re.I,
)
PART_OF = re.compile(
    r"\b(?:of which|including|each|per|including|times|average)\b|其中|包括|每|平均|人均|[×*xX]\s*\d", re.I
)


@dataclass(frozen=True, slots=True)
class Statement:
    """`right` with `why` in both languages: what the figures given lead to."""

    text: str
    right: bool
    why: Words


def around(sentence: Stretch, said: Quantity) -> str:
    """The clause that makes the statement."""
    begun = max([m.end() for m in re.finditer(r"(?:,(?!\d{3})|[;；(（])\s*", sentence.text[: said.start])] or [0])
    ended = re.search(r",(?!\d{3})|[;；)）]", sentence.text[said.end :])
    return sentence.text[begun : said.end + ended.start() if ended else len(sentence.text)].strip()


# profit and margin


def profits(own: Sequence[Stretch], figures: list[NamedFigure], given: list[NamedFigure]) -> Iterator[Statement]:
    revenue, cost = _only(figures, given, "revenue"), _only(figures, given, "cost")
    earned = {m: f for m in ("profit", "gross profit", "net profit") if (f := _only(figures, given, m))}
    if revenue and cost and len(earned) == 1 and _alike(revenue, cost):
        ((name, profit),) = earned.items()
        held = abs(revenue.value - cost.value - profit.value) <= _slack((revenue, cost, profit))
        if profit in figures and _alike(revenue, profit) and (held or name != "net profit"):
            yield Statement(_said(own, profit), held, _equals(revenue, "−", cost, revenue.value - cost.value, ""))
    for margin, kinds in MARGINS.items():
        rate = _only(figures, given, margin)
        source = next((earned[k] for k in kinds if k in earned), None)
        if rate is None or rate not in figures or revenue is None or revenue.value == 0:
            continue
        gain = source.value if source else revenue.value - cost.value if cost and margin == "gross margin" else None
        if gain is None or not _alike(revenue, source or cost or revenue):
            continue
        truth = gain / revenue.value * 100
        unit = rate.step
        yield Statement(
            _said(own, rate),
            abs(truth - rate.value) <= unit / 2 + 1e-9 + (unit if rate.quantity.bound == "about" else 0),
            Words(
                f"{gain:,.10g} / {revenue.value:,.10g} = {truth:.4g}%",
                f"{gain:,.10g} ÷ {revenue.value:,.10g} = {truth:.4g}%",
            ),
        )


MARGINS = {
    "gross margin": ("gross profit", "profit"),
    "net margin": ("net profit", "profit"),
    "margin": ("profit", "net profit", "gross profit"),
}


def _only(figures: list[NamedFigure], given: list[NamedFigure], metric: str) -> NamedFigure | None:
    """The one figure of this period, or None where there are several or it is only a part."""
    for found in (figures, given):
        now = [f for f in found if f.metric == metric and f.period == "now"]
        if now:
            return (
                now[0]
                if len({f.value for f in now}) == 1 and not now[0].qualifier and now[0].quantity.bound == "exact"
                else None
            )
    return None


def _alike(one: NamedFigure, other: NamedFigure) -> bool:
    return (one.quantity.kind, one.quantity.unit) == (
        other.quantity.kind,
        other.quantity.unit,
    ) and one.year == other.year


def _slack(found: Sequence[NamedFigure]) -> float:
    """Half a unit of the last digit of each that has decimals; whole figures are exact."""
    return sum(f.step for f in found if f.decimals) / 2 + 1e-9 * max(abs(f.value) for f in found)


def _equals(a: NamedFigure, sign: str, b: NamedFigure, value: float, unit: str) -> Words:
    said = f"{a.value:,.10g} {sign} {b.value:,.10g} = {value:,.10g}{unit}"
    return Words(said, said)


def _said(own: Sequence[Stretch], figure: NamedFigure) -> str:
    return around(own[figure.sentence], figure.quantity)


# totals and shares


def totals(sentence: Stretch) -> Iterator[Statement]:
    """ "A 30, B 50, in all 80": only where the last figure is called the total, and the others are like it."""
    amounts = [q for q in sentence.found if q.kind in ("money", "count", "measure", "duration") and not q.moment]
    if len(amounts) < 3 or len(amounts) != len(sentence.found) or PART_OF.search(sentence.text):
        return
    *parts, total = amounts
    called = TOTAL.search(sentence.text[: total.start]) or AFTER_TOTAL.match(sentence.text, total.end)
    if not called or len({(q.kind, q.unit) for q in amounts}) > 1 or any(q.bound != "exact" for q in amounts):
        return
    if any(p.search(sentence.text) for p in (UP, DOWN, YEAR_AGO, BEFORE, NEGATED)) or re.search(
        r"[-−/÷=]\s*\d", sentence.text
    ):
        return
    true = sum(q.low for q in parts)
    slack = sum(step(sentence.text, q) for q in amounts if q.low % step(sentence.text, q)) / 2 + 1e-9 * true
    said = " + ".join(f"{q.low:,.10g}" for q in parts) + f" = {true:,.10g}"
    yield Statement(sentence.text.strip(), abs(true - total.low) <= slack, Words(said, said))


def shares(sentence: Stretch) -> Iterator[Statement]:
    """Shares with "the rest" among them make 100%."""
    parts = [q for q in sentence.found if q.kind == "percent" and q.unit == "%"]
    if (
        len(parts) < 2
        or len(parts) != len(sentence.found)
        or not REST.search(sentence.text)
        or not SHARE.search(sentence.text)
    ):
        return
    if any(p.search(sentence.text) for p in (UP, DOWN, PART_OF)) or any(q.bound != "exact" for q in parts):
        return
    true = sum(q.low for q in parts)
    true = 100.0 if sum({q.low for q in parts}) == 100 else true  # said twice, in words and in figures
    said = " + ".join(f"{q.low:g}%" for q in parts) + f" = {true:g}%"
    slack = sum(step(sentence.text, q) for q in parts) / 2
    yield Statement(
        sentence.text.strip(), abs(true - 100) <= slack * (slack < 0.5 or len(parts) > 2), Words(said, said)
    )
