"""A file is cleaned into a file of its own form; each row is there or among the refused, with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cleaning import Given, clean, steps_in
from agent.events import Event, File, Judged
from workspace.errors import UserError
from workspace.project import read_samples
from workspace.results import CleaningReport

PHONE, MAIL, CARD = "13812345678", "li.lei@example.com", "4111 1111 1111 1111"
ROWS = (
    {"instruction": "Translate", "input": "good  morning\u200b", "output": "早上好", "note": {"by": ["a", 1]}},
    {"instruction": "Say it", "input": "", "output": "Ã©tÃ© means summer", "note": None},
    {"instruction": "Say it", "input": "", "output": "Ã©tÃ© means summer", "note": None},
    {"instruction": f"我的电话是{PHONE}，怎么退货？", "input": "", "output": f"写信到 {MAIL}", "note": CARD},
    {"instruction": "Why?", "input": "", "output": "!!!", "note": None},
)


def file_of(tmp_path: Path, name: str = "rows.jsonl") -> Path:
    path = tmp_path / name
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    path.write_text("\n".join([*lines[:3], "{broken", *lines[3:]]), encoding="utf-8")
    return path


def cleaned(tmp_path: Path, path: Path, out: str = "clean.jsonl", **options: object) -> list[Event]:
    return list(clean(tmp_path / "home", Given(path, tmp_path / out, **options)))  # type: ignore[arg-type]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class TestAccounting:
    def test_each_row_is_in_one_of_the_two_files(self, tmp_path: Path) -> None:
        events = cleaned(tmp_path, file_of(tmp_path), report=tmp_path / "report.json")
        report = CleaningReport.model_validate_json((tmp_path / "report.json").read_bytes())
        refused = list(read_samples(tmp_path / "clean.refused.jsonl"))
        assert (report.rows_in, report.rows_out, report.balances) == (6, 3, True)
        assert report.refused == {"duplicates": 1, "read": 1, "quality": 1}
        assert [row.dropped_by.check for row in refused if row.dropped_by] == ["duplicates", "read", "quality"]
        assert [e.row for e in events if isinstance(e, Judged)] == [2, 3, 5]

    def test_the_form_of_the_file_stays(self, tmp_path: Path) -> None:
        cleaned(tmp_path, file_of(tmp_path))
        first, second, third = lines(tmp_path / "clean.jsonl")
        assert first == ROWS[0] | {"input": "good morning"}
        assert second == ROWS[1] | {"output": "été means summer"}
        assert third == ROWS[3]

    def test_a_table_without_questions_stays_a_table(self, tmp_path: Path) -> None:
        path = tmp_path / "shops.csv"
        path.write_text("shop,city,since\nＡcme,Lyon ,1999\n\u200bAcme,Lyon,1999\nBeta,Nice,2003\n", encoding="utf-8")
        cleaned(tmp_path, path, "clean.csv")
        text = (tmp_path / "clean.csv").read_text(encoding="utf-8-sig")
        assert text.splitlines()[:1] == ["shop,city,since"]
        assert "Beta,Nice,2003" in text
        assert "Lyon " not in text

    def test_nothing_is_refused_and_no_file_of_refused_rows_is_left(self, tmp_path: Path) -> None:
        path = tmp_path / "good.jsonl"
        path.write_text('{"question": "Where is it?", "answer": "In Lyon."}\n', encoding="utf-8")
        events = cleaned(tmp_path, path)
        assert not (tmp_path / "clean.refused.jsonl").exists()
        assert [Path(e.path).name for e in events if isinstance(e, File)] == ["clean.jsonl"]


class TestPersonalData:
    @pytest.mark.parametrize("way", ["mask", "hash", "generalise"])
    def test_none_is_left_in_any_file(self, way: str, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        cleaned(tmp_path, file_of(tmp_path), "out/clean.jsonl", personal=way, report=tmp_path / "out" / "report.json")
        written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir())
        assert [secret for secret in (PHONE, MAIL, CARD, "4111") if secret in written] == []

    def test_none_is_left_where_only_a_step_asks(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        steps = (("normalise", {}), ("mask", {"way": "hash"}), ("duplicates", {}))
        cleaned(tmp_path, file_of(tmp_path), "out/clean.jsonl", steps=steps, report=tmp_path / "out" / "report.json")
        written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir())
        assert [secret for secret in (PHONE, MAIL, CARD, "4111") if secret in written] == []

    def test_what_was_tidied_before_stays_tidied_and_its_first_text_is_hidden_too(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        head, row = "姓名,電話,備註", f"張偉,{PHONE},２０２４年３月５日到貨"
        path.write_text(f"{head}\n{row}\n{row}\n", encoding="utf-8")
        steps = (("normalise", {"script": "t2s"}), ("mask", {"way": "mask"}), ("duplicates", {}))
        cleaned(tmp_path, path, "out/people.csv", steps=steps)
        text = (tmp_path / "out" / "people.csv").read_text(encoding="utf-8-sig")
        assert "[NAME 张**]" in text
        assert "2024年3月5日到货" in text
        written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out").iterdir())
        assert [secret for secret in (PHONE, "張偉", "张伟") if secret in written] == []

    def test_it_stays_where_nobody_asked(self, tmp_path: Path) -> None:
        cleaned(tmp_path, file_of(tmp_path))
        assert PHONE in (tmp_path / "clean.jsonl").read_text(encoding="utf-8")


class TestSteps:
    def test_only_those_that_are_named_with_their_options(self, tmp_path: Path) -> None:
        steps = tmp_path / "steps.yaml"
        steps.write_text("- normalise: {case: lower}\n", encoding="utf-8")
        cleaned(tmp_path, file_of(tmp_path), steps=steps_in(steps))
        assert [line["output"] for line in lines(tmp_path / "clean.jsonl")][1:3] == ["été means summer"] * 2
        assert lines(tmp_path / "clean.jsonl")[0]["instruction"] == "translate"

    @pytest.mark.parametrize("text", ["normalise: 3", "- [a]", "- normalise: {case: loud}", "- sing", "a: [", "3"])
    def test_what_is_no_list_of_steps_is_refused(self, text: str, tmp_path: Path) -> None:
        steps = tmp_path / "steps.yaml"
        steps.write_text(text, encoding="utf-8")
        with pytest.raises(UserError):
            cleaned(tmp_path, file_of(tmp_path), steps=steps_in(steps))
        assert not (tmp_path / "clean.jsonl").exists()


@pytest.mark.parametrize("out", ["rows.jsonl", "clean.docx", "rows.jsonl/clean.csv"])
def test_a_place_that_can_not_be_written_to_is_refused(out: str, tmp_path: Path) -> None:
    path = file_of(tmp_path)
    before = path.read_bytes()
    with pytest.raises(UserError):
        cleaned(tmp_path, path, out)
    assert path.read_bytes() == before


def test_one_that_is_stopped_leaves_nothing_half_written(tmp_path: Path) -> None:
    running = clean(tmp_path / "home", Given(file_of(tmp_path), tmp_path / "clean.jsonl"))
    next(running)
    running.close()
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []
