"""A conversation line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.ui.recorded import Recorded
from ui.render import JsonLines, Terminal
from ui.talk import from_json, from_person, talk
from workspace.errors import UserError


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "my rows.csv"
    path.write_text("text\n")
    return path


def test_a_path_after_an_at_sign_drops_a_file(csv: Path) -> None:
    message = from_person(f'Here are @"{csv}" some real ones')
    assert message.text == "Here are some real ones"
    assert message.files == (csv,)
    assert from_person(f'/file "{csv}"').files == (csv,)


@pytest.mark.parametrize("text", ["write to me@bank.com", "ask @everybody", "@ 9 o'clock", "50% /file of it"])
def test_an_at_sign_is_not_always_a_file(text: str) -> None:
    message = from_person(text)
    assert (message.text, message.files) == (text, ())


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UserError, match=r"no file nothing\.csv"):
        from_person("here @nothing.csv")


@pytest.mark.parametrize("line", ["hello", '"quoted"', "[1, 2]", "90"])
def test_a_line_that_is_no_object_is_plain_text(line: str) -> None:
    assert from_json(line).text == line


@pytest.mark.parametrize("line", ['{"txt": "a"}', '{"text": 5}', '{"text": "a"', '{"files": "a.csv"}', "{" * 100_000])
def test_an_object_of_another_shape_is_refused(line: str) -> None:
    with pytest.raises(UserError):
        from_json(line)


def test_with_json_each_message_is_answered_in_order(
    tmp_path: Path, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["how many failed?", "", '{"nonsense": 1}', json.dumps({"text": "", "files": [str(csv)]}), "fail"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    session, out = Recorded(tmp_path), io.StringIO()
    assert talk(session, JsonLines(out, out), "p", as_json=True) == 0
    types = [json.loads(line)["type"] for line in out.getvalue().splitlines()]
    assert types == ["say", "ask", "say", "failed", "table", "say", "ask", "failed"]
    assert session.said == [("how many failed?", []), ("", ["my rows.csv"]), ("fail", [])]


def test_a_person_is_told_how_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("bank messages\n"))
    assert talk(Recorded(tmp_path), Terminal("en"), "bank", as_json=False) == 0
    out = capsys.readouterr().out
    assert "Mask it" in out
    assert out.rstrip().endswith("tunesmith chat --project bank")
