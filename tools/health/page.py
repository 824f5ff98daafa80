"""The health report as one page that needs nothing else: no network, no script, light and dark, two languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.health import plots as plots
from tools.health.faults import PRICES, how_many
from tools.health.markup import Html, both, joined, tag, text
from tools.health.report import Column, Count, Fault, Health, Spread
from tools.personal.shapes import WORDS
from workspace.words import Language, Words

STYLE = Path(__file__).with_name("page.css")
# Even a browser that mistook a text for markup would run and load nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; form-action 'none'; base-uri 'none'"
MOST_LABELS, MOST_COLUMNS, SMALL = 24, 60, 1.0
LANGUAGES = {
    "en": "English", "zh": "中文", "ja": "日本語", "ko": "한국어", "ru": "Русский", "ar": "العربية", "th": "ไทย",
    "hi": "हिन्दी", "fr": "Français", "de": "Deutsch", "es": "Español", "pt": "Português", "it": "Italiano",
}  # fmt: skip
KINDS = {
    "classification": Words("texts sorted into kinds", "文本分类"),
    "question-answering": Words("questions with answers", "问答（指令与回答）"),
    "dialogue": Words("conversations", "多轮对话"),
    "text": Words("texts without answers", "没有回答的文本"),
    "table": Words("a table", "表格"),
    "nothing": Words("nothing that can be used", "没有可用的内容"),
}
VERDICTS = {
    "A": Words("Ready to use.", "可以直接使用。"),
    "B": Words("Good, with a few things to mend.", "良好，有几处需要修补。"),
    "C": Words("Usable after some work.", "整理后可用。"),
    "D": Words("Needs work before anyone trains on it.", "训练之前需要整理。"),
    "E": Words("Serious faults: don't train on it yet.", "问题严重，暂时不要用来训练。"),
    "F": Words("Don't use it as it is.", "现在的样子不能使用。"),
}
TYPES = {
    "number": Words("number", "数字"), "date": Words("date", "日期"), "yes or no": Words("yes or no", "是否"),
    "text": Words("text", "文本"), "empty": Words("empty", "空"),
}  # fmt: skip


def page(health: Health, language: Language = "en") -> str:
    """The whole HTML document; `language` is the one that shows first."""
    title = Words(f"Health of {health.file}", f"{health.file} 的体检报告")
    head = joined(
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY)}">'),
        Html('<meta name="color-scheme" content="light dark">'),
        tag("title", title.to(language)),
        Html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>"),
    )
    body = joined(*_switch(language), tag("main", *_sections(health)))
    return f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>\n'


def _switch(language: Language) -> Iterator[Html]:
    """Two radio buttons before everything they switch, so that style alone does it."""
    for name, shown in (("en", "English"), ("zh", "中文")):
        checked = " checked" if name == language else ""
        yield Html(f'<input type="radio" name="language" id="{name}"{checked}>')
        yield tag("label", shown, for_=name, class_=f"to-{name}")


def _sections(health: Health) -> Iterator[Html]:
    yield _head(health)
    yield _first(health)
    yield _section(Words("At a glance", "概览"), _tiles(health))
    if health.lengths:
        drawn = [tag("figure", tag("figcaption", both(s.name), tag("small", _range(s))), plots.histogram(s))
                 for s in health.lengths]  # fmt: skip
        note = Words("Characters in a text, and how many rows have so many.", "文本字数（横轴）及对应的数据条数。")
        yield _section(Words("Lengths", "长度"), joined(*drawn), note)
    yield from _labels(health)
    yield from _clusters(health)
    yield from _parts(health)
    yield from _people(health)
    yield from _refused(health)
    yield from _columns(health)
    yield _making(health)


def _range(spread: Spread) -> Html:
    return both(
        Words(
            f"half are below {spread.median:,}, 95% below {spread.p95:,}; from {spread.least:,} to {spread.most:,}",
            f"中位数 {spread.median:,}，95% 在 {spread.p95:,} 以内，范围 {spread.least:,}–{spread.most:,}",
        )
    )


def _section(title: Words, inside: Html, note: Words | None = None) -> Html:
    noted = [tag("p", both(note), class_="note")] if note else []
    return tag("section", tag("h2", both(title)), *noted, inside)


def _head(health: Health) -> Html:
    rows = f"{health.size.rows:,}"
    kind = KINDS[health.kind]
    about = Words(f"{rows} rows · {kind.en}", f"{rows} 条 · {kind.zh}")
    return tag(
        "header",
        plots.ring(health.grade),
        tag(
            "div",
            tag("p", both(Words("Health report", "数据体检报告")), class_="over"),
            tag("h1", health.file),
            tag("p", both(about), class_="about"),
            tag("p", both(VERDICTS[health.grade.letter]), class_="verdict"),
        ),
    )


def _first(health: Health) -> Html:
    if not health.faults:
        none = Words("Nothing was found that needs doing.", "没有发现需要处理的问题。")
        return _section(Words("What to do first", "先做什么"), tag("p", both(none), class_="good"))
    cards = [_card(number, fault) for number, fault in enumerate(health.faults, 1)]
    large = sum(number < 3 or fault.points >= SMALL for number, fault in enumerate(health.faults))
    inside = [tag("ol", *cards[:large], class_="cards")]
    if len(cards) - large == 1:
        large += 1
        inside = [tag("ol", *cards, class_="cards")]
    if rest := cards[large:]:
        more = Words(f"{len(rest)} smaller ones", f"另外 {len(rest)} 项较小的问题")
        inside.append(tag("details", tag("summary", both(more)), tag("ol", *rest, class_="cards"), class_="smaller"))
    note = Words(
        "The most harmful first; the points are what it takes off 100.",
        "按危害从大到小排列；分数为从 100 分中扣除的分数。",
    )
    return _section(Words("What to do first", "先做什么"), joined(*inside), note)


def _card(number: int, fault: Fault) -> Html:
    weight = "heavy" if fault.points >= 10 else "middle" if fault.points >= 3 else "light"
    parts = [
        tag("div", tag("h3", both(fault.title)), tag("span", _points(fault), class_="points"), class_="top"),
        plots.meter(fault.points / fault.most, "cost"),
        tag(
            "p", tag("b", both(how_many(fault))), " ", both(fault.why), " ", tag("span", both(fault.fix), class_="fix")
        ),
        tag("pre", tag("code", fault.command)),
    ]
    if fault.examples:
        lines = [tag("li", _where(e.row, fault), tag("q", e.text), *_beside(e.beside)) for e in fault.examples]
        summary = tag("summary", both(Words("Examples", "例子")))
        parts.append(tag("details", summary, tag("ul", *lines, class_="examples")))
    return tag("li", *parts, class_=weight, id=f"fault-{number}")


def _points(fault: Fault) -> str:
    return f"−{fault.points:.1f}" if fault.points >= 0.05 else "−0"


def _where(row: int, fault: Fault) -> Html:
    if fault.name in ("single_labels", "imbalance", "drift"):
        return Html("")
    return tag("span", f"#{row}", class_="where")


def _beside(said: str) -> list[Html]:
    return [tag("span", said, class_="beside")] if said else []


def _tiles(health: Health) -> Html:
    size = health.size
    tiles = [
        (Words("Rows", "条数"), f"{size.rows:,}"),
        (Words("Read without fault", "成功读取"), f"{size.usable:,}"),
        (Words("Refused", "无法读取"), f"{size.refused:,}"),
        (Words("Characters", "字符数"), f"{size.characters:,}"),
        (Words("Tokens, about", "约合 token"), f"{size.tokens:,}"),
        (Words("File", "文件大小"), _bytes(size.bytes)),
        (Words("Encoding", "编码"), health.encoding or "–"),
    ]
    if health.rows_per_second:
        tiles.append((Words("Rows checked a second", "每秒检查条数"), f"{health.rows_per_second:,.0f}"))
    if health.balance:
        tiles.append((Words("Labels", "类别数"), f"{health.balance.labels:,}"))
    listed = [tag("div", tag("dt", both(name)), tag("dd", value)) for name, value in tiles]
    inside = [tag("dl", *listed, class_="tiles")]
    if health.languages:
        named = [c.model_copy(update={"name": LANGUAGES.get(c.name, c.name)}) for c in health.languages]
        inside += [tag("h3", both(Words("Languages", "语言"))), plots.stacked(named)]
    return joined(*inside)


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _labels(health: Health) -> Iterator[Html]:
    found = health.balance
    if found is None:
        return
    rows = found.rows if len(found.rows) <= MOST_LABELS else (*found.rows[: MOST_LABELS - 8], *found.rows[-8:])
    note = Words(
        f"{found.labels} labels; the largest has {found.ratio:g} rows for one of the smallest; "
        f"evenness {found.evenness:.2f} of 1.",
        f"共 {found.labels} 类；最多的一类是最少的 {found.ratio:g} 倍；均匀度 {found.evenness:.2f}（满分 1）。",
    )
    if len(rows) < len(found.rows):
        more = Words(" The largest and the smallest are shown.", "只显示最多和最少的几类。")
        note = Words(note.en + more.en, note.zh + more.zh)
    yield _section(Words("Labels", "类别"), plots.bars(rows, sum(c.rows for c in found.rows)), note)


def _clusters(health: Health) -> Iterator[Html]:
    if not health.clusters:
        return
    lines = []
    for cluster in health.clusters:
        others = [tag("li", other) for other in cluster.others]
        lines.append(tag("li", tag("b", f"×{cluster.copies + 1}"), tag("q", cluster.text), tag("ul", *others)))
    yield _section(Words("Largest groups of copies", "最大的重复组"), tag("ul", *lines, class_="clusters"))


def _parts(health: Health) -> Iterator[Html]:
    if len(health.parts) < 2:
        return
    heads = [
        Words("Part", "部分"), Words("Rows", "条数"), Words("Median length", "长度中位数"),
        Words("Words", "用词"), Words("Labels", "类别"), Words("What moved", "变化的类别"),
    ]  # fmt: skip
    rows = [
        (p.name, f"{p.rows:,}", f"{p.median:,}", _far(p.words), _far(p.labels), ", ".join(c.name for c in p.moved))
        for p in health.parts
    ]
    note = Words(
        "How far each part is from train: 0 is the same, 1 has nothing in common (Jensen-Shannon, chance taken off).",
        "各部分与训练集的差异：0 为相同，1 为毫无共同之处（Jensen-Shannon 散度，已扣除偶然）。",
    )
    yield _section(Words("Train and test", "训练与测试"), _table(heads, rows), note)


def _far(divergence: float | None) -> str:
    return "–" if divergence is None else f"{divergence:.3f}"


def _people(health: Health) -> Iterator[Html]:
    if not health.personal:
        return
    heads = [Words("Kind", "种类"), Words("Found", "出现次数"), Words("Rows", "涉及条数"), Words("Such as", "例如")]
    rows = [(both(WORDS[p.kind]), f"{p.found:,}", f"{p.rows:,}", "  ".join(p.examples)) for p in health.personal]
    yield _section(Words("Personal data", "个人信息"), _table(heads, rows))


def _refused(health: Health) -> Iterator[Html]:
    if health.refused:
        heads = [Words("Reason", "原因"), Words("Rows", "条数")]
        rows = [(count.name, f"{count.rows:,}") for count in health.refused]
        yield _section(Words("Why rows were refused", "无法读取的原因"), _table(heads, rows))


def _columns(health: Health) -> Iterator[Html]:
    if not health.columns:
        return
    heads = [
        Words("Column", "列"), Words("Type", "类型"), Words("Missing", "缺失"), Words("Odd", "异常"),
        Words("Different", "不同值"), Words("Least", "最小"), Words("Median", "中位数"), Words("Most", "最大"),
        Words("Common", "常见值"),
    ]  # fmt: skip
    rows = [_column(column, health.size.usable) for column in health.columns[:MOST_COLUMNS]]
    title = Words("Columns", "各列") if health.kind == "table" else Words("Other columns", "其他列")
    yield _section(title, _table(heads, rows))


def _column(column: Column, rows: int) -> tuple[str, ...]:
    share = joined(plots.meter(column.missing / max(1, rows), "small"), plots.share_of(column.missing, rows))
    missing = tag("span", share, class_="missing")
    distinct = both(Words("very many", "非常多")) if column.distinct is None else f"{column.distinct:,}"
    odd = f"{column.odd:,}" if column.odd else ""
    return (
        column.name, both(TYPES[column.type]), missing, odd, distinct, column.least, column.median, column.most,
        _common(column.common),
    )  # fmt: skip


def _common(common: Sequence[Count]) -> str:
    return ", ".join(f"{count.name[:24]} ({count.rows:,})" for count in common[:3])


def _table(heads: Sequence[Words], rows: Sequence[Sequence[str]]) -> Html:
    head = tag("thead", tag("tr", *(tag("th", both(words)) for words in heads)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", head, body), class_="scroll")


def _making(health: Health) -> Html:
    """Every price of the table, so that nobody has to guess what the grade is made of."""
    found = {fault.name: fault for fault in health.faults}
    heads = [
        Words("What", "项目"), Words("Share", "比例"), Words("All points are lost at", "扣满分的比例"),
        Words("Points at most", "最多扣分"), Words("Points lost", "扣分"),
    ]  # fmt: skip
    rows = []
    for name, price in PRICES.items():
        fault = found.get(name)
        share = "–" if name in health.not_looked_at else f"{fault.share:.1%}" if fault else "0"
        lost = f"{fault.points:.1f}" if fault else "0"
        rows.append((both(price.title), share, f"{price.full_at:.0%}", f"{price.most:g}", lost))
    note = Words(
        "100 less the points lost; below the share in the third column they fall in proportion. "
        "A from 90, B from 80, C from 70, D from 60, E from 45. – was not looked for.",
        "100 减去各项扣分；低于第三列比例时按比例扣分。A ≥ 90，B ≥ 80，C ≥ 70，D ≥ 60，E ≥ 45；– 表示本次未检查。",
    )
    inside = tag("details", tag("summary", both(Words("Show all weights", "显示全部权重"))), _table(heads, rows))
    return _section(Words("How the grade is made", "评分方法"), inside, note)
