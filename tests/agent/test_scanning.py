"""A scan says where personal data is and never what, and vouches only for what it could read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ui.cli import main

ROWS = [
    {"question": "打13812345678找刘洋", "answer": "好的"},
    {"question": "Where is my lamp?", "answer": "On its way."},
    {"question": "hi", "answer": "write to ann@example.com"},
]


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_says_where_and_never_what(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["scan", str(written(tmp_path / "rows.jsonl", ROWS)), "--json", "--home", str(home)])
    said = capfd.readouterr()
    events = [json.loads(line) for line in said.out.splitlines()]
    lines = [event for event in events if "row" in event]
    assert code == 1
    assert [line["row"] for line in lines] == [0, 2]
    assert [finding["claim"].split("_")[0] for finding in lines[0]["findings"]] == ["PHONE", "NAME"]
    assert lines[1]["findings"][0]["reason"].startswith("e-mail, turn 2")
    assert events[-1]["type"] == "failed"
    for raw in ("13812345678", "刘洋", "ann@"):
        assert raw not in said.out + said.err


def test_nothing_left_is_success(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["scan", str(written(tmp_path / "rows.jsonl", ROWS[1:2])), "--home", str(home)])
    assert code == 0
    assert "None found in 1 rows" in capfd.readouterr().out


def test_a_table_is_scanned_by_its_columns(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.csv"
    path.write_text("customer name,city,amount\nZork Blip,Paris,12\nn/a,Rome,7\n", encoding="utf-8")
    assert main(["scan", str(path), "--json", "--home", str(home)]) == 1
    (line, _) = capfd.readouterr().out.splitlines()
    (finding,) = json.loads(line)["findings"]
    assert (finding["column"], finding["claim"][:5]) == ("customer name", "NAME_")


def test_what_cannot_be_read_is_not_vouched_for(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "rows.jsonl", ROWS[1:2])
    path.write_text(path.read_text(encoding="utf-8") + '{"question": "cut\n', encoding="utf-8")
    assert main(["scan", str(path), "--home", str(home)]) == 1
    assert "1 rows could not be read" in capfd.readouterr().err
