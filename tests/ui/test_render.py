"""Events in a terminal, and as lines of JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from agent.events import Ask, Done, Event, Failed, Judged, Plot, Progress, Say, Table
from tests.ui.recorded import loss_plot, report_table, rows_table, specification, work
from ui.render import JsonLines, Terminal, cell_text, finding_line, spark
from workspace.sample import Evidence, Finding

JUDGED = Judged(
    row=4,
    id="ab12",
    kept=False,
    text="not for programs",
    findings=(
        Finding(
            check="facts",
            verdict="contradicted",
            reason="The document says five.",
            claim="two days",
            evidence=Evidence(document="policy.md", start=120, end=124, quote="five"),
            confidence=0.93,
            drops=True,
        ),
        Finding(check="form", verdict="pass", reason="well formed"),
    ),
)


def test_a_finding_line_is_the_contracts_to_the_letter() -> None:
    evidence = {"document": "policy.md", "start": 120, "end": 124, "quote": "five"}
    assert json.loads(finding_line(JUDGED)) == {
        "row": 4,
        "id": "ab12",
        "kept": False,
        "findings": [
            {
                "check": "facts",
                "verdict": "contradicted",
                "reason": "The document says five.",
                "claim": "two days",
                "column": None,
                "evidence": evidence,
                "confidence": 0.93,
            },
            {
                "check": "form",
                "verdict": "pass",
                "reason": "well formed",
                "claim": None,
                "column": None,
                "evidence": None,
                "confidence": 1.0,
            },
        ],
    }


def test_lines_read_back_as_the_events_they_were() -> None:
    out, events = io.StringIO(), list(work(True, "r.md"))
    drawer = JsonLines(out, out)
    for event in events:
        drawer.show(event)
    lines = out.getvalue().split("\n")[:-1]
    assert [TypeAdapter(Event).validate_json(line) for line in lines] == events


def test_findings_stand_alone_on_stdout() -> None:
    out, others = io.StringIO(), io.StringIO()
    drawer = JsonLines(out, others)
    for event in (Progress(stage="Checking", done=1, total=1), JUDGED, Say(text="1 row")):
        drawer.show(event)
    assert out.getvalue() == finding_line(JUDGED) + "\n"
    assert others.getvalue().count("\n") == 2


def drawn(capsys: pytest.CaptureFixture[str], *events: Event) -> tuple[str, str]:
    terminal = Terminal("en")
    for event in events:
        terminal.show(event)
    terminal.close()
    return capsys.readouterr()


def test_a_terminal_shows_results_on_stdout_and_progress_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = drawn(capsys, *work(False, "r.md"), report_table(False))
    assert "Writing rows 480/480" in err
    assert "Writing rows" not in out
    assert out.count("Report card on 120 held-back rows") == 2
    assert out.count("training rows: ") == 1  # four curves came; the last one counts
    assert "✓ run r1" in out


def test_a_log_has_a_line_for_a_stages_beginning_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [*range(100), 100, 100, 100]
    _, err = drawn(capsys, *(Progress(stage="Reading", done=step, total=100) for step in steps))
    assert err == "Reading 0/100\nReading 100/100\n"


def test_of_many_rows_a_terminal_shows_a_few(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = drawn(capsys, rows_table(False))
    assert out.count("written by the model") + out.count("messages.csv") == 8
    assert "12 more" in out


def test_a_failure_is_told_on_stderr_and_remembered(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal("zh")
    terminal.show(Failed(problem="磁盘已满", fix="请清出空间"))
    out, err = capsys.readouterr()
    assert terminal.failed
    assert out == ""
    assert err == "问题: 磁盘已满\n怎么办: 请清出空间\n"


def test_nobodys_words_are_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    nasty = "[bold]x[/bold] [/]"
    table = Table(panel="rows", title=nasty, columns=(nasty, "n"), rows=((nasty, 1),))
    ask = Ask(field="goal", text="?", choices=(nasty,))
    progress = Progress(stage=nasty, done=1, total=2, note=nasty)
    out, err = drawn(capsys, table, ask, progress, Failed(problem=nasty, fix=nasty), JUDGED, Done(run=nasty))
    assert out.count(nasty) == 5
    assert err.count(nasty) == 4


def test_the_specification_is_left_to_the_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = drawn(capsys, specification("en"), Say(text="Noted: good enough: 90%."))
    assert out.split("\n")[0].rstrip() == "Noted: good enough: 90%."


def test_a_row_that_was_judged_shows_reason_and_quote(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = drawn(capsys, JUDGED)
    assert "✗ 4" in out
    assert "facts: contradicted. The document says five." in out
    assert "policy.md 120–124: “five”" in out


def test_a_curve_in_one_line() -> None:
    assert spark([3.0, 2.0, 1.0]) == "█▅▁"
    assert spark([1.0]) == "▁"
    assert len(spark([float(n) for n in range(1000)])) <= 41


@pytest.mark.parametrize(("cell", "text"), [(None, ""), (True, "✓"), (0.123456, "0.1235"), (12, "12"), ("a", "a")])
def test_cells(cell: str | float | bool | None, text: str) -> None:
    assert cell_text(cell) == text


def test_an_empty_curve_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    empty: Sequence[tuple[float, float]] = ()
    assert drawn(capsys, Plot(panel="loss", title="t", x="x", y="y", lines={"a": tuple(empty)}))[0] == ""
    assert drawn(capsys, loss_plot(False, ((1.0, 2.0),)))[0] != ""
