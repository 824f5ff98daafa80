"""At every stage of a build, whatever goes wrong: requested = accepted + rejected + failed, by reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.reviewing import decide
from agent.run import Run, accept
from tests.scripted import Call, Say, Scripted, words
from tests.tools.test_build import LABELS, finish, prepare, to_the_point
from tests.tools.test_build import spec as bank
from tools.base import Kit
from tools.llm import open_chat
from workspace.project import read_samples, write_text


def faulty(call: Call) -> object:
    """A reply, or one that is cut short, malformed, or says little; the same for the same request."""
    match words(call).randrange(5):
        case 0:
            return Say('{"texts": ["lost card: it', finish="length")
        case 1:
            return "no JSON at all"
        case 2:
            return {"texts": []}
        case _:
            return to_the_point(call)


@pytest.mark.timeout(120)
def test_balances_with_every_fault_and_every_decision(home: Path, scripted: Scripted) -> None:
    scripted.script = faulty
    project = prepare(home)
    real = project.folder / "real.csv"
    head, *lines = real.read_text().splitlines()
    doubtful = [f"an unclear scan of a letter from {name},{LABELS[0]},train,0.4" for name in ("Kim", "Ulrich")]
    real.write_text("\n".join([f"{head},ocr_confidence", *(f"{line},0.9" for line in lines), *doubtful]) + "\n")
    run = accept(project, bank())
    chat = open_chat(project.journal)
    try:
        built = finish(Kit(spec=run.spec, project=project, chat=chat), run.folder)
    finally:
        chat.close()
    write_text(run.folder / "build.json", built.report.model_dump_json())
    assert built.report.total.rejected["review"] == 2
    assert built.report.total.failed
    balanced(run)
    (first, second) = [row for row in run.rows() if row.outcome == "review"]
    for row, verdict in ((first, "accept"), (second, "reject"), (first, "reject"), (second, "accept")):
        decide(run, row.id, verdict)  # type: ignore[arg-type]
        balanced(run)


def balanced(run: Run) -> None:
    report, rows = run.report, list(run.rows())
    assert report
    assert all(stage.tally.balances for stage in report.stages)
    assert report.total.requested == len(rows) == len(list(read_samples(run.folder / "rows.jsonl")))
    assert report.total.accepted == sum(row.kept for row in rows)
