"""The grid as a heat map, and the dials of the thresholds: where there is too little, and how strict to be."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from agent.views.browsing import STANDINGS, Standing
from agent.views.coverage import Grid, Square
from agent.views.thresholds import Dial, WhatIf
from ui.panels.look import button_html, segments_html
from workspace.words import Language, Words

LEGEND = Words(
    "Accepted rows of each kind, of those that are wanted. A frame marks a gap; press a number to see its rows.",
    "每类已接受的条数与计划条数。带框的是缺口；点击数字查看对应的数据。",
)
ACROSS = Words("Across", "横向")
TOTAL = Words("in all", "合计")
OF = Words("{a} of {b}", "{a}，计划 {b}")
COMING = Words("{n} being checked", "{n} 条检查中")
HOW = Words(
    "A check that is less sure than this does not decide: the row waits for you. Move one and see what would change; "
    "nothing is changed by looking.",
    "检查的把握低于界限时不会自行决定，而是交给您。拖动看看会有什么变化；仅查看不会改动任何数据。",
)
SURE = Words(
    "Every check was certain about every row: no threshold would change any.",
    "所有检查都很确定，改变界限不会影响任何数据。",
)
HAS_A_SAY = Words("in {n} rows", "涉及 {n} 条")
NOW, THEN = Words("Now", "现在"), Words("Then", "调整后")
SAME = Words("No row would change.", "没有数据会变化。")
CHANGE = Words("{n} rows would change", "{n} 条会变化")
CHANGE_ONE = Words("1 row would change", "1 条会变化")
ALSO, ALL = Words("Also: {names}", "还有：{names}"), "dials"
USE = Words("Use these thresholds", "采用这些界限")
BACK = Words("Back to what holds", "恢复原来的界限")
ASKS = Words(
    "This puts the change to the conversation, which asks before anything is made anew. What you decided about single "
    "rows stays with these rows, and is asked again of the new ones.",
    "这会在对话中提出修改；重新制作之前会先征求您的同意。您对单条数据的决定只属于现有数据，新数据需要重新决定。",
)
SHOWN: tuple[Standing, ...] = ("kept", "rejected", "review", "failed")


def coverage_html(found: Grid, language: Language) -> str:
    axes = segments_html("axis", [(axis, words) for axis, words in found.axes], found.across)
    axes = f'<div class="tm-axes"><small>{ACROSS.to(language)}</small>{axes}</div>' if len(found.axes) > 1 else ""
    most = max((square.there for band in found.bands for square in band.squares), default=0) or 1
    head = "".join(f'<th scope="col">{escape(words)}</th>' for words in (*found.columns, TOTAL.to(language)))
    body = ""
    for band in found.bands:
        cells = "".join(
            _square_html(square, f"{band.words}, {column}", most, language)
            for square, column in zip(band.squares, found.columns, strict=True)
        )
        total = _square_html(band.total, band.words, 0, language)
        body += f'<tr><th scope="row">{escape(band.words)}</th>{cells}{total}</tr>'
    whole = _square_html(found.total, TOTAL.to(language), 0, language)
    sums = "".join(_square_html(square, "", 0, language) for square in found.sums)
    foot = f'<tr><th scope="row">{TOTAL.to(language)}</th>{sums}{whole}</tr>' if len(found.bands) > 1 else ""
    return (
        f'{axes}<p class="tm-none">{LEGEND.to(language)}</p><div class="tm-scroll"><table class="tm-heat"><thead><tr>'
        f"<td></td>{head}</tr></thead><tbody>{body}{foot}</tbody></table></div>"
    )


def _square_html(square: Square, name: str, most: int, language: Language) -> str:
    """Shaded by how much of what is wanted is there; where no number is wanted, by its share of the fullest."""
    share = min(1.0, square.there / square.wanted) if square.wanted else square.there / most if most else 0
    of = f"<small>/{square.wanted:,}</small>" if square.wanted is not None else ""
    coming = f'<small class="tm-coming">+{square.coming:,}</small>' if square.coming else ""
    said = OF.to(language).format(a=square.there, b=square.wanted) if square.wanted is not None else str(square.there)
    said += f", {COMING.to(language).format(n=square.coming)}" if square.coming else ""
    kind = "tm-gap" if square.lacking else "tm-full"
    if not most:
        return f'<td class="tm-total">{square.there:,}{of}{coming}</td>'
    style = f'class="{kind}" style="--share:{share:.2f}"'
    if not square.traits:
        return f"<td {style}><span>{square.there:,}{of}{coming}</span></td>"
    traits = escape(urlencode(list(square.traits.items())))
    return (
        f'<td {style}><button type="button" data-act="only" data-value="{traits}" '
        f'aria-label="{escape(f"{name}: {said}")}">{square.there:,}{of}{coming}</button></td>'
    )


def thresholds_html(changed: WhatIf, rows: str, language: Language, *, whole: bool) -> str:
    """`whole`: with what the specification names and no row is unsure about."""
    if not any(dial.rows for dial in changed.dials) and not changed.moved:
        return f'<p class="tm-none">{SURE.to(language)}</p>'
    dials = "".join(
        _dial_html(number, dial, language)
        for number, dial in enumerate(changed.dials)
        if dial.rows or dial.asked != dial.now or whole
    )
    rest = Words(", ", "、").to(language).join(dial.words for dial in changed.dials if not dial.rows)
    dials += (
        button_html("more", ALSO.to(language).format(names=rest), ALL, kind="tm-quiet") if rest and not whole else ""
    )
    count = len(changed.changes)
    words = SAME if not count else CHANGE_ONE if count == 1 else CHANGE
    use = (
        f'<div class="tm-buttons">{button_html("use", USE.to(language), kind="tm-primary")}'
        f'{button_html("usual", BACK.to(language))}</div><p class="tm-none">{ASKS.to(language)}</p>'
        if changed.moved
        else ""
    )
    return (
        f'<p class="tm-none">{HOW.to(language)}</p><form class="tm-dials" data-act="dials" data-live>{dials}</form>'
        f"{_compared_html(changed.now, changed.then, language)}{use}"
        f'<h3 class="tm-changed">{words.to(language).format(n=f"{count:,}")}</h3>{rows}'
    )


def _dial_html(number: int, dial: Dial, language: Language) -> str:
    say = HAS_A_SAY.to(language).format(n=f"{dial.rows:,}") if dial.rows else ""
    moved = f" <s>{dial.now}%</s>" if dial.now != dial.asked else ""
    return (
        f'<label for="tm-dial-{number}"><span>{escape(dial.words)} <small>{say}</small></span>'
        f'<input id="tm-dial-{number}" name="{escape(dial.name)}" type="range" min="0" max="100" step="1" '
        f'value="{dial.asked}"><span class="tm-number"><output>{dial.asked}%</output>{moved}</span></label>'
    )


def _compared_html(now: Mapping[Standing, int], then: Mapping[Standing, int], language: Language) -> str:
    shown = [standing for standing in SHOWN if now.get(standing) or then.get(standing)]
    head = "".join(f'<th scope="col">{STANDINGS[standing].to(language)}</th>' for standing in shown)
    body = ""
    for words, counts in ((NOW, now), (THEN, then)):
        cells = "".join(
            f'<td class="tm-number{" tm-moved" if now.get(s, 0) != then.get(s, 0) else ""}">{counts.get(s, 0):,}</td>'
            for s in shown
        )
        body += f'<tr><th scope="row">{words.to(language)}</th>{cells}</tr>'
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
