"""Tells a person how healthy a file is: a grade and what to do first on the screen, the rest as a page and as JSON."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from agent.events import Event, File, Say
from tools.health.faults import how_many
from tools.health.page import KINDS, VERDICTS, page
from tools.health.report import Health
from tools.health.study import Study
from workspace.errors import UserError
from workspace.project import write_text
from workspace.sample import Sample
from workspace.words import Language, Words

FIRST = 4  # of the things to do are said; the page holds all


class Watching:
    """Looks at the rows on their way to the person, so that nothing is read twice."""

    def __init__(self, file: Path, looked: Collection[str], test: Path | None) -> None:
        self.file = file
        self.study = Study(file, _encoding(file), looked, test)
        self._started = time.monotonic()

    def rows(self, judged: Iterable[Sample]) -> Iterator[Sample]:
        for row in judged:
            self.study.see(row)
            yield row

    def tests(self, rows: Iterable[Sample]) -> None:
        for row in rows:
            self.study.see_test(row)

    def told(self, report: Path | None, language: Language) -> Iterator[Event]:
        """The grade, what to do first, and the report where one is wanted: HTML under that name, JSON beside it."""
        speed = self.study.rows / max(0.001, time.monotonic() - self._started)
        size = self.file.stat().st_size if self.file.is_file() else 0
        health = self.study.health(size, round(speed, 1))
        yield Say(text=said(health, report, language))
        if report is not None:
            html = report if report.suffix.lower() in (".html", ".htm") else report.with_suffix(".html")
            write_text(html, page(health, language))
            write_text(html.with_suffix(".json"), health.model_dump_json(indent=1) + "\n")
            yield File(title=Words("Health report", "体检报告").to(language), path=str(html))
            yield File(
                title=Words("The same as JSON", "同样内容的 JSON").to(language), path=str(html.with_suffix(".json"))
            )


def said(health: Health, report: Path | None, language: Language) -> str:
    """Five to eight lines."""
    kind, verdict = KINDS[health.kind], VERDICTS[health.grade.letter]
    head = Words(
        f"**Health: {health.grade.letter}** ({health.grade.score:g} of 100). {health.size.rows:,} rows, {kind.en}. "
        f"{verdict.en}",
        f"**体检等级：{health.grade.letter}**（{health.grade.score:g} 分）。共 {health.size.rows:,} 条，{kind.zh}。"
        f"{verdict.zh}",
    )
    lines = [head.to(language)]
    if not health.faults:
        lines.append(Words("Nothing was found that needs doing.", "没有发现需要处理的问题。").to(language))
    for number, fault in enumerate(health.faults[:FIRST], 1):
        rows = how_many(fault).to(language).rstrip(".。")
        title = fault.title.to(language) + (f" ({rows})" if rows else "")
        lines.append(f"{number}. {title}: {fault.fix.to(language)} `{fault.command}`")
    if (left := len(health.faults) - FIRST) > 0:
        more = Words(f"\n… and {left} smaller ones.", f"\n……另有 {left} 项较小的问题。")
        lines.append(more.to(language))
    if health.kind == "table":
        hint = Words(
            "\nNo column of questions and answers was found; if there are some: `--map theirs=question`.",
            "\n没有找到问题和回答的列；如果有，请用 `--map 原列名=question` 指定。",
        )
        lines.append(hint.to(language))
    if report is None:
        hint = Words("\nAll of it as a page: add `--report report.html`.", "\n完整报告：加上 `--report report.html`。")
        lines.append(hint.to(language))
    return "\n".join(lines)


def _encoding(file: Path) -> str:
    """Of a file of text; what is read otherwise has none of its own."""
    from tools.sources.decoding import encoding_of

    try:
        return encoding_of(file).upper()
    except UserError:
        return ""
