"""Rows on the panel: the search with its filters, a page of rows, and one of them opened in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlencode

from agent import drawing
from agent.run import Run
from agent.views.browsing import (
    ORDERS,
    OUT,
    STANDINGS,
    Filter,
    Line,
    Order,
    Page,
    reason_words,
    tallied,
    value_words,
)
from agent.views.opening import origin_words
from agent.views.thresholds import WhatIf
from ui.panels.look import Look, button_html
from ui.panels.opened import opened_html
from workspace.words import Language, Words

CLIPPED, MOST_CHOICES, MOST_CHANGES = 180, 200, 50
FEW, FILTERS = 3, "filters"  # filters that are there before more are asked for
SEARCH = Words("Search the rows", "搜索数据")
ANY = Words("all", "全部")
ORDER = Words("Order", "排序")
ORDER_NAMES: dict[Order, Words] = {
    "made": Words("as made", "生成顺序"),
    "unsure": Words("least certain first", "最没把握的在前"),
    "longest": Words("longest first", "最长的在前"),
    "shortest": Words("shortest first", "最短的在前"),
}
MORE_FILTERS = Words("More filters", "更多筛选")
CLEAR = Words("Clear", "清除")
PREVIOUS = Words("Previous", "上一页")
NEXT = Words("Next", "下一页")
PAGER = Words("{a}-{b} of {n}", "第 {a}-{b} 条，共 {n} 条")
NOTHING = Words("No row is like that.", "没有符合条件的数据。")
ALL_KEPT = Words("Nothing was rejected.", "没有被拒绝的数据。")
RESTORE = Words("Restore", "恢复")
ACCEPT = Words("Accept", "接受")
TAKE_OUT = Words("Take out", "排除")
UNDO = Words("Undo", "撤销")
NOW = Words("This row is now {state}.", "这条数据现在是：{state}。")
WAIT = Words("{n} of them wait for you", "其中 {n} 条等您决定")
COMING = Words("{n} being checked", "{n} 条检查中")
SUM = Words("{n} rows", "共 {n} 条")
SUM_ONE = Words("1 row", "共 1 条")
BY_REASON = Words("By reason", "按原因")
BECOMES = Words("{a} → {b}", "{a} → {b}")
EMPTY_TEXT = Words("(never written)", "（没有写成）")
MORE_CHANGES = Words("and {n} more", "另有 {n} 条")


def counts_html(lines: Sequence[Line], language: Language) -> str:
    """The numbers of the report: what was asked for is what was accepted, rejected and failed."""
    tally = tallied(lines)
    rejected, failed = sum(tally.rejected.values()), sum(tally.failed.values())
    waiting, coming = tally.rejected.get("review", 0), sum(line.standing == "writing" for line in lines)
    parts = [("kept", tally.accepted), ("rejected", rejected - waiting), ("review", waiting), ("failed", failed)]
    parts.append(("writing", coming))
    bar = "".join(f'<i class="tm-is-{name}" style="flex-grow:{n}"></i>' for name, n in parts if n)
    told = [_count("kept", tally.accepted, {"standing": "kept"}, language)]
    told.append(_count("rejected", rejected, {"view": "rejected"}, language))
    if waiting:
        text = WAIT.to(language).format(n=f"{waiting:,}")
        told.append(_legend("review", text, {"view": "rejected", "standing": "review"}))
    if failed:
        told.append(_count("failed", failed, {"standing": "failed"}, language))
    if coming:
        told.append(_legend("writing", COMING.to(language).format(n=f"{coming:,}"), {"standing": "writing"}))
    whole = (SUM_ONE if tally.requested == 1 else SUM).to(language).format(n=f"{tally.requested:,}")
    said = escape(drawing.counts(tally, language).split("\n")[0])
    return (
        f'<div class="tm-counts"><h2>{whole}</h2><div class="tm-stack" role="img" aria-label="{said}">{bar}</div>'
        f'<p class="tm-legend-row">{"".join(told)}</p></div>'
    )


def _count(standing: str, number: int, traits: dict[str, str], language: Language) -> str:
    words = STANDINGS["kept" if standing == "kept" else "failed" if standing == "failed" else "rejected"]
    return _legend(standing, f"{number:,} {words.to(language)}", traits)


def _legend(standing: str, text: str, traits: dict[str, str]) -> str:
    return (
        f'<button type="button" data-act="only" data-value="{escape(urlencode(traits))}">'
        f'<i class="tm-is-{standing}"></i>{escape(text)}</button>'
    )


def did_html(look: Look, lines: Sequence[Line]) -> str:
    """What the last decision came to, and the way back."""
    deed, _, row = look.asked.get("did", "").partition(" ")
    line = next((line for line in lines if line.id == row), None) if row else None
    if line is None:
        return ""
    said = NOW.to(look.language).format(state=STANDINGS[line.standing].to(look.language))
    back = button_html("undo", UNDO.to(look.language), f"{deed} {row}", key="u") if deed else ""
    return f'<p class="tm-did" role="status"><span>{escape(said)}</span>{back}</p>'


def browser_html(page: Page, lines: Sequence[Line], run: Run, look: Look, *, rejected: bool) -> str:
    language = look.language
    groups = _groups_html(page, language) if rejected else ""
    if not page.found:
        none = ALL_KEPT if rejected and not _narrowed(look, page) else NOTHING
        body = f'<p class="tm-none">{none.to(language)}</p>'
    else:
        items = "".join(_row_html(line, lines, run, look, rejected) for line in page.lines)
        body = f'<ul class="tm-list">{items}</ul>{_pager_html(page, language)}'
    return f"{_form_html(page, look, rejected)}{groups}{body}"


def _narrowed(look: Look, page: Page) -> bool:
    return bool(look.asked.get("search")) or any(one.chosen for one in page.filters)


def _form_html(page: Page, look: Look, reasons: bool) -> str:
    language, asked = look.language, look.asked
    said = SEARCH.to(language)
    orders = "".join(
        _option(name, ORDER_NAMES[name].to(language), asked.get("order", ORDERS[0]) == name) for name in ORDERS
    )
    # The reasons stand below, each with its bar, where the view is about nothing else.
    shown = [one for one in page.filters if one.trait != "check" or not reasons]
    shown = [one for n, one in enumerate(shown) if n < FEW or one.chosen or asked.get("more") == FILTERS]
    selects = "".join(_select_html(one, language) for one in shown)
    if len(shown) < len(page.filters) - reasons:
        selects += button_html("more", MORE_FILTERS.to(language), FILTERS, kind="tm-quiet")
    clear = button_html("clear", CLEAR.to(language), kind="tm-quiet") if _narrowed(look, page) else ""
    return (
        '<form class="tm-find" data-act="find" data-live>'
        f'<label class="tm-hidden" for="tm-search" data-key="/">{said}</label>'
        f'<input id="tm-search" name="search" type="search" autocomplete="off" maxlength="200" placeholder="{said}" '
        f'value="{escape(asked.get("search", ""))}"><div class="tm-filters">{selects}'
        f'{clear}<label class="tm-order"><span>{ORDER.to(language)}</span>'
        f'<select id="tm-by-order" name="order">{orders}</select></label></div></form>'
    )


def _select_html(one: Filter, language: Language) -> str:
    shown = [choice for n, choice in enumerate(one.choices) if n < MOST_CHOICES or choice.chosen]
    options = "".join(_option("=" + c.value, f"{c.words} ({c.count:,})", c.chosen) for c in shown)
    kind = ' class="tm-chosen"' if one.chosen else ""
    return (
        f'<label{kind}><span>{escape(one.words)}</span><select id="tm-by-{one.trait}" name="{one.trait}">'
        f"{_option('', ANY.to(language), one.chosen is None)}{options}</select></label>"
    )


def _option(value: str, text: str, chosen: bool) -> str:
    return f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(text)}</option>'


def _groups_html(page: Page, language: Language) -> str:
    """Every reason with its count; one that is pressed shows its rows alone."""
    reasons = next((one for one in page.filters if one.trait == "check"), None)
    if reasons is None:
        return ""
    most = max((choice.count for choice in reasons.choices), default=1) or 1
    rows = "".join(
        f'<button type="button" data-act="only" aria-pressed="{"true" if choice.chosen else "false"}" data-value="'
        f'{escape(urlencode({"view": "rejected"} if choice.chosen else {"view": "rejected", "check": choice.value}))}">'
        f'<span>{escape(choice.words)}</span><i style="--share:{choice.count / most:.3f}"></i>'
        f"<b>{choice.count:,}</b></button>"
        for choice in reasons.choices
    )
    return f'<div class="tm-reasons" role="group" aria-label="{BY_REASON.to(language)}">{rows}</div>'


def _row_html(line: Line, lines: Sequence[Line], run: Run, look: Look, rejected: bool) -> str:
    row, language = line.row, look.language
    open_ = look.asked.get("open") == row.id
    inside = opened_html(run, line, lines, look) if open_ else _why_html(line) if rejected else ""
    acts = f'<div class="tm-buttons">{"".join(acts_of(line, language))}</div>' if open_ or rejected else ""
    return f'<li class="tm-is-{line.standing}">{_head_html(line, open_, language)}{inside}{acts}</li>'


def _head_html(line: Line, open_: bool, language: Language) -> str:
    row = line.row
    text = escape(clipped(row.question)) or f"<em>{EMPTY_TEXT.to(language)}</em>"
    answer = "" if row.label and row.answer.strip() == row.label else f"<span>{escape(clipped(row.answer))}</span>"
    chips = [f'<span class="tm-chip">{escape(row.label)}</span>'] if row.label else []
    if line.standing != "kept":
        words = reason_words(line.of("check"), language) if line.of("check") else STANDINGS["writing"].to(language)
        chips.append(f'<span class="tm-chip tm-{line.standing}">{escape(words)}</span>')
    small = [origin_words(row, language), *([value_words("split", row.split, language)] if row.split else [])]
    return (
        f'<button type="button" class="tm-head" id="tm-row-{escape(row.id)}" data-act="open" '
        f'data-value="{escape(row.id)}" aria-expanded="{"true" if open_ else "false"}"><b>{text}</b>{answer}'
        f"<small>{''.join(chips)}<span>{escape(' · '.join(small))}</span></small></button>"
    )


def _why_html(line: Line) -> str:
    finding = line.row.dropped_by
    if finding is None:
        return ""
    quote = f"<blockquote>{escape(clipped(finding.evidence.quote))}</blockquote>" if finding.evidence else ""
    return f'<p class="tm-why">{escape(clipped(finding.reason))}</p>{quote}'


def acts_of(line: Line, language: Language) -> Iterator[str]:
    """A row that waits may go either way; one that is being checked neither."""
    row = line.id
    if line.standing in OUT:
        yield button_html("accept", (ACCEPT if line.standing == "review" else RESTORE).to(language), row)
    if line.standing in ("kept", "review"):
        yield button_html("reject", TAKE_OUT.to(language), row, kind="tm-danger")


def _pager_html(page: Page, language: Language) -> str:
    told = PAGER.to(language).format(a=page.start + 1, b=page.start + len(page.lines), n=f"{page.found:,}")
    if page.pages == 1:
        return f'<p class="tm-none">{told}</p>'
    back = _turn(page.number - 1, PREVIOUS.to(language), "p", page.number > 1)
    on = _turn(page.number + 1, NEXT.to(language), "n", page.number < page.pages)
    return f'<nav class="tm-pager" aria-label="{escape(told)}">{back}<span>{told}</span>{on}</nav>'


def _turn(number: int, text: str, key: str, there: bool) -> str:
    if not there:
        return f'<button type="button" class="tm-button" disabled>{text}</button>'
    return button_html("page", text, str(number), key=key)


def changes_html(changed: WhatIf, look: Look) -> str:
    """The rows that other thresholds would move."""
    language = look.language
    items = []
    for line in changed.changes[:MOST_CHANGES]:
        was, now = (STANDINGS[s].to(language) for s in (changed.before[line.number], line.standing))
        words = BECOMES.to(language).format(a=was, b=now)
        finding = line.row.dropped_by or min(line.row.findings, key=lambda found: found.confidence, default=None)
        why = f'<p class="tm-why">{escape(clipped(finding.reason))}</p>' if finding else ""
        chip = f'<span class="tm-chip tm-{line.standing}">{escape(words)}</span>'
        text = f'<p class="tm-text">{escape(clipped(line.row.question))}</p>'
        items.append(f"<li>{text}<small>{chip} {escape(line.row.label or '')}</small>{why}</li>")
    rest = len(changed.changes) - MOST_CHANGES
    more = f'<p class="tm-none">{MORE_CHANGES.to(language).format(n=rest)}</p>' if rest > 0 else ""
    return f'<ul class="tm-list tm-changes">{"".join(items)}</ul>{more}' if items else ""


def clipped(text: str, most: int = CLIPPED) -> str:
    text = " ".join(text[: 4 * most].split())
    return text if len(text) <= most else text[:most].rstrip() + "…"
