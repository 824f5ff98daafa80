"""A file is judged as a stream: a line a row, in its order, with memory that does not grow with the rows."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.checking import Given, check, chosen
from agent.events import Event, File, Judged, Progress, Say
from tests.tools.sources.workbooks import workbook
from workspace.errors import UserError
from workspace.project import read_samples


def file_of(tmp_path: Path, *rows: dict[str, str] | str) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def events(tmp_path: Path, path: Path, **options: object) -> list[Event]:
    return list(check(tmp_path / "home", Given(path, offline=True, **options)))


def judged(tmp_path: Path, path: Path, **options: object) -> list[Judged]:
    return [event for event in events(tmp_path, path, **options) if isinstance(event, Judged)]


ROWS: tuple[dict[str, str], ...] = (
    {"question": "How long does a refund take?", "answer": "It takes three days."},
    {"question": "退货要付运费吗？", "answer": "不用付运费。"},
    {"question": "Where is the shop?", "answer": "It is in Lyon."},
)


class TestTheStream:
    def test_a_line_for_each_row_in_its_order_and_for_those_that_can_not_be_read(self, tmp_path: Path) -> None:
        rows = judged(tmp_path, file_of(tmp_path, ROWS[0], "{broken", ROWS[1], '{"question": "", "answer": "x"}'))
        assert [(row.row, row.kept) for row in rows] == [(0, True), (1, False), (2, True), (3, False)]
        assert rows[1].findings[0].check == "read"
        assert rows[1].findings[0].reason.startswith("line 2")

    def test_what_is_written_is_what_was_told(self, tmp_path: Path) -> None:
        out = tmp_path / "out" / "judged.jsonl"
        told = events(tmp_path, file_of(tmp_path, *ROWS, ROWS[0]), out=out)
        assert [row.id for row in read_samples(out)] == [e.id for e in told if isinstance(e, Judged)]
        assert [row.kept for row in read_samples(out)] == [True, True, True, False]
        assert any(isinstance(event, File) for event in told)

    def test_nothing_half_written_is_left_of_one_that_was_stopped(self, tmp_path: Path) -> None:
        out = tmp_path / "judged.jsonl"
        running = check(tmp_path / "home", Given(file_of(tmp_path, *ROWS), out=out, offline=True))
        next(event for event in running if isinstance(event, Judged))
        running.close()
        assert [path.name for path in tmp_path.iterdir() if "judged" in path.name or ".part" in path.name] == []

    def test_progress_ends_at_all(self, tmp_path: Path) -> None:
        told = [event for event in events(tmp_path, file_of(tmp_path, *ROWS)) if isinstance(event, Progress)]
        assert (told[-1].done, told[-1].total) == (3, 3)

    def test_memory_does_not_grow_with_the_rows(self, tmp_path: Path) -> None:
        def peak(count: int) -> tuple[int, int]:
            long = "and so on and on, " * 40
            rows = ({"question": f"Row {i}: {long}?", "answer": f"Number {i * 7919}. {long}"} for i in range(count))
            path = file_of(tmp_path, *rows)
            tracemalloc.start()
            for _ in check(tmp_path / "home", Given(path, offline=True, only=("form", "leak", "logic", "facts"))):
                pass
            top = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return top, path.stat().st_size

        peak(10)
        (few, small), (many, large) = peak(300), peak(1200)
        assert many - few < (large - small) / 4


class TestWhatIsAsked:
    def test_an_unknown_check_is_answered_with_the_known_ones(self) -> None:
        with pytest.raises(UserError) as caught:
            chosen(("facts", "vibes"))
        assert "vibes" in caught.value.problem.en
        assert "copies" in caught.value.fix.en
        assert "leak" in caught.value.fix.zh

    def test_only_what_is_named_looks(self, tmp_path: Path) -> None:
        path = file_of(tmp_path, ROWS[0], ROWS[0])
        assert [row.kept for row in judged(tmp_path, path, only=("form",))] == [True, True]
        assert [row.findings[0].check for row in judged(tmp_path, path, only=("copies",))[1:]] == ["copies"]

    def test_unasked_everything_that_a_file_is_enough_for(self) -> None:
        checks, whole = chosen(())
        assert whole == {"copies", "cells"}
        assert "label" not in {check.name for check in checks}
        assert {"form", "leak", "logic", "facts"} <= {check.name for check in checks}


def test_a_workbook_of_no_questions_is_a_table_and_one_of_broken_questions_is_not(tmp_path: Path) -> None:
    shops = workbook(tmp_path / "shops.xlsx", {"a": [["shop", "city"], ["Acme", "Lyon"]], "b": [["name"], ["Beta"]]})
    assert [row.kept for row in judged(tmp_path, shops)] == [True, True]
    asked = workbook(tmp_path / "asked.xlsx", {"a": [["question", "answer"], ["Where?", "Lyon"], ["", "Nice"]]})
    assert [row.kept for row in judged(tmp_path, asked)] == [True, False]


class TestCellsOfATable:
    @pytest.fixture
    def table(self, tmp_path: Path) -> Path:
        path = tmp_path / "shops.csv"
        lines = [f"{n},{'A' if n % 2 else 'B'},{'Lyon' if n % 2 else 'Metz'},{n * 7 % 50}" for n in range(40)]
        lines[10] = "10,B,Mets,20"
        path.write_text("\n".join(["no,shop,place,stock", *lines]), encoding="utf-8")
        return path

    def test_a_wrong_cell_is_pointed_at(self, tmp_path: Path, table: Path) -> None:
        rows = judged(tmp_path, table)
        assert [(row.row, f.check, f.column, f.claim) for row in rows for f in row.findings] == [
            (10, "cells", "place", "Mets")
        ]
        assert all(row.kept for row in rows)

    def test_columns_that_decide_others_may_be_said(self, tmp_path: Path, table: Path) -> None:
        rules = tmp_path / "rules.txt"
        rules.write_text("t1&t2&EQ(t1.shop,t2.shop)&IQ(t1.place,t2.place)\n", encoding="utf-8")
        (found,) = (f for row in judged(tmp_path, table, rules=rules) for f in row.findings)
        assert "Metz" in found.reason

    def test_a_column_that_is_not_there_is_said(self, tmp_path: Path, table: Path) -> None:
        rules = tmp_path / "rules.txt"
        rules.write_text("shop -> country\n", encoding="utf-8")
        with pytest.raises(UserError) as caught:
            judged(tmp_path, table, rules=rules)
        assert "country" in caught.value.problem.en


class TestCopies:
    def test_the_first_stays_and_a_row_that_failed_hides_no_good_one(self, tmp_path: Path) -> None:
        bad = {"question": "How long does a refund take?", "answer": "{{answer}}"}
        rows = judged(tmp_path, file_of(tmp_path, bad, bad, ROWS[0], ROWS[0], ROWS[1]))
        assert [row.kept for row in rows] == [False, False, True, False, True]

    def test_one_claim_against_two_texts_is_two_rows(self, tmp_path: Path) -> None:
        rows = [{**ROWS[0], "evidence": text} for text in ("Refunds take three days.", "Refunds take nine days.")]
        assert not any(f.check == "copies" for row in judged(tmp_path, file_of(tmp_path, *rows)) for f in row.findings)


class TestTheTest:
    def test_rows_of_the_files_own_test_must_not_be_among_the_others(self, tmp_path: Path) -> None:
        rows = [
            {**row, "split": split}
            for row, split in zip([*ROWS, ROWS[1]], ("train", "test", "test", "train"), strict=True)
        ]
        found = judged(tmp_path, file_of(tmp_path, *rows), only=("leak",))
        assert [row.kept for row in found] == [True, True, True, False]

    def test_nor_those_of_another_file(self, tmp_path: Path) -> None:
        path = file_of(tmp_path, *ROWS)
        test = tmp_path / "test.csv"
        test.write_text("question,answer\nhow long does a REFUND take,3 days\n", encoding="utf-8")
        assert [row.kept for row in judged(tmp_path, path, only=("leak",), test=test)] == [False, True, True]


class TestDocuments:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "knowledge"
        folder.mkdir()
        return folder

    def test_a_folder_without_any_is_refused(self, tmp_path: Path, folder: Path) -> None:
        (folder / "empty.md").write_text("\n", encoding="utf-8")
        with pytest.raises(UserError):
            judged(tmp_path, file_of(tmp_path, *ROWS), knowledge=folder)

    def test_one_that_is_no_text_is_named(self, tmp_path: Path, folder: Path) -> None:
        (folder / "policy.md").write_text("A refund takes three days.", encoding="utf-8")
        (folder / "photo.txt").write_bytes(bytes(range(256)) * 8)
        told = events(tmp_path, file_of(tmp_path, *ROWS), knowledge=folder)
        assert any("photo.txt" in event.text for event in told if isinstance(event, Say))
        (supported,) = [f for e in told if isinstance(e, Judged) for f in e.findings if f.verdict == "supported"]
        assert supported.evidence
        assert supported.evidence.document == "policy.md"

    def test_offline_nothing_is_fetched(self, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from workspace import weights

        def fetched(*_: object) -> Iterator[None]:
            raise AssertionError("it was fetched")

        monkeypatch.setenv("TUNESMITH_WEIGHTS", str(tmp_path))
        monkeypatch.setattr(weights, "_fetch", fetched)
        weights.settings.cache_clear()
        (folder / "policy.md").write_text("A refund takes three days.", encoding="utf-8")
        assert any(row.findings for row in judged(tmp_path, file_of(tmp_path, *ROWS), knowledge=folder))


class TestTables:
    LIST = "code,term,synonyms\nTS-1001,desk lamp,台灯\nTS-1002,kettle,电热水壶\n,pot,\n"

    def test_codes_are_looked_up_in_a_list_among_the_documents(self, tmp_path: Path) -> None:
        folder = tmp_path / "knowledge"
        folder.mkdir()
        (folder / "list.csv").write_text(self.LIST, encoding="utf-8")
        (folder / "other.csv").write_bytes(b"PK\x03\x04 no table")
        path = file_of(
            tmp_path,
            {"question": "What is TS-1001?", "answer": "TS-1001 is the kettle."},
            {"question": "What is it?", "answer": "It is TS-1002, the kettle."},
        )
        told = events(tmp_path, path, knowledge=folder, only=("terms",))
        wrong, right = (event for event in told if isinstance(event, Judged))
        assert (wrong.kept, right.kept) == (False, True)
        evidence = wrong.findings[0].evidence
        assert evidence
        assert (evidence.document, self.LIST[evidence.start : evidence.end]) == ("list.csv", evidence.quote)
        said = " ".join(event.text for event in told if isinstance(event, Say))
        assert "list.csv line 4: no code" in said
        assert "Not read as documents: other.csv." in said

    def test_a_column_of_its_codes_is_known_by_the_rows(self, tmp_path: Path) -> None:
        (tmp_path / "list.csv").write_text(self.LIST, encoding="utf-8")
        items = ["TS-1001", "TS-1002", "kettle", "台灯", "TS-1001", "teapot"]
        path = file_of(tmp_path, *({"question": f"{i}?", "answer": "Yes.", "item": x} for i, x in enumerate(items)))
        kept = [row.kept for row in judged(tmp_path, path, knowledge=tmp_path / "list.csv", only=("terms",))]
        assert kept == [True] * 5 + [False]


def test_a_document_of_another_program_is_quoted_by_its_place_in_the_text_that_is_kept(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    (knowledge / "policy.html").write_text("<nav>Home</nav><h1>Refunds</h1><p>A refund to the card takes 14 days.")
    (knowledge / "secret.pdf").write_bytes(b"%PDF-1.4 and no more")
    path = file_of(tmp_path, {"question": "How long?", "answer": "A refund to the card takes 30 days."})
    told = events(tmp_path, path, knowledge=knowledge, only=("facts",))
    (row,) = (event for event in told if isinstance(event, Judged))
    evidence = next(finding.evidence for finding in row.findings if finding.evidence)
    (text,) = (kept.read_text() for kept in (tmp_path / "home" / "projects" / "checks" / "texts").glob("*.txt"))
    assert (evidence.document, text[evidence.start : evidence.end]) == ("policy.html", evidence.quote)
    assert "Not read as documents: secret.pdf. secret.pdf is no PDF" in " ".join(
        event.text for event in told if isinstance(event, Say)
    )


def test_documents_that_disagree_are_both_quoted_before_any_row_is_judged(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge"
    for name, days in (("policy/refunds.md", 14), ("shop/refunds.md", 30)):
        (knowledge / name).parent.mkdir(parents=True)
        (knowledge / name).write_text(f"A refund to the customer's card takes {days} days. Parcels are blue.")
    rows = file_of(tmp_path, {"question": "How long?", "answer": "A refund to the card takes 14 days."})
    told = list(check(tmp_path / "home", Given(rows, knowledge, offline=True)))
    said = next(e.text for e in told if isinstance(e, Say))
    assert "policy/refunds.md" in said
    assert "14 days" in said
    assert "shop/refunds.md" in said
    assert "30 days" in said
    assert told.index(next(e for e in told if isinstance(e, Say))) < told.index(
        next(e for e in told if isinstance(e, Judged))
    )


@pytest.mark.parametrize(("question", "told"), [("退款要多久？", True), ("How long?", False)])
def test_rows_in_a_language_that_no_document_is_in_are_pointed_out(tmp_path: Path, question: str, told: bool) -> None:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    (knowledge / "refunds.md").write_text("A refund to the customer's card takes 14 days.")
    rows = file_of(tmp_path, {"question": question, "answer": "14"})
    said = [e.text for e in check(tmp_path / "home", Given(rows, knowledge, offline=True)) if isinstance(e, Say)]
    assert any("no document is" in text for text in said) == told
