"""The command line as another program meets it: a process with arguments, streams and an exit code."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripted import Scripted
from ui.parser import build_parser


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
    contract = "chat serve run status rows check convert fetch versions compare passport audit train stop evaluate demo"
    assert [name for name in contract.split() if f"\n    {name} " not in text] == []


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


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--minutes", "0", "minutes above 0"), ("--minutes", "nan", "minutes above 0"), ("--gpus", "0", "whole number"),
     ("--learning-rate", "abc", "neither a number")],
)  # fmt: skip
def test_a_number_that_cannot_be_is_told_in_words(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        build_parser().parse_args(["train", "v1", option, value])
    assert said in capsys.readouterr().err


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


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("question,kind\nI lost my card,lost\nWhere is my card,arrival\n,arrival\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_check_prints_a_line_a_row_and_nothing_else(tmp_path: Path, rows: Path, json_too: tuple[str, ...]) -> None:
    options = ("--offline", "--map", "question=text", "--map", "kind=label", *json_too)
    answer = tunesmith("check", str(rows), *options, home=tmp_path)
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(line["row"], line["kept"]) for line in lines] == [(0, True), (1, True), (2, False)]
    assert all(list(line) == ["row", "id", "kept", "findings"] for line in lines)
    keys = ["check", "verdict", "reason", "claim", "column", "evidence", "confidence"]
    assert list(lines[2]["findings"][0]) == keys
    assert "3 rows in" in answer.stderr


def test_convert_writes_the_rows_that_can_be_read(tmp_path: Path, rows: Path) -> None:
    out = tmp_path / "rows.jsonl"
    with rows.open("a") as file:
        file.write("too,many,columns\n")
    options = ("--to", "prompt-completion", "--out", str(out), "--map", "question=text", "--map", "kind=label")
    answer = tunesmith("convert", str(rows), *options, home=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert [json.loads(line)["completion"] for line in out.read_text().splitlines()] == ["lost", "arrival", "arrival"]
    assert "4 rows in, 3 written, 1 refused" in answer.stdout


def test_a_conversation_on_a_pipe(home: Path, scripted: Scripted, tmp_path: Path) -> None:
    endpoint = {"OPENAI_BASE_URL": scripted.base_url, "OPENAI_API_KEY": scripted.key, "TUNESMITH_MODEL": scripted.model}
    given = "Sort what customers write to our shop into kinds.\nhow many failed?\n"
    answer = tunesmith("chat", "--json", "--project", "shop", home=tmp_path, given=given, **endpoint)
    assert answer.returncode == 0, answer.stderr
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    assert {"say", "ask", "table"} <= {event["type"] for event in events}
    again = tunesmith("chat", "--json", "--project", "shop", home=tmp_path, **endpoint)
    asked = [json.loads(line) for line in again.stdout.splitlines()][-1]
    assert asked == next(event for event in reversed(events) if event["type"] == "ask")


def test_ctrl_c_says_that_it_goes_on_later(tmp_path: Path) -> None:
    """A server that never answers, and a person who has waited long enough."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        environment = {**os.environ, "LC_ALL": "zh_CN.UTF-8", "TUNESMITH_HOME": str(tmp_path)}
        environment |= {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "k"}
        command = [sys.executable, "-m", "ui.cli", "chat", "--json"]
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdin
        assert process.stdout
        process.stdout.readline()  # it is open
        process.stdin.write("Sort what customers write to our shop into kinds.\n")
        process.stdin.flush()
        server.accept()  # it has asked the model
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "已停止" in errors
    assert "Traceback" not in errors


def test_no_users_no_network(tmp_path: Path) -> None:
    answer = tunesmith("serve", "chat", "--host", "0.0.0.0", home=tmp_path)
    assert answer.returncode == 1
    assert "tunesmith users add NAME" in answer.stderr


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
    answer = tunesmith("convert", str(blocked), "--to", "csv", "--out", str(tmp_path / "o.csv"), home=blocked)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Problem: ")
    assert "Traceback" not in answer.stderr


def test_what_went_wrong_inside_is_in_the_log_without_the_key(tmp_path: Path) -> None:
    (tmp_path / "projects").write_text("not a folder")
    secret = "sk-very-secret"
    answer = tunesmith("convert", secret, "--to", "csv", "--out", "o.csv", home=tmp_path, OPENAI_API_KEY=secret)
    assert answer.returncode == 1
    assert secret not in answer.stderr
    log = (tmp_path / "log" / "tunesmith.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert secret not in log
