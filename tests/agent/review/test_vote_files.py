"""Votes from a file count like those given here, once; the command tells how far people agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.events import Say, Table
from agent.review import vote_files
from agent.run import Run
from tests.ui.reviewed import TEXTS, built
from tests.ui.test_cli import tunesmith
from workspace.errors import UserError


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return built(tmp_path)


def lines(run: Run, **people: str) -> list[dict[str, str]]:
    words = {"a": "accept", "r": "reject", "u": "unsure"}
    ids = [row.id for row in run.rows_as_checked()]
    return [
        {"id": id, "reviewer": name, "verdict": words[letter]}
        for name, letters in people.items()
        for id, letter in zip(ids, letters, strict=False)
    ]


def file(run: Run, found: list[dict[str, str]]) -> Path:
    path = run.project.folder / "votes.jsonl"
    path.write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    return path


def home(run: Run) -> Path:
    return run.project.folder.parents[1]


def test_what_all_say_is_decided_and_the_same_file_again_changes_nothing(run: Run) -> None:
    given = lines(run, ann="aaaaaaar", bob="aaaaaaar", cy="aaaaaaar")
    for _ in range(2):
        events = list(vote_files.take(home(run), run.id, file(run, given)))
    assert [row.kept for row in run.rows()][:8] == [True] * 7 + [False]
    assert sum(map(len, run.decided.values())) == len(TEXTS)
    assert len(run.project.journal.answers(f"row of {run.id}")) == len(TEXTS)
    assert "24 votes of 3 people on 8 rows" in " ".join(e.text for e in events if isinstance(e, Say))
    assert any(isinstance(e, Table) and e.rows[0][1] == "100.0%" for e in events)


def test_a_file_that_was_mended_is_what_they_say(run: Run) -> None:
    list(vote_files.take(home(run), run.id, file(run, lines(run, ann="aaaaaaaa", bob="aaaaaaaa"))))
    list(vote_files.take(home(run), run.id, file(run, lines(run, ann="aaaaaaaa", bob="raaaaaaa"))))
    assert not run.decided[next(run.rows()).id]
    for _ in range(2):
        list(vote_files.take(home(run), run.id, file(run, lines(run, ann="raaaaaaa", bob="raaaaaaa"))))
    assert [row.kept for row in run.rows()][:8] == [False] + [True] * 7
    for letters in ("ra", "aa", "ar"):
        list(vote_files.take(home(run), run.id, file(run, lines(run, cy=letters))))
        assert [row.kept for row in run.rows()][:2] == [letter == "a" for letter in letters]


def test_one_reviewer_decides(run: Run) -> None:
    given = lines(run, ann="ra")
    given[1] |= {"verdict": "fix", "answer": "balance"}
    list(vote_files.take(home(run), run.id, file(run, given)))
    rows = list(run.rows())
    assert (rows[0].kept, rows[1].label) == (False, "balance")


@pytest.mark.parametrize("bad", [{"id": "0" * 12}, {"verdict": "maybe"}, {"reviewer": ""}])
def test_a_line_that_is_no_vote_is_named_and_nothing_is_kept(run: Run, bad: dict[str, str]) -> None:
    given = lines(run, ann="aaa")
    given[2] |= bad
    with pytest.raises(UserError, match="line 3"):
        list(vote_files.take(home(run), run.id, file(run, given)))
    assert not run.decided


def test_on_the_command_line(run: Run) -> None:
    given = file(run, lines(run, ann="aaaaaaaa", bob="aaaaaarr"))
    kept = tunesmith("review", run.id, "--votes", str(given), home=home(run))
    assert kept.returncode == 0, kept.stderr
    told = tunesmith("review", run.id, "--agreement", "--json", home=home(run))
    assert told.returncode == 0, told.stderr
    events = [json.loads(line) for line in told.stdout.splitlines()]
    table = next(event for event in events if event["type"] == "table")
    assert table["rows"][0][:2] == ["Same vote", "75.0%"]
    assert table["rows"][1][0] == "Cohen’s kappa"
    assert "2 rows" in next(event for event in events if event["type"] == "say")["text"]
