"""Events drawn for a terminal, or as JSON lines for a program: the same events either way."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from agent.events import Ask, Done, Event, Failed, File, Judged, Plot, Progress, Say, Table
from ui import words
from workspace.words import Language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

BLOCKS = "▁▂▃▄▅▆▇█"
SECONDS_BETWEEN_LINES = 10.0
MOST_ROWS = 8  # of a data set in a terminal; `tunesmith rows` prints them all


class Drawer(Protocol):
    """`language` is the face's own; a conversation may change it."""

    failed: bool
    language: Language

    def show(self, event: Event) -> None: ...
    def close(self) -> None: ...


class JsonLines:
    """One event a line. Where findings are the product, they alone go to `out` and the rest to `others`."""

    language: Language = "en"

    def __init__(self, out: TextIO, others: TextIO) -> None:
        self.out, self.others, self.failed = out, others, False

    def show(self, event: Event) -> None:
        self.failed = self.failed or isinstance(event, Failed)
        if isinstance(event, Judged):
            put(self.out, finding_line(event))
        else:
            put(self.others, event.model_dump_json())

    def close(self) -> None:
        return


def finding_line(judged: Judged) -> str:
    """Exactly the JSON line of the contract; whether a finding drops the row shows in `kept` alone."""
    return judged.model_dump_json(exclude={"type": True, "text": True, "findings": {"__all__": {"drops"}}})


def put(stream: TextIO, line: str) -> None:
    """A line, at once. A reader who has gone away ends us quietly."""
    try:
        stream.write(line + "\n")
        stream.flush()
    except BrokenPipeError:
        hang_up()


def hang_up() -> None:
    """Python flushes stdout once more on its way out, and would complain about the closed pipe there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(130)


class Terminal:
    """Results on stdout, progress on stderr. Panels wait until the work pauses, for only their last state counts."""

    def __init__(self, language: Language) -> None:
        self.language, self.failed = language, False
        self.out, self.err = _console(sys.stdout), _console(sys.stderr)
        self._held: dict[str, Table | Plot] = {}
        self._bar: Bar | None = None
        self._stage, self._line_at = "", 0.0

    def show(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress(event)
            return
        if isinstance(event, Table | Plot):
            self._held[event.panel + event.type] = event
            return
        if isinstance(event, Judged):
            self._judged(event)
            return
        self.pause()
        if isinstance(event, Failed):
            self.failed = True
            problem(self.err, event.problem, event.fix, self.language)
        else:
            self._plain(event)

    def pause(self) -> None:
        """Bars end, and the panels show what they came to."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._stage = ""
        held, self._held = self._held, {}
        for event in held.values():
            self._panel(event)

    def close(self) -> None:
        self.pause()

    def _plain(self, event: Say | Ask | File | Done) -> None:
        from rich.markdown import Markdown

        match event:
            case Say() if event.text.startswith(("{", "---\n")):
                # A file's own text, JSON or with a head of YAML: wrapped as prose it would be neither.
                self.out.print(event.text, markup=False, highlight=False, soft_wrap=True)
            case Say():
                self.out.print(Markdown(event.text))
                self.out.print()
            case Ask():
                self.out.print(Markdown(f"**{event.text}**"))
                if event.choices:
                    self.out.print(
                        "  " + "   ".join(f"· {choice}" for choice in event.choices), style="cyan", markup=False
                    )
            case File():
                self.out.print(f"→ {event.title}: {event.path}", markup=False, highlight=False, soft_wrap=True)
            case Done():
                parts = [
                    ("run", event.run),
                    ("version", event.version),
                    ("model", event.model),
                    ("report", event.report),
                ]
                line = "  ".join(f"{name} {value}" for name, value in parts if value)
                if line:
                    self.out.print("✓ " + line, markup=False, highlight=False, soft_wrap=True, style="green")

    def _judged(self, event: Judged) -> None:
        """Above the bar while there is one: a bar that ended with each row would flicker."""
        out = self.err if self._bar is not None and self.out.is_terminal else self.out
        mark, style = ("✓", "green") if event.kept else ("✗", "red")
        out.print(f"{mark} {event.row}", style=style, markup=False, highlight=False)
        for finding in event.findings:
            out.print(f"    {finding.check}: {finding.verdict}. {finding.reason}", markup=False, highlight=False)
            if finding.evidence:
                quoted = f"{finding.evidence.document} {finding.evidence.start}–{finding.evidence.end}"
                out.print(f"      {quoted}: “{finding.evidence.quote}”", style="dim", markup=False, highlight=False)

    def _panel(self, event: Table | Plot) -> None:
        if isinstance(event, Plot):
            self._plot(event)
        # Each answer's echo says it, and the one page before the yes; trying out has its own command.
        elif event.panel != "specification" and (event.rows or event.panel != "try"):
            self._table(event)

    def _table(self, event: Table) -> None:
        from rich.table import Table as Grid
        from rich.text import Text

        if not event.rows:
            self.out.print(f"{event.title}: {words.NO_ROWS.to(self.language)}", markup=False)
            return
        grid = Grid(title=Text(event.title), title_justify="left", header_style="bold", box=None, pad_edge=False)
        for number, column in enumerate(event.columns):
            numeric = all(isinstance(row[number], int | float) for row in event.rows)
            grid.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
        shown = MOST_ROWS if event.panel in ("rows", "rejected") else len(event.rows)
        for row in event.rows[:shown]:
            grid.add_row(*(Text(cell_text(cell)) for cell in row))
        self.out.print(grid)
        if len(event.rows) > shown:
            self.out.print(words.AND_MORE.to(self.language).format(n=len(event.rows) - shown), style="dim")
        self.out.print()

    def _plot(self, event: Plot) -> None:
        for name, points in event.lines.items():
            if points:
                line = (
                    f"{event.title} · {name}: {spark([y for _, y in points])} {points[0][1]:.3g} → {points[-1][1]:.3g}"
                )
                self.out.print(line, markup=False, highlight=False, soft_wrap=True)

    def _progress(self, event: Progress) -> None:
        left = " · ".join(part for part in (event.note, words.time_left(event.seconds_left, self.language)) if part)
        if not self.err.is_terminal:
            self._progress_line(event, left)
            return
        if self._bar is None:
            self._bar = _bar(self.err)
            self._bar.start()
        if event.stage != self._stage:
            self._stage = event.stage
            self._task = self._bar.add_task(event.stage, total=None, left="")
        self._bar.update(self._task, completed=event.done, total=event.total or None, left=left)

    def _progress_line(self, event: Progress, left: str) -> None:
        """In a log file: a line when a stage begins and ends, and now and then between."""
        now, ended = time.monotonic(), 0 < event.total <= event.done
        state = event.stage + " ended" * ended
        if state != self._stage or now - self._line_at > SECONDS_BETWEEN_LINES:
            self._stage, self._line_at = state, now
            of = f"{event.done}/{event.total}" if event.total else str(event.done)
            put(sys.stderr, f"{event.stage} {of} {left}".rstrip())


class Findings(Terminal):
    """Into a file or a pipe: the findings as the contract's lines, what is for people on stderr."""

    def __init__(self, language: Language, lines: TextIO) -> None:
        super().__init__(language)
        self.out, self.lines = self.err, lines

    def show(self, event: Event) -> None:
        if isinstance(event, Judged):
            put(self.lines, finding_line(event))
        else:
            super().show(event)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            hang_up()

    return Quiet(file=stream, highlight=False)


def _bar(console: Console) -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}", style="dim", markup=False),
    )
    return Bar(*columns, console=console)


def problem(console: Console, what: str, fix: str, language: Language) -> None:
    """The one way an error looks in a terminal: what happened, then what to do."""
    console.print(f"{words.PROBLEM.to(language)}: {what}", style="bold red", markup=False, soft_wrap=True)
    console.print(f"{words.FIX.to(language)}: {fix}", markup=False, soft_wrap=True)


def cell_text(cell: str | int | float | bool | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "✓" if cell else "✗"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def spark(values: list[float], width: int = 40) -> str:
    """A curve in one line of block characters."""
    step = max(1, len(values) // width)
    picked = values[::step][-width:]
    low, high = min(picked), max(picked)
    span = (high - low) or 1.0
    return "".join(BLOCKS[round((value - low) / span * (len(BLOCKS) - 1))] for value in picked)
