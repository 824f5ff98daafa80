"""The command line as another program meets it: a process with arguments, streams and an exit code."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest


def tunesmith(*arguments: str, home: Path, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "TUNESMITH", "OPENAI"))}
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**plain, "LANG": "en_US.UTF-8", "TUNESMITH_HOME": str(home), **environment},
        cwd=Path(__file__).parents[2],
    )


def test_help_takes_half_a_second_at_most(tmp_path: Path) -> None:
    """Processor time: on a busy machine the clock on the wall measures the others."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert tunesmith("--help", home=tmp_path).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(spent) < 0.5


def test_every_command_of_the_contract_is_there(tmp_path: Path) -> None:
    text = tunesmith("--help", home=tmp_path).stdout
    contract = "chat serve run status rows check convert versions compare passport train evaluate demo".split()
    assert [name for name in contract if f"\n    {name} " not in text] == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("run",),
        ("nonsense",),
        ("convert", "a.csv", "--to", "docx", "--out", "b"),
        ("serve", "fax"),
        ("--js", "status"),
        ("status", "--hom", "x"),
    ],
)
def test_wrong_usage_is_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = tunesmith(*arguments, home=tmp_path)
    assert answer.returncode == 2
    assert "usage: tunesmith" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("order", [("--json", "status"), ("status", "--json")])
def test_json_and_home_count_before_and_after_the_command(tmp_path: Path, order: tuple[str, ...]) -> None:
    for place in (("--home", str(tmp_path / "a"), *order), (*order, "--home", str(tmp_path / "b"))):
        answer = tunesmith(*place, home=tmp_path / "unused")
        assert answer.returncode == 0, answer.stderr
        assert [json.loads(line)["type"] for line in answer.stdout.splitlines()] == ["table"]
    assert (tmp_path / "a" / "log" / "tunesmith.log").exists()
    assert (tmp_path / "b" / "log" / "tunesmith.log").exists()
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize(
    ("language", "problem", "fix"),
    [("en_GB.UTF-8", "Problem: There is no run", "What to do: "), ("zh_CN.UTF-8", "问题: 还没有", "怎么办: ")],
)
def test_an_error_is_problem_and_fix_in_the_persons_language(
    tmp_path: Path, language: str, problem: str, fix: str
) -> None:
    answer = tunesmith("rows", "nothing", home=tmp_path, LC_ALL=language)
    assert answer.returncode == 1
    assert problem.replace("还没有", "没有运行") in answer.stderr or problem in answer.stderr
    assert fix in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_no_password_no_network(tmp_path: Path) -> None:
    answer = tunesmith("serve", "chat", "--host", "0.0.0.0", home=tmp_path)
    assert answer.returncode == 1
    assert "TUNESMITH_PASSWORD" in answer.stderr


def test_a_column_must_be_renamed_to_something(tmp_path: Path) -> None:
    answer = tunesmith("convert", "a.csv", "--to", "csv", "--out", "b.csv", "--map", "theirs", home=tmp_path)
    assert answer.returncode == 1
    assert "--map theirs=ours" in answer.stderr


def test_a_reader_who_leaves_is_no_error(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m ui.cli status --json --home "{tmp_path}" 2>err | true; cat err'
    answer = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert answer.stdout == ""


def test_a_home_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here")
    answer = tunesmith("versions", home=blocked)
    assert "Traceback" not in answer.stderr
