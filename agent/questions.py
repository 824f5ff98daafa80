"""What a person can ask at any time, from the journal and the rows, never from a model's imagination."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent import drawing, explaining
from agent.events import Ask, Event, Progress, Say, Table
from agent.run import Run
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.words import Language, Words

Kind = Literal["doing", "left", "cost", "failed", "rows", "show", "why", "restore", "take out", "what if", "explain"]
COUNT_EN = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "a few": 3, "some": 5, "a": 1}
COUNT_ZH = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "十": 10, "几": 3}
CHECKS = {
    "logic": r"logic|rules?\b|逻辑|规则",
    "facts": r"facts?\b|事实|文档",
    "form": r"\bform(at)?\b|格式",
    "duplicates": r"duplicat|repeat|重复",
    "leak": r"\bleak|泄漏|泄露",
    "label": r"\blabels? check|wrong label|标签检查",
}
LEFT = (
    r"how (much )?long(er)?|time (is )?left|when (will|are|is).*(done|ready|finish)|"
    r"还要多久|还要多长|多久(能|可以)?(好|完)|进度"
)
# The whole message, else an answer about "how an order is going" would be one.
DOING = (
    r"^(?:so|hey|hi|and)?\W*how(?:'s| is| are) [^.?!]{1,60}(?:doing|going|coming along|getting on)"
    r"(?: now| so far)?\W*$|"
    r"^.{0,16}(?:进行|做|跑|运行|进展)得?(?:怎么样|如何|怎样)了?\W*$|^.{0,10}到哪(?:一步|儿|里)了\W*$"
)
COST = (
    r"what (did|does|has|will) (it|this|that).*cost|how much (did|has|does).*(cost|spen)|"
    r"花了多少|费用(?:是|有|要)?多少|成本是|多少钱"
)
ROW = r"(?:row|number|#)\s*(?:number\s*)?#?\s*([0-9a-f]{4,12}\b|\d+\b)", r"第\s*([0-9a-f]{4,12}|\d+)\s*(?:条|行|号)"
RESTORE = (
    rf"(?:restore|bring back|take back|accept|keep)\s+{ROW[0]}|"
    rf"(?:恢复|保留|找回|接受){ROW[1]}|把{ROW[1]}.*(?:恢复|找回)"
)
TAKE_OUT = rf"(?:reject|take out|throw out|drop|remove)\s+{ROW[0]}|(?:排除|删除|删掉|去掉|拒绝){ROW[1]}"
WHAT_IF = (
    r"what (?:if|would happen if) (?:the )?(?:threshold|confidence)\D*?(\d*\.?\d+\s*%?)|"
    r"(?:如果|假如|要是)(?:把)?(?:阈值|界限|置信度|门槛)\D*?(\d*\.?\d+\s*[%％]?)"
)
FAILED = r"fail|reject|drop|thrown|refus|没通过|未通过|不通过|拒绝|不合格|剔除|淘汰"
ORDERS: tuple[tuple[Kind, str], ...] = (("restore", RESTORE), ("take out", TAKE_OUT), ("what if", WHAT_IF))


@dataclass(frozen=True)
class Query:
    kind: Kind
    check: str | None = None
    about: str | None = None
    number: int = 3
    rejected: bool = False
    parts: tuple[str, ...] = ()  # of "explain", as agent.explaining reads them


def read(text: str) -> Query | None:
    """The question in a message, or None where the message is none of these."""
    low = text.strip().lower()
    parts = explaining.asks(text)
    if parts:
        return Query("cost") if parts == ("cost",) else Query("explain", parts=parts)
    for kind, pattern in ORDERS:
        if found := re.search(pattern, low):
            return Query(kind, about=next(filter(None, found.groups())))
    if re.search(LEFT, low):
        return Query("left")
    if re.search(DOING, low):
        return Query("doing")
    if re.search(COST, low):
        return Query("cost")
    check = next((name for name, pattern in CHECKS.items() if re.search(pattern, low)), None)
    failed = re.search(FAILED, low) is not None
    show = re.search(r"(show|give|let me see|see)( me)?|看看|给我看|展示|举.*例", low)
    about = _about(text)
    if show and (about or failed or re.search(r"\brows?\b|examples?|条|例", low)) and not _about_the_plan(low):
        return Query("show", check, about, _number(low), failed)
    if re.search(r"\bwhy\b|为什么|为何|原因", low) and failed:
        return Query("why", check)
    if re.search(r"how many|how much|多少|几条", low) and (failed or check):
        return Query("failed", check)
    if re.search(r"how many (rows|examples)|多少(条|数据|行)", low) and low.endswith(("?", "？")):
        return Query("rows")
    return None


def _about_the_plan(low: str) -> bool:
    return re.search(r"specification|\bspec\b|规格|需求", low) is not None


def _about(text: str) -> str | None:
    found = re.search(r"\b(?:about|on|with|for)\s+([\w -]{2,40}?)\s*[?.!]*$", text.strip(), re.IGNORECASE)
    found = found or re.search(r"关于(.{1,20}?)的|(?:条|个)([^条个，。]{1,12}?)的(?:数据|例子|样例|消息)", text)
    return next((g.strip() for g in found.groups() if g), None) if found else None


def _number(low: str) -> int:
    digits = re.search(r"\d+", low)
    if digits:
        return max(1, min(50, int(digits.group())))
    english = next((n for word, n in COUNT_EN.items() if re.search(rf"\b{word}\b", low)), None)
    chinese = next((n for word, n in COUNT_ZH.items() if word + "条" in low or word + "个" in low), None)
    return english or chinese or 3


def answer(
    query: Query, run: Run | None, now: Progress | None, language: Language, open_now: Ask | None = None
) -> Iterator[Event]:
    """From what is on disk. `now` is the progress of a run under way, None when nothing runs.

    `open_now` is the question that waits: who does not understand it hears more about it.
    """
    if query.kind == "explain":
        yield Say(text="\n\n".join(explaining.told(query.parts, run, open_now, language)))
    elif query.kind == "cost":
        yield Say(text=explaining.cost(run).to(language))
    else:
        yield from _from_rows(query, run, now, language)


def _from_rows(query: Query, run: Run | None, now: Progress | None, language: Language) -> Iterator[Event]:
    if run is None:
        yield _say(
            language,
            "Nothing has been built yet; the specification comes first.",
            "还没有开始制作数据，先把需求定下来。",
        )
        return
    match query.kind:
        case "left":
            yield _left(run, now, language)
        case "doing":
            yield _left(run, now, language)
            yield from _counts(run, language)
            yield from _judged(run, language)
        case "rows":
            yield from _counts(run, language)
        case "failed" | "why":
            yield from _failed(query, run, language)
        case "show":
            yield from _show(query, run, language)
        case "restore" | "take out" | "what if":
            yield from _ordered(query, run, language)


def _ordered(query: Query, run: Run, language: Language) -> Iterator[Event]:
    """A person's word about a row, or what another threshold would do; a refusal is an answer like any other."""
    from agent.reviewing import decide, told, what_if

    about = query.about or ""
    try:
        if query.kind == "what if":
            number = float(about.rstrip("%％ "))
            found = list(what_if(run, f"{number / 100 if number > 1 else number:g}", language))
            yield from (event for event in found if event.type == "say")
            return
        _, row = decide(run, about, "accept" if query.kind == "restore" else "reject")
        yield Say(text=told(run, row, language))
        yield drawing.rejected_table([row for row in run.rows() if not row.kept], language)
    except UserError as error:
        yield Say(text="\n".join(error.to(language)))


def followed(query: Query, run: Run, by: str) -> int:
    """How often this person has decided this way: one more as soon as an order about a row has been followed."""
    from tools.decisions import decisions

    verdict = "accept" if query.kind == "restore" else "reject"
    made = [one for row in decisions(run.project.journal, run.id).values() for one in row]
    return sum((one.by, one.verdict) == (by, verdict) for one in made)


def _say(language: Language, en: str, zh: str) -> Say:
    return Say(text=Words(en, zh).to(language))


def _left(run: Run, now: Progress | None, language: Language) -> Event:
    if now is None:
        return _say(language, "Nothing is running at the moment.", "目前没有正在运行的任务。")
    if now.seconds_left is None:
        return _say(
            language,
            f"{now.stage}: {now.done} of {now.total}; too early to say how long.",
            f"{now.stage}：{now.done}/{now.total}，还看不出需要多久。",
        )
    minutes = max(1, round(now.seconds_left / 60))
    return _say(
        language,
        f"{now.stage}: {now.done} of {now.total}, about {minutes} min left in this step.",
        f"{now.stage}：{now.done}/{now.total}，这一步大约还要 {minutes} 分钟。",
    )


def _counts(run: Run, language: Language) -> Iterator[Event]:
    report = run.report
    if report:
        yield Say(text=drawing.counts(report.total, language, [row for row in run.rows() if row.kept]))
        return
    rows = list(run.rows())
    kept = sum(row.kept for row in rows)
    yield _say(
        language,
        f"So far {kept} rows are accepted and {len(rows) - kept} rejected.",
        f"目前接受 {kept} 条，拒绝 {len(rows) - kept} 条。",
    )


def _judged(run: Run, language: Language) -> Iterator[Event]:
    """What the report card came to, once there is one."""
    if run.card:
        yield Say(text=run.card.summary.get(language) or run.card.summary.get("en", ""))


def _failed(query: Query, run: Run, language: Language) -> Iterator[Event]:
    dropped = [row for row in run.rows() if not row.kept]
    names = Counter(finding.check for row in dropped if (finding := row.dropped_by))
    if query.check is None:
        lines = [f"- {drawing.failing_words(name, language)}: {n}" for name, n in names.most_common()]
        yield Say(
            text="\n".join(
                [Words(f"{len(dropped)} rows were rejected.", f"共拒绝 {len(dropped)} 条。").to(language), *lines]
            )
        )
    else:
        words, number = drawing.check_words(query.check, language), names[query.check]
        yield _say(language, f"{number} rows failed the check “{words}”.", f"有 {number} 条没有通过“{words}”检查。")
        dropped = [row for row in dropped if row.dropped_by and row.dropped_by.check == query.check]
    for row in dropped[:3] if query.kind == "why" else []:
        yield Say(text=f"- “{row.question}” → {row.answer}: {row.dropped_by.reason if row.dropped_by else ''}")
    if dropped:
        yield drawing.rejected_table(dropped, language)


def _show(query: Query, run: Run, language: Language) -> Iterator[Event]:
    rows = [row for row in run.rows() if row.kept != (query.rejected or query.check is not None)]
    if query.check:
        rows = [row for row in rows if row.dropped_by and row.dropped_by.check == query.check]
    found = [row for row in rows if _mentions(row, query.about)]
    if not found:
        yield _say(language, f"No row is about “{query.about}”.", f"没有关于“{query.about}”的数据。")
        return
    yield Say(text="\n".join(f"- “{row.question}” → **{row.answer}**" for row in found[: query.number]))
    yield _table(query, found, language)


def _table(query: Query, rows: Sequence[Sample], language: Language) -> Table:
    if query.rejected or query.check:
        return drawing.rejected_table(rows, language)
    return drawing.rows_table(rows, language)


def _mentions(row: Sample, about: str | None) -> bool:
    """The word itself, or its stem: "refunds" finds "refund"."""
    if about is None:
        return True
    stem = re.sub(r"(es|s|ing|ed)$", "", about.lower()) or about.lower()
    return stem in f"{row.question} {row.answer} {row.label or ''}".lower().replace("_", " ")
