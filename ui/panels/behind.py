"""What lies behind a report card's numbers: each label, what is taken for what, the rows, what else was measured."""

from __future__ import annotations

import re
from html import escape

from agent.views.answered import Confusion, Example, Examples, Kind
from agent.views.card import ClassLine, Part
from ui.panels.look import Look, button_html, segments_html
from workspace.words import Language, Words

CLASSES_SHOWN = 12
CODE = re.compile(r"`([^`]+)`")

EACH = Words("Label by label", "各标签成绩")
CHANGED_MOST = Words("What tuning changed most comes first: base → tuned.", "变化最大的排在前面：基础模型 → 微调后。")
FEW_HINT = Words(
    "Where fewer than 10 rows were tested (few), a change may be an accident.",
    "测试不到 10 条的（少）变化可能只是偶然。",
)
FEW = Words("few", "少")
COLUMNS = (
    Words("Label", "标签"),
    Words("Rows", "条数"),
    Words("Precision", "精确率"),
    Words("Recall", "召回率"),
    Words("F1", "F1"),
    Words("Change", "变化"),
)
ALL_LABELS = Words("Show all {n} labels", "显示全部 {n} 个标签")
FEWER_LABELS = Words("Show fewer", "收起")
CONFUSED = Words("What is still taken for something else", "仍被认错的标签")
TAKEN = Words("taken for", "被认成")
TIMES = Words("{n} of {rows} rows", "{rows} 条中 {n} 条")
BASE_TIMES = Words("base: {n}", "基础模型：{n}")
ROWS = Words("What got better, what got worse", "哪些变好了，哪些变差了")
KINDS: dict[Kind, Words] = {
    "better": Words("Better", "变好"),
    "worse": Words("Worse", "变差"),
    "neither": Words("Both wrong", "都不对"),
}
FAR_OFF = Words("Both far off", "都差得远")
WRONG = Words("Wrong", "答错")
RIGHT_ANSWER = Words("Right answer", "正确答案")
NO_EXAMPLES = Words("No row of this kind.", "没有这样的数据。")
NOT_KEPT = Words(
    "This report card is from before the answers were kept with it. Test the model again to read them here.",
    "这份成绩单生成时还没有保存逐条回答。重新评测后即可在这里查看。",
)
BEFORE, AFTER = Words("Previous", "上一页"), Words("Next", "下一页")
PAGE_OF = Words("{page} of {pages}", "第 {page} / {pages} 页")
FURTHER = Words("What else was measured", "其他测量")


def with_code(text: str) -> str:
    """Escaped; what stands between backticks is something to type."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def classes_html(lines: tuple[ClassLine, ...], look: Look) -> str:
    if not lines:
        return ""
    language, every = look.language, look.asked.get("labels") == "all"
    shown = lines if every or len(lines) <= CLASSES_SHOWN + 2 else lines[:CLASSES_SHOWN]
    heads = [column.to(language) for column in COLUMNS]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(_class(line, heads, language) for line in shown)
    more = ""
    if len(lines) > CLASSES_SHOWN + 2:
        said = FEWER_LABELS.to(language) if every else ALL_LABELS.to(language).format(n=len(lines))
        more = f'<div class="tm-buttons">{button_html("labels", said, "" if every else "all")}</div>'
    hint = f" {FEW_HINT.to(language)}" if any(line.few for line in lines) else ""
    about = CHANGED_MOST.to(language) if any(line.change is not None for line in lines) else ""
    return (
        f'<h3>{EACH.to(language)}</h3><p class="tm-none">{about}{hint}</p><div class="tm-scroll">'
        f'<table class="tm-classes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}'
    )


def _class(line: ClassLine, heads: list[str], language: Language) -> str:
    few = f" <small>{FEW.to(language)}</small>" if line.few else ""
    cells = [f"{line.rows}{few}", *(_scored(base, tuned) for base, tuned in line.scores), _change(line.change)]
    drawn = "".join(
        f'<td class="tm-number" data-column="{escape(name)}">{cell}</td>'
        for name, cell in zip(heads[1:], cells, strict=True)
    )
    return f'<tr><th scope="row">{escape(line.label)}</th>{drawn}</tr>'


def _scored(base: str, tuned: str) -> str:
    if base and tuned:
        return f'<span class="tm-before">{base}</span> → <b>{tuned}</b>'
    return f"<b>{tuned or base}</b>"


def _change(points: int | None) -> str:
    if not points:
        return "" if points is None else "0"
    return f'<span class="{"tm-up" if points > 0 else "tm-down"}">{points:+d}</span>'


def confused_html(found: tuple[Confusion, ...], language: Language) -> str:
    if not found:
        return ""
    lines = "".join(_confused(one, language) for one in found)
    return f'<h3>{CONFUSED.to(language)}</h3><ul class="tm-confused">{lines}</ul>'


def _confused(one: Confusion, language: Language) -> str:
    before = f"<small>{BASE_TIMES.to(language).format(n=one.base)}</small>" if one.base is not None else ""
    return (
        f"<li><b>{escape(one.wanted)}</b> {TAKEN.to(language)} <b>{escape(one.given)}</b> "
        f"<span>{TIMES.to(language).format(n=one.tuned, rows=one.rows)}</span> {before}</li>"
    )


def examples_html(found: Examples | None, language: Language) -> str:
    title = f"<h3>{ROWS.to(language)}</h3>"
    if found is None:
        return f'{title}<p class="tm-none">{NOT_KEPT.to(language)}</p>'
    names: list[tuple[str, str]] = [
        (kind, f"{_kind(kind, found).to(language)} {n}") for kind, n in found.counts.items()
    ]
    rows = "".join(_example(row, language) for row in found.rows)
    body = f'<ul class="tm-cards">{rows}</ul>' if rows else f'<p class="tm-none">{NO_EXAMPLES.to(language)}</p>'
    return f"{title}{segments_html('kind', names, found.chosen)}{body}{_pages(found, language)}"


def _kind(kind: Kind, found: Examples) -> Words:
    if kind == "neither" and len(found.counts) == 1:
        return WRONG
    return FAR_OFF if kind == "neither" and found.graded else KINDS[kind]


def _example(row: Example, language: Language) -> str:
    given = "".join(
        f'<div class="{"tm-right" if one.score >= 1 else "tm-wrong"}"><dt>{escape(one.name)}</dt>'
        f"<dd>{escape(one.text)} <small>{escape(one.shown)}</small></dd></div>"
        for one in row.given
    )
    return (
        f'<li><p class="tm-text">{escape(row.question)}</p><dl><div><dt>{RIGHT_ANSWER.to(language)}</dt>'
        f"<dd>{escape(row.wanted)}</dd></div>{given}</dl></li>"
    )


def _pages(found: Examples, language: Language) -> str:
    if found.pages == 1:
        return ""
    before = button_html("page", BEFORE.to(language), str(found.page - 1)) if found.page else ""
    after = button_html("page", AFTER.to(language), str(found.page + 1)) if found.page + 1 < found.pages else ""
    told = PAGE_OF.to(language).format(page=found.page + 1, pages=found.pages)
    return f'<div class="tm-buttons tm-pages">{before}<span>{told}</span>{after}</div>'


def parts_html(parts: tuple[Part, ...], look: Look) -> str:
    if not parts:
        return ""
    opened = look.asked.get("open", "").split()
    return f"<h3>{FURTHER.to(look.language)}</h3>{''.join(_part(part, part.key in opened) for part in parts)}"


def _part(part: Part, opened: bool) -> str:
    state = "true" if opened else "false"
    head = (
        f'<h4><button type="button" data-act="fold" data-value="{escape(part.key)}" aria-expanded="{state}">'
        f"{escape(part.title)}</button></h4>"
    )
    return f'<div class="tm-fold">{head}{_inside(part) if opened else ""}</div>'


def _inside(part: Part) -> str:
    text = f"<p>{with_code(part.text)}</p>"
    if not part.rows:
        return text
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in part.columns)
    rows = "".join(_line(row, part.columns) for row in part.rows)
    return f'{text}<div class="tm-scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _line(row: tuple[str, ...], columns: tuple[str, ...]) -> str:
    cells = "".join(
        f'<td class="tm-number" data-column="{escape(name)}">{escape(cell)}</td>'
        for cell, name in zip(row[1:], columns[1:], strict=True)
    )
    return f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'
