"""Two versions side by side: in words, in counts, and on rows."""

from __future__ import annotations

from html import escape

from agent.views.compared import Compared
from workspace.words import Language, Words

FROM_TO = Words("From {one} to {other}", "从 {one} 到 {other}")
MOVED, ROWS = Words("What moved", "变化"), Words("Some of these rows", "部分有变化的数据")
WHAT = Words("What", "项目")


def comparison_html(found: Compared, language: Language) -> str:
    title = escape(FROM_TO.to(language).format(one=found.one, other=found.other))
    counts = "".join(f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in found.counts)
    moved = grid_html((WHAT.to(language), found.one, found.other), found.moved)
    rows = "".join(_row(row.kind, row.before, row.after) for row in found.rows)
    shown = f'<h3>{ROWS.to(language)}</h3><ul class="tm-cards">{rows}</ul>' if rows else ""
    body = f"<h3>{MOVED.to(language)}</h3>{moved}" if found.moved else ""
    return (
        f'<section class="tm-difference" role="status"><h2>{title}</h2><p>{escape(found.verdict)}</p>'
        f'<dl class="tm-figures">{counts}</dl>{body}{shown}</section>'
    )


def _row(kind: str, before: str, after: str) -> str:
    parts = "".join(f"<p><{tag}>{escape(text)}</{tag}></p>" for tag, text in (("del", before), ("ins", after)) if text)
    return f'<li><span class="tm-chip tm-assumed">{escape(kind)}</span>{parts}</li>'


def grid_html(heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="tm-scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
