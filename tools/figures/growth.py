"""What a report says of its own figures, worked out again: growth, profit, margins, shares and totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tools.figures.consistency import DOWN, NEGATED, REST, UP, Statement, around, profits, shares, totals
from tools.figures.named import (
    NamedFigure,
    Stretch,
    metric_in,
    named_figures,
    same_unit,
    step,
    stretches,
)
from tools.figures.quantities import Quantity
from workspace.sample import Scalar
from workspace.words import Words

YEARLY = re.compile(r"year[- ](?:on|over)[- ]year|\byoy\b|\by/y\b|同比|比去年|较去年|比上年|较上年|annually", re.I)
STEPWISE = re.compile(
    r"(?:quarter|month|week)[- ](?:on|over)[- ](?:quarter|month|week)|\b[qm]o[qm]\b|\bq/q\b|sequential\w*|环比", re.I
)
MOVED = re.compile(f"{UP.pattern}|{DOWN.pattern}", re.I)
PERCENT = re.compile(r"[%％]|per ?cent|百分")
SPAN = re.compile(r"\bfrom\b|[从由].{1,40}[至到为]", re.I)
PROFIT = re.compile(r"profit|margin|利润|毛利|盈利", re.I)
REVENUE = re.compile(r"revenue|sales|turnover|收入|营收|销售额|营业额", re.I)
SUMMED = re.compile(r"total|in all|altogether|combined|合计|总计|共计|总共|一共|总和", re.I)
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
LONGEST = 20_000  # characters; a report, not a book


def statements(text: str, question: str = "", fields: Mapping[str, Scalar] | None = None) -> list[Statement]:
    """What `text` says of its figures that it, or the question or the fields beside it, allow to recompute."""
    if len(text) > LONGEST or not _worth_reading(text):
        return []
    own = stretches(text)
    figures = named_figures(own)
    given = list[NamedFigure]()
    if figures or any(q.kind == "percent" for sentence in own for q in sentence.found):
        beside = "\n".join([question, *(f"{n.replace('_', ' ')}: {value}" for n, value in (fields or {}).items())])
        given = named_figures(stretches(beside[:LONGEST]), 10_000)
    return [
        *_growths(own, figures, given),
        *_directions(own),
        *profits(own, figures, given),
        *(s for sentence in own for s in (*totals(sentence), *shares(sentence))),
    ]


def _worth_reading(text: str) -> bool:
    """Cheap, as most texts state nothing of the kind."""
    many = len(FIGURE.findall(text))
    if many < 2:
        return many == 1 and PERCENT.search(text) is not None and MOVED.search(text) is not None
    share = PERCENT.search(text) is not None
    if (share or SPAN.search(text)) and MOVED.search(text):
        return True
    return (
        (PROFIT.search(text) is not None and REVENUE.search(text) is not None)
        or (many > 2 and SUMMED.search(text) is not None)
        or bool(share and REST.search(text))
    )


# growth


def _growths(own: Sequence[Stretch], figures: list[NamedFigure], given: list[NamedFigure]) -> Iterator[Statement]:
    for number, sentence in enumerate(own):
        for place, quantity in enumerate(sentence.found):
            if quantity.kind != "percent" or quantity.unit != "%" or quantity.bound not in ("exact", "about"):
                continue
            sign = _sign(sentence, place)
            if sign:
                yield from _growth(sentence, number, quantity, sign, figures, given)


def _sign(sentence: Stretch, place: int) -> int:
    """+1 where the percentage is said to be growth, -1 for a fall, 0 where it is something else or only hoped for."""
    quantity = sentence.found[place]
    begun = sentence.found[place - 1].end if place else 0
    before = re.split(r"[,，;；]", sentence.text[begun : quantity.start])[-1][-40:]
    after = re.split(r"[,，;；.。)）\d]", sentence.text[quantity.end : quantity.end + 24])[0]
    if NEGATED.search(sentence.text[: quantity.start][-60:]) or re.match(r"\s*(?:of|的)(?!增|降|涨|跌)", after):
        return 0
    if re.search(r"[(（]\s*\+?\s*$", before) and (before.rstrip()[-1:] == "+" or quantity.low < 0):
        return 1  # (+10%), (-8%)
    for said, only_start in ((before, False), (after, True)):
        up, down = UP.search(said), DOWN.search(said)
        if only_start and (up or down) and min(m.start() for m in (up, down) if m) > 4:
            continue
        if bool(up) != bool(down):
            return 1 if up else -1
        if up and down:
            return 0
    return 0


def _growth(
    sentence: Stretch, number: int, said: Quantity, sign: int, figures: list[NamedFigure], given: list[NamedFigure]
) -> Iterator[Statement]:
    named = metric_in(_clause(sentence, said))
    near = sentence.text[max(0, said.start - 30) : said.end + 40]
    kind = "year" if YEARLY.search(near) else "before" if STEPWISE.search(near) else ""
    now = _current(sentence, number, said, named, figures, given)
    if now is None:
        return
    base = _base(now, kind, said, number, figures, given)
    if (
        base is None
        or base.value == 0
        or not (now.quantity.kind == base.quantity.kind == "count" or same_unit(base.quantity, now.quantity))
    ):
        return
    truth = (now.value - base.value) / abs(base.value) * 100
    held = _close(truth, sign * said.low, sentence, said, now, base)
    if held is None:
        return
    text = around(sentence, said)
    yield Statement(text, held, _grown(now, base, truth))


def _clause(sentence: Stretch, said: Quantity) -> str:
    return re.split(r"[,，;；]", sentence.text[: said.start])[-1]


def _current(
    sentence: Stretch,
    number: int,
    said: Quantity,
    named: tuple[str, str] | None,
    figures: list[NamedFigure],
    given: list[NamedFigure],
) -> NamedFigure | None:
    """The figure that grew: named in the same sentence, right after "to", or beside the row where there is but one."""
    here = [
        f
        for f in figures
        if f.sentence == number and f.period == "now" and (named is None or (f.metric, f.qualifier) == named)
    ]
    before = [f for f in here if f.quantity.end <= said.start]
    after = [f for f in here if f.quantity.start >= said.end]
    if before:
        later = [f for f in figures if f.metric == before[-1].metric and f.year and f.year - 1 == before[-1].year]
        return later[0] if len(later) == 1 else before[-1]
    if after and re.search(
        r"(?:\bto|至|到|达到?)\s*(?:about |约)?[$¥€£]?\s*$", sentence.text[: after[0].quantity.start]
    ):
        return after[0]
    if named is None and len({(f.metric, f.qualifier) for f in figures}) == 1:
        named = figures[0].metric, figures[0].qualifier
    if named is None or here:
        return None
    others = [
        f for f in (*figures, *given) if (f.metric, f.qualifier) == named and f.period == "now" and f.year is None
    ]
    return others[0] if len({f.value for f in others}) == 1 else None


def _base(
    now: NamedFigure, kind: str, said: Quantity, number: int, figures: list[NamedFigure], given: list[NamedFigure]
) -> NamedFigure | None:
    """The figure it grew from: of the period that is said, of the same metric, in this sentence before any other."""
    same = [
        f for f in (*figures, *given) if f is not now and f.metric == now.metric and f.qualifier in ("", now.qualifier)
    ]
    if now.year is not None and kind != "before":
        dated = [f for f in same if f.year == now.year - 1]
        if len({f.value for f in dated}) == 1:
            return dated[0]
    wanted = (kind, "base") if kind else ("year", "before", "base")
    past = [f for f in same if f.period in wanted and (f.year is None or now.year is None or f.year == now.year - 1)]
    here = [f for f in past if f.sentence == now.sentence and f.qualifier == now.qualifier]
    near = here or [f for f in past if f.sentence != now.sentence and f.qualifier == now.qualifier]
    if here and len(here) > 1:
        following = [f for f in here if f.quantity.start >= said.end]
        near = following[:1] or here[-1:]
    return near[0] if len({f.value for f in near}) == 1 else None


def _close(
    truth: float, said: float, sentence: Stretch, percent: Quantity, now: NamedFigure, base: NamedFigure
) -> bool | None:
    """Within the digits of the percentage; where only the digits of the amounts leave room for it, None or True."""
    unit = step(sentence.text, percent)
    about = 2.0 if percent.bound == "about" else 1.0
    if abs(truth - said) <= unit * about / 2 + 1e-9:
        return True
    low, high = _range(now), _range(base)
    if high[0] <= 0:
        return False
    least, most = (low[0] / high[1] - 1) * 100 - unit / 2, (low[1] / high[0] - 1) * 100 + unit / 2
    return None if least <= said <= most else False


def _range(figure: NamedFigure) -> tuple[float, float]:
    """Between which an amount lies that has decimals or three digits; a shorter one is taken as it stands."""
    digits = abs(figure.value) / figure.step if figure.step else 0
    rounded = digits >= 100 or figure.decimals
    slack = figure.step / 2 if rounded else 0.0
    return figure.value - slack, figure.value + slack


def _grown(now: NamedFigure, base: NamedFigure, truth: float) -> Words:
    turned = (
        (f"up {truth:.4g}%", f"增长 {truth:.4g}%") if truth >= 0 else (f"down {-truth:.4g}%", f"下降 {-truth:.4g}%")
    )
    return Words(
        f"from {base.value:,.10g} to {now.value:,.10g} is {turned[0]}",
        f"从 {base.value:,.10g} 到 {now.value:,.10g} 是{turned[1]}",
    )


FROM_TO = (
    re.compile(r"from\s+(?P<from>\S.{0,40}?)\s+to\s+(?P<to>\S.{0,40})", re.I),
    re.compile(r"to\s+(?P<to>\S.{0,40}?),?\s+from\s+(?P<from>\S.{0,40})", re.I),
    re.compile(
        r"[从由](?P<from>.{0,40}?)(?:增长|增加|上升|上涨|提高|提升|下降|下滑|减少|下跌|降低|增|升|降|减|跌|涨)(?:至|到|为)(?P<to>.{0,40})"
    ),
)


def _directions(own: Sequence[Stretch]) -> Iterator[Statement]:
    """ "rose from 1,200 to 1,000" goes the wrong way."""
    for sentence in own:
        for pattern in FROM_TO:
            match = pattern.search(sentence.text)
            if match is None:
                continue
            first, second = (_first_in(sentence, match.span(name)) for name in ("from", "to"))
            lead = (
                sentence.text[max(0, match.start() - 24) : match.start()]
                if match.re is not FROM_TO[2]
                else match.group()
            )
            up, down = bool(UP.search(lead)), bool(DOWN.search(lead))
            if first is None or second is None or up == down or NEGATED.search(sentence.text[: match.start()][-60:]):
                continue
            if not same_unit(first, second) or first.low == second.low:
                continue
            rose = second.low > first.low
            really = Words("a rise" if rose else "a fall", "上升" if rose else "下降")
            yield Statement(
                match.group().strip(),
                rose == up,
                Words(
                    f"from {first.low:,.10g} to {second.low:,.10g} is {really.en}",
                    f"从 {first.low:,.10g} 到 {second.low:,.10g} 是{really.zh}",
                ),
            )
            break


def _first_in(sentence: Stretch, span: tuple[int, int]) -> Quantity | None:
    """The quantity that the words begin with."""
    found = [q for q in sentence.found if span[0] <= q.start < span[1]]
    return (
        found[0]
        if found and not found[0].moment and len(sentence.text[span[0] : found[0].start].strip("$¥€£ ")) <= 6
        else None
    )
