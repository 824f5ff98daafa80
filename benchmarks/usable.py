"""What share of the rows that a model writes is right, before the checks and after, by labels that a person gave.

python benchmarks/usable.py write 200 rows.jsonl     rows for the demo's policy, not yet checked, "correct" left open
python benchmarks/usable.py judge rows.jsonl         the labelled rows through the checks, code alone
python benchmarks/usable.py judge rows.jsonl --model and with the model of the environment
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

from scoring import HEAD, Score, score

from tools.base import Check, Kit, registry
from tools.knowledge import Knowledge
from tools.llm import open_chat
from tools.pipeline import run_checks
from tools.routing import routed
from tools.sources.generate import Generate
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.settings import settings
from workspace.spec import Spec
from workspace.stated import Stated

POLICY = Path(__file__).parents[1] / "examples/bank/policy.md"
LABELLED = Path(__file__).with_name("usable.jsonl")
CHECKS = ("coherence", "contradictions", "facts", "form", "logic", "relevance")


def asked_for(rows: int) -> Spec:
    """The demo's bank, whose customers are to be answered from its policy."""
    said: dict[str, object] = {
        "goal": "Answer a customer's question about our bank from our policy",
        "task": "question-answering",
        "languages": ("en",),
        "rows": rows,
    }
    spec = Spec()
    for name, value in said.items():
        spec = spec.with_value(name, Stated(value=value, source="default"))
    return spec.filled()


def kit_with_policy(project: Project, folder: Path, spec: Spec) -> Kit:
    knowledge = Knowledge(folder / "knowledge")
    knowledge.add("policy.md", POLICY.read_text(encoding="utf-8"))
    return Kit(spec, project, knowledge=knowledge)


def write(count: int, out: Path) -> None:
    project = Project(settings().home, "usable")
    with closing(open_chat(project.journal)) as chat, tempfile.TemporaryDirectory() as scratch:
        kit = kit_with_policy(project, Path(scratch), asked_for(count))
        began = time.perf_counter()
        rows = [row for row in Generate().read(Kit(kit.spec, project, chat, kit.knowledge)) if row.kept]
    print(f"{len(rows)} of {count} rows by {chat.model} in {time.perf_counter() - began:.0f} s")
    lines = ({"question": r.question, "answer": r.answer, "correct": None} for r in rows)
    out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def labelled(path: Path) -> Iterator[tuple[Sample, bool]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
        row = json.loads(line) if line.strip() else {}
        if row.get("correct") is not None:
            yield sample(row["question"], row["answer"], Origin(source="usable", row=number)), row["correct"]


def judge(path: Path, with_model: bool, only: str) -> None:
    rows, correct = map(list, zip(*labelled(path), strict=True))
    project = Project(settings().home, "usable")
    chat = open_chat(project.journal) if with_model else None
    wanted = (only,) if only else CHECKS
    checks = [check() for name, check in sorted(registry(Check).items()) if name in wanted]
    with tempfile.TemporaryDirectory() as scratch:
        kit = kit_with_policy(project, Path(scratch), asked_for(len(rows)))
        kit = Kit(kit.spec, project, chat, kit.knowledge)
        began = time.perf_counter()
        done = [routed(row, {}) for row in run_checks(rows, checks, kit)]
        seconds = time.perf_counter() - began
    if chat:
        chat.close()
    report(done, correct, seconds, chat.model if chat else "code alone")


def report(done: list[Sample], correct: list[bool], seconds: float, how: str) -> None:
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, {how}\n{HEAD}")
    wrong = [not right for right in correct]
    by_outcome = Counter((row.outcome, right) for row, right in zip(done, correct, strict=True))
    lines: list[Score] = [
        score("rows that are not kept", wrong, [not row.kept for row in done], seconds),
        score("rows rejected", wrong, [row.outcome == "rejected" for row in done]),
        score("every row called wrong", wrong, [True] * len(done)),
    ]
    for line in lines:
        print(line.line())
    before = sum(correct) / len(correct)
    kept, right_kept = sum(row.kept for row in done), by_outcome["kept", True]
    print(f"correct before the checks {before:.3f}, after {right_kept / max(1, kept):.3f} ({kept} of {len(done)} kept)")
    for outcome in ("kept", "review", "rejected"):
        print(f"  {outcome:<9} {by_outcome[outcome, True]:>4} correct {by_outcome[outcome, False]:>4} wrong")
    print(f"correct rows not kept: {1 - right_kept / max(1, sum(correct)):.3f}")
    for row, right in zip(done, correct, strict=True):
        if row.kept != right:
            found = next((f for f in row.findings if f.drops), row.findings[0] if row.findings else None)
            print(f"  {'lost' if right else 'let through'}: {row.question} → {row.answer}")
            print(f"      {found.verdict if found else '-'}: {found.reason if found else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    writing = steps.add_parser("write")
    writing.add_argument("count", type=int)
    writing.add_argument("out", type=Path)
    judging = steps.add_parser("judge")
    judging.add_argument("rows", type=Path, nargs="?", default=LABELLED)
    judging.add_argument("--model", action="store_true")
    judging.add_argument("--only", default="", help="one check by name")
    options = parser.parse_args()
    if options.step == "write":
        write(options.count, options.out)
    else:
        judge(options.rows, options.model, options.only)


if __name__ == "__main__":
    main()
