"""A file held against nothing is told its grade beside the findings, whose lines stay what they were."""

from __future__ import annotations

import json
from pathlib import Path

from agent.checking import Given, check
from agent.events import File, Judged, Say
from tests.tools.health.test_report import clean_rows
from tests.ui.test_cli import tunesmith
from workspace.words import Language


def file_of(tmp_path: Path) -> Path:
    path = tmp_path / "my rows.jsonl"
    rows = [*clean_rows(), *clean_rows()[:40]]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def said(tmp_path: Path, language: Language = "en", **options: object) -> list[str]:
    given = Given(file_of(tmp_path), offline=True, **options)  # type: ignore[arg-type]
    return [event.text for event in check(tmp_path / "home", given, language) if isinstance(event, Say)]


def test_the_grade_and_what_to_do_first_are_said(tmp_path: Path) -> None:
    told = said(tmp_path)[-1]
    assert told.startswith("**Health: ")
    assert "Copies (40 rows)" in told
    assert "tunesmith clean '" in told  # a name with a space is quoted
    assert 3 <= len([line for line in told.splitlines() if line]) <= 8
    assert said(tmp_path, "zh")[-1].startswith("**体检等级")


def test_only_where_it_is_the_question(tmp_path: Path) -> None:
    assert not any("Health" in text for text in said(tmp_path, only=("form",)))
    assert any("Health" in text for text in said(tmp_path, only=("form",), report=tmp_path / "r.html"))


def test_what_was_not_looked_for_is_said_and_costs_nothing(tmp_path: Path) -> None:
    said(tmp_path, only=("form",), report=tmp_path / "r.html")
    report = json.loads((tmp_path / "r.json").read_bytes())
    assert set(report["not_looked_at"]) == {"near_copies", "leak", "two_answers", "odd_cells"}


def test_the_lines_on_stdout_are_the_same_with_and_without_a_report(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    plain = tunesmith("check", str(path), "--offline", home=tmp_path)
    told = tunesmith("check", str(path), "--offline", "--report", str(tmp_path / "page.html"), home=tmp_path)
    assert plain.returncode == told.returncode == 0
    assert plain.stdout == told.stdout
    assert len(plain.stdout.splitlines()) == 280
    assert set(json.loads(plain.stdout.splitlines()[0])) == {"row", "id", "kept", "findings"}
    assert "Health" in plain.stderr
    assert (tmp_path / "page.html").stat().st_size > 5000
    assert json.loads((tmp_path / "page.json").read_bytes())["size"]["rows"] == 280


def test_a_table_is_looked_at_and_none_of_its_rows_is_blamed_for_asking_nothing(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "item,price,weight\n" + "".join(f"thing {i},{i % 9},{i % 7}\n" for i in range(50)), encoding="utf-8"
    )
    events = list(check(tmp_path / "home", Given(path, offline=True, report=tmp_path / "r.html")))
    assert all(event.kept for event in events if isinstance(event, Judged))
    assert [Path(event.path).suffix for event in events if isinstance(event, File)] == [".html", ".json"]
    assert "--map theirs=question" in next(e.text for e in reversed(events) if isinstance(e, Say))
