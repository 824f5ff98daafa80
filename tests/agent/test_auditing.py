"""What was done can be read again, and nobody changes it unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from agent.auditing import audit
from agent.events import Table
from workspace.errors import UserError
from workspace.project import Project


@pytest.fixture
def home(tmp_path: Path) -> Path:
    journal = Project(tmp_path, "bank").journal
    journal.accept("o1", "build", "{}")
    journal.mark("o1", "done", "as asked")
    journal.receive("abc", "rows.csv")
    for n in range(4):
        journal.decide(f"row {n}", "keep it?", "yes" if n % 2 else "no")
    journal.close()
    return tmp_path


def tampered(home: Path, *statements: str) -> None:
    with sqlite3.connect(home / "projects" / "bank" / "journal.sqlite") as db:
        for statement in statements:
            db.execute(statement)


def test_who_when_what_and_why(home: Path) -> None:
    table, said = audit(home)
    assert isinstance(table, Table)
    number, when, who, what, about = table.rows[1]
    assert (number, what) == (2, "order done")
    assert str(when).startswith("20")
    assert who
    assert "as asked" in str(about)
    assert "7 lines, intact" in said.text


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (("UPDATE audit SET detail='{}' WHERE number=4",), "line 4"),
        (("DELETE FROM audit WHERE number=3",), "line 3"),
        (("UPDATE audit SET number=99 WHERE number=4", "UPDATE audit SET number=4 WHERE number=5"), "line 4"),
        (("DELETE FROM audit WHERE number>5",), "line 6"),
        (("DELETE FROM audit",), "line 1"),
        (("UPDATE decisions SET answer='no' WHERE id='row 1'",), "decision row 1"),
        (("DELETE FROM decisions WHERE id='row 2'",), "decision row 2"),
        (("INSERT INTO decisions VALUES('row 9', 'keep it?', 'yes', 1.0)",), "decision row 9"),
        (("UPDATE inbox SET name='other.csv'",), "upload abc"),
    ],
)
def test_what_was_changed_is_said(home: Path, statements: tuple[str, ...], told: str) -> None:
    tampered(home, *statements)
    with pytest.raises(UserError, match=told):
        list(audit(home, "bank"))


def test_lines_that_were_cut_off_stay_missed_whatever_is_written_later(home: Path) -> None:
    tampered(home, "DELETE FROM audit WHERE number>5")
    Project(home, "bank").journal.audit("more", {})
    with pytest.raises(UserError, match="line 6"):
        list(audit(home, "bank"))


def test_a_version_remembers_the_chain(home: Path) -> None:
    project = Project(home, "bank")
    project.place("versions", "abc", "audit.txt").write_text("1" * 64)
    with pytest.raises(UserError, match="before version abc"):
        list(audit(home))


def test_a_project_that_is_not_there(home: Path) -> None:
    with pytest.raises(UserError) as caught:
        list(audit(home, "shop"))
    assert "bank" in caught.value.fix.en
    assert not (home / "projects" / "shop").exists()
