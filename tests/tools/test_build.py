"""A build fills the grid, accounts for every row, shows no held-back row, and survives being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scripted import Call, Say, Scripted, example, words
from tools.base import Kit, Working
from tools.build import Built, build
from tools.llm import Budget, open_chat
from workspace.project import Project, read_samples
from workspace.sample import Sample
from workspace.spec import Spec

LABELS = ("lost card", "fees", "change pin")
Builds = Callable[..., Built]


def spec(**more: object) -> Spec:
    raw: dict[str, object] = {
        "goal": "tell what a customer wants",
        "task": "classification",
        "examples": ["real.csv"],
        "labels": [{"name": label} for label in LABELS],
        "languages": ["en"],
        "rows": 60,
        "privacy": "keep",  # who wrote a row is all that tells some of them apart
    }
    return Spec.model_validate({**raw, **more}).filled()


def prepare(home: Path, real: int = 4) -> Project:
    """A project with a few real rows of each label, one of them held back."""
    project = Project(home, "bank")
    lines = ["text,label,split"]
    for label in LABELS:
        lines += [f"{label} as {word} wrote it,{label},train" for word in ("Zoe", "Ferdinand", "somebody")[: real - 1]]
        lines += [f"the unseen one about {label} which nobody may read,{label},test"]
    (project.folder / "real.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return project


def to_the_point(call: Call) -> object:
    """Random words, after the name of the label that was asked for: the label check would drop others."""
    reply = example(call.schema, words(call))
    label = next((label for label in LABELS if f'kind "{label}"' in call.prompt), "")
    return {**reply, "texts": [f"{label}: {text}" for text in reply["texts"]]} if "texts" in reply else reply


@pytest.fixture
def run(home: Path, scripted: Scripted) -> Builds:
    """A build from the beginning, in a project that stays; specification fields in."""
    project = prepare(home)
    scripted.script = to_the_point

    def once(budget: Budget | None = None, **more: object) -> Built:
        chat = open_chat(project.journal, budget)
        try:
            return finish(Kit(spec=spec(**more), project=project, chat=chat), project.folder / "run")
        finally:
            chat.close()

    return once


def finish(kit: Kit, folder: Path) -> Built:
    steps = build(kit, folder)
    while True:
        try:
            assert isinstance(next(steps), Working)
        except StopIteration as end:
            found: Built = end.value
            return found


def written(built: Built) -> list[Sample]:
    return [row for row in built.rows if row.origin.source == "generate"]


def test_the_grid_is_full_and_every_count_adds_up(run: Builds, scripted: Scripted) -> None:
    built = run()
    learnt = [row for row in built.rows if row.kept and row.split != "test"]
    assert Counter(row.label for row in learnt) == dict.fromkeys(LABELS, 20)
    assert all(stage.tally.balances for stage in built.report.stages)
    assert built.report.total.requested == len(built.rows)
    assert built.report.notes == ()
    assert list(read_samples(built.path)) == list(built.rows)


def test_the_test_rows_are_real_and_the_model_never_sees_them(run: Builds, scripted: Scripted) -> None:
    built = run()
    held_back = [row for row in built.rows if row.split == "test"]
    assert len(held_back) == 3
    assert {row.origin.source for row in held_back} == {"files"}
    assert scripted.calls
    assert not any("unseen one" in str(call.body) for call in scripted.calls)


def test_some_written_rows_watch_over_training(run: Builds, scripted: Scripted) -> None:
    splits = Counter(row.split for row in written(run()) if row.kept)
    assert set(splits) == {"train", "validation"}
    assert splits["validation"] < splits["train"] / 4


def test_what_is_rejected_is_asked_for_again_in_another_round(run: Builds, scripted: Scripted) -> None:
    def copies(call: Call) -> object:
        texts = example(call.schema, words(call))["texts"]
        return {"texts": texts[:1] * len(texts)}

    scripted.script = copies
    built = run()
    first = built.report.stages[1].tally
    assert first.rejected["duplicates"] > first.accepted
    assert len(built.report.stages) > 2
    assert all(row.dropped_by.reason for row in written(built) if row.dropped_by)


def test_it_stops_and_says_so_when_nothing_new_comes(run: Builds, scripted: Scripted) -> None:
    scripted.script = lambda call: {"texts": ["always the very same text"] * 8}
    built = run()
    assert "nothing new to say" in built.report.notes[0]
    assert sum(row.kept for row in written(built)) == 1
    assert all(stage.tally.balances for stage in built.report.stages)


def test_the_note_is_in_the_language_of_the_goal(run: Builds, scripted: Scripted) -> None:
    scripted.script = lambda call: {"texts": ["总是同一句话"] * 8}
    assert "写不出新内容" in run(goal="判断客户想办什么事", languages=["zh"]).report.notes[0]


def test_a_failing_model_is_not_taken_for_an_exhausted_one(run: Builds, scripted: Scripted) -> None:
    scripted.script = lambda call: Say("prose, not JSON")
    built = run()
    assert "failed on most requests" in built.report.notes[0]
    assert built.report.stages[1].tally.failed == {"malformed": 51}


def test_a_spent_budget_ends_the_build_with_what_there_is(run: Builds, scripted: Scripted) -> None:
    built = run(Budget(minutes=0.0))
    assert "budget was reached" in built.report.notes[0]
    assert built.report.stages[1].tally.failed == {"budget": 51}
    assert sum(row.kept for row in built.rows) == 12


def test_the_same_build_again_costs_nothing_and_gives_the_same_bytes(run: Builds, scripted: Scripted) -> None:
    first = run().path.read_bytes()
    paid = len(scripted.calls)
    assert run().path.read_bytes() == first
    assert len(scripted.calls) == paid


def test_what_people_review_is_not_taken_away_while_it_is_built_again(home: Path, scripted: Scripted) -> None:
    project, seen = prepare(home), []
    scripted.script = to_the_point
    path = project.folder / "run" / "rows.jsonl"
    for _ in range(2):
        chat = open_chat(project.journal, None)
        kit = Kit(spec=spec(), project=project, chat=chat)
        seen = [path.read_bytes() for _ in build(kit, path.parent) if path.exists()]
        chat.close()
    assert set(seen) == {path.read_bytes()}


def test_replies_in_any_order_give_the_same_bytes(home: Path, scripted: Scripted) -> None:
    found = []
    for name in ("one", "two"):
        project = prepare(home / name)
        slow = name == "two"
        scripted.script = lambda call, slow=slow: Say(
            example(call.schema, words(call)), hang=call.seed % 7 / 100 if slow else 0.0
        )
        chat = open_chat(project.journal)
        found.append(finish(Kit(spec=spec(), project=project, chat=chat), project.folder / "run").path.read_bytes())
        chat.close()
    assert found[0] == found[1]


def test_with_no_model_the_real_rows_are_all_there_is(home: Path) -> None:
    project = prepare(home)
    built = finish(Kit(spec=spec(), project=project), project.folder / "run")
    assert len(built.rows) == 12
    assert built.report.notes == ()


CHILD = """
import sys
from pathlib import Path
from tests.tools.test_build import finish, prepare, spec
from tools.base import Kit
from tools.llm import open_chat
project = prepare(Path(sys.argv[1]))
chat = open_chat(project.journal)
finish(Kit(spec=spec(rows=120), project=project, chat=chat), project.folder / "run")
chat.close()
"""


def test_killed_three_times_it_gives_the_same_bytes_and_pays_for_no_safe_reply_again(
    home: Path, scripted: Scripted
) -> None:
    scripted.latency = 0.15
    environment = {**os.environ, "TUNESMITH_MOST_AT_ONCE": "2", "PYTHONPATH": str(Path(__file__).parents[2])}

    def start(at: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", CHILD, str(at)], env=environment)

    whole = prepare(home / "unbroken")
    chat = open_chat(whole.journal)
    finish(Kit(spec=spec(rows=120), project=whole, chat=chat), whole.folder / "run")
    chat.close()
    unbroken = Counter((call.prompt, call.seed) for call in scripted.calls)
    for more in (2, 5, 4):
        before = len(scripted.calls)
        child = start(home / "broken")
        until = time.monotonic() + 60
        while len(scripted.calls) < before + more and child.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert start(home / "broken").wait(120) == 0
    asked = Counter((call.prompt, call.seed) for call in scripted.calls) - unbroken
    # At each kill each of two lanes may have a request under way and a reply that has not reached the disk yet.
    assert asked.keys() == unbroken.keys()
    assert sum(asked.values()) - sum(unbroken.values()) <= 3 * 2 * 2
    path = Path("projects/bank/run/rows.jsonl")
    assert (home / "broken" / path).read_bytes() == (home / "unbroken" / path).read_bytes()
