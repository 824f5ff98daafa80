"""Sources come together in the shares that the specification says, and no row is left out without a word."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.scripted import Scripted
from tests.tools.test_build import LABELS, finish, to_the_point
from tools.base import Kit
from tools.build import Built
from tools.llm import open_chat
from tools.mixing import share_of, source_of
from workspace.errors import UserError
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec, read_spec, write_spec

WORDS = "river window copper garden letter winter engine silver market candle bridge forest".split()
MIX = [
    {"name": "internal", "kind": "files", "options": {"paths": ["own.csv"]}, "share": 6000, "licence": "proprietary"},
    {"name": "synthetic", "kind": "generate", "share": 3000, "licence": "CC0-1.0"},
    {"name": "external", "kind": "database", "share": 1000, "licence": "CC-BY-4.0"}
    | {"options": {"connection": "bank.db", "table": "messages"}},
]


def spec(**more: object) -> Spec:
    raw: dict[str, object] = {
        "goal": "tell what a customer wants",
        "task": "classification",
        "labels": [{"name": label} for label in LABELS],
        "languages": ["en"],
        "rows": 60,
        "sources": MIX,
    }
    return Spec.model_validate({**raw, **more}).filled()


def texts(count: int, who: str) -> list[tuple[str, str]]:
    return [
        (f"{LABELS[n % 3]}: {who} {WORDS[n % 12]} {WORDS[n // 12]} {WORDS[(n * 5 + 3) % 12]}", LABELS[n % 3])
        for n in range(count)
    ]


@pytest.fixture
def project(home: Path) -> Project:
    """54 rows of our own, two of them of no use, and 30 of somebody else's; 36 and 6 are wanted."""
    made = Project(home, "bank")
    lines = [f"{text},{label}" for text, label in texts(52, "Ines")]
    (made.folder / "own.csv").write_text("\n".join(["text,label", *lines, ",fees", "no label,"]), encoding="utf-8")
    with closing(sqlite3.connect(made.folder / "bank.db")) as file:
        file.execute("CREATE TABLE messages(text TEXT, label TEXT)")
        file.executemany("INSERT INTO messages VALUES(?, ?)", texts(30, "Oskar the neighbour writes of"))
        file.commit()
    return made


def built(project: Project, scripted: Scripted | None = None, **more: object) -> Built:
    if scripted is None:
        return finish(Kit(spec=spec(**more), project=project), project.folder / "run")
    scripted.script = to_the_point
    chat = open_chat(project.journal)
    try:
        return finish(Kit(spec=spec(**more), project=project, chat=chat), project.folder / "run")
    finally:
        chat.close()


def test_each_source_has_its_share_and_every_row_its_licence(project: Project, scripted: Scripted) -> None:
    done = built(project, scripted)
    taken = [row for row in done.rows if row.dropped_by is None or row.dropped_by.check not in ("share", "read")]
    assert Counter(row.origin.source for row in taken if row.origin.source != "generate") == {
        "files": 36,
        "database": 6,
    }
    assert sum(row.kept for row in done.rows if row.origin.source == "generate") == 18
    assert {(row.origin.source, row.origin.licence) for row in done.rows} == {
        ("files", "proprietary"),
        ("generate", "CC0-1.0"),
        ("database", "CC-BY-4.0"),
    }


def test_rows_above_a_share_are_there_with_the_reason_and_the_counts_balance(
    project: Project, scripted: Scripted
) -> None:
    done = built(project, scripted)
    internal, external = done.report.stages[:2]
    assert (internal.name, internal.tally.requested) == ("internal", 54)
    assert internal.tally.rejected["share"] == 16
    assert internal.tally.rejected["read"] == 2
    assert (external.name, external.tally.requested, external.tally.rejected["share"]) == ("external", 30, 24)
    assert all(stage.tally.balances for stage in done.report.stages)
    assert done.report.total.requested == len(done.rows)
    above = next(row for row in done.rows if row.dropped_by and row.dropped_by.check == "share")
    assert above.dropped_by.reason == "above its share: 36 of 52 usable rows are taken"


def test_the_same_rows_are_taken_again_and_another_seed_takes_others(project: Project) -> None:
    first = built(project).path.read_bytes()
    assert built(project).path.read_bytes() == first
    rows = [sample(text, label, Origin(source="files", row=n)) for n, (text, label) in enumerate(texts(50, "Ines"))]

    def taken(seed: int) -> list[Sample]:
        return [row for row in share_of(rows, 10, seed) if row.kept]

    assert len(taken(1)) == len(taken(2)) == 10
    assert taken(1) == taken(1) != taken(2)


def test_a_source_outside_is_read_once_for_a_build(project: Project) -> None:
    first = built(project).path.read_bytes()
    with closing(sqlite3.connect(project.folder / "bank.db")) as file:
        file.execute("DELETE FROM messages")
        file.commit()
    assert built(project).path.read_bytes() == first


def test_a_share_that_can_t_be_had_is_said(project: Project, scripted: Scripted) -> None:
    done = built(project, scripted, rows=200)
    assert "internal has 52 usable rows for its share of 120." in done.report.notes
    assert sum(row.kept for row in done.rows if row.origin.source == "generate") <= 60


def test_nothing_is_written_where_the_model_has_no_share(project: Project, scripted: Scripted) -> None:
    done = built(project, scripted, sources=[MIX[0], MIX[2]])
    assert scripted.calls == []
    assert done.report.notes == ()


def test_some_of_every_real_source_may_be_held_back(project: Project) -> None:
    done = built(project, sources=[MIX[0] | {"share": 1}, MIX[2] | {"share": 1}])
    assert {row.origin.source for row in done.rows if row.split == "test"} == {"files", "database"}


def test_the_field_survives_its_file(tmp_path: Path) -> None:
    write_spec(spec(), tmp_path / "spec.yaml")
    assert read_spec(tmp_path / "spec.yaml").sources == spec().sources


@pytest.mark.parametrize(
    "wrong",
    [{**MIX[0], "share": 0}, {**MIX[1], "options": {"round": 2}}, {**MIX[0], "kind": "telepathy"}],
)
def test_a_source_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        spec(sources=[wrong])


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("files", {"paths": [], "speed": 9}, "fault at speed"),
        ("database", {"connection": "x.db"}, "either a table or a query"),
        ("database", {"connection": "x.db", "table": "t", "since": 3}, "since needs incremental"),
        ("http", {"url": "https://example.com", "since": 3}, "since needs since_param"),
        ("telepathy", {}, "no source called"),
    ],
)
def test_an_option_that_does_not_fit_is_named(kind: str, options: dict[str, object], why: str) -> None:
    with pytest.raises(UserError, match=why):
        source_of(kind, options)
