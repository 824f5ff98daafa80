"""Every row of a person's file comes out, usable or with its reason; a file that can't be used says what to do."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from tests.contract.kits import kit
from tools.sources.documents import document
from tools.sources.files import Files, read_file, summary
from workspace.errors import UserError
from workspace.exact import strict_json
from workspace.project import Project, write_samples
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.stated import Stated

BANK = "text,label\nI lost my card,lost_card\nHow much is in it?,balance\n"


def read(path: Path, content: bytes | str, **mapping: str) -> list[Sample]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_file(path, path.name, mapping, Spec()))


def problem(path: Path, content: bytes | str, **mapping: str) -> UserError:
    with pytest.raises(UserError) as caught:
        read(path, content, **mapping)
    assert caught.value.problem.zh
    assert caught.value.fix.zh
    return caught.value


class TestShapes:
    def test_text_and_label(self, tmp_path: Path) -> None:
        first, second = read(tmp_path / "a.csv", BANK)
        assert (first.question, first.answer, first.label) == ("I lost my card", "lost_card", "lost_card")
        assert (first.origin.source, first.origin.file, first.origin.row) == ("files", "a.csv", 2)
        assert first.id != second.id

    @pytest.mark.parametrize(
        ("heads", "label"),
        [
            ("文本,意图", "挂失"),
            ("问题,类别", "挂失"),
            ("内容,标签", "挂失"),
            ("Message;Category", "挂失"),
            ("query\tintent", "挂失"),
        ],
    )
    def test_columns_under_their_usual_names(self, tmp_path: Path, heads: str, label: str) -> None:
        sign = next(s for s in ";\t," if s in heads)
        (row,) = read(tmp_path / "a.csv", f"{heads}\n卡丢了怎么办{sign}{label}\n")
        assert (row.question, row.label) == ("卡丢了怎么办", label)

    def test_columns_that_the_person_renames(self, tmp_path: Path) -> None:
        (row,) = read(tmp_path / "a.csv", "what,why,x\nlost it,card,7\n", what="text", why="label")
        assert (row.question, row.label, row.fields) == ("lost it", "card", {"x": "7"})

    def test_of_two_nameless_columns_the_one_with_few_values_is_the_label(self, tmp_path: Path) -> None:
        lines = [f"{'ab'[i % 2]}kind,message number {i}" for i in range(8)]
        rows = read(tmp_path / "a.csv", "\n".join(["kinds,words", *lines]))
        assert {row.label for row in rows} == {"akind", "bkind"}
        assert len(rows) == 8

    def test_a_first_line_that_is_a_row_is_one(self, tmp_path: Path) -> None:
        lines = [f"message number {i},{'ab'[i % 2]}kind" for i in range(8)]
        assert len(read(tmp_path / "a.csv", "\n".join(lines))) == 8

    def test_the_specifications_labels_tell_which_column_holds_them(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("words,what\nlost my card,lost_card\nsend money,transfer\n")
        (first, _) = read_file(path, "a.csv", {}, kit(tmp_path).spec)
        assert (first.question, first.label) == ("lost my card", "lost_card")

    def test_instruction_input_output(self, tmp_path: Path) -> None:
        text = '[{"instruction": "Translate", "input": "hello", "output": "你好", "history": [["hi", "yes?"]]}]'
        (row,) = read(tmp_path / "a.json", text)
        assert [m.content for m in row.messages] == ["hi", "yes?", "Translate\nhello", "你好"]
        assert row.label is None

    @pytest.mark.parametrize(
        "line",
        [
            '{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes?"}]}',
            '{"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}, '
            '{"role": "assistant", "content": "yes?"}]}',
            '{"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yes?"}]}',
            '{"prompt": "hi", "completion": "yes?"}',
            '{"prompt": [{"role": "user", "content": "hi"}], "completion": [{"role": "assistant", "content": "yes?"}]}',
            '{"question": "hi", "answer": "yes?", "category": "small talk"}',
        ],
    )
    def test_every_way_to_write_a_question_with_its_answer(self, tmp_path: Path, line: str) -> None:
        (row,) = read(tmp_path / "a.jsonl", line + "\n")
        assert (row.question, row.answer, row.label) == ("hi", "yes?", None)

    @pytest.mark.parametrize(
        "line",
        [
            '{"instruction": "a", "input": "", "output": "b", "text": "### a: b"}',
            '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "prompt": "a"}',
        ],
    )
    def test_a_column_that_says_it_all_again_is_only_a_field(self, tmp_path: Path, line: str) -> None:
        (row,) = read(tmp_path / "a.jsonl", line)
        assert [m.content for m in row.messages] == ["a", "b"]
        assert row.fields

    def test_for_a_classification_the_answer_is_the_label(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('{"instruction": "Sort", "input": "lost it", "output": " lost_card "}')
        (row,) = read_file(path, "a.jsonl", {}, kit(tmp_path).spec)
        assert (row.label, row.answer) == ("lost_card", "lost_card")

    def test_evidence_split_and_other_columns_are_kept(self, tmp_path: Path) -> None:
        (row,) = read(
            tmp_path / "a.jsonl", '{"question": "a", "answer": "b", "evidence": "c", "split": "dev", "n": 3, "x": [1]}'
        )
        assert (row.evidence, row.split, row.fields) == ("c", "validation", {"n": 3, "x": "[1]"})

    def test_a_frozen_file_of_ours_reads_as_it_was(self, tmp_path: Path) -> None:
        rows = [row.model_copy(update={"split": "test"}) for row in read(tmp_path / "a.csv", BANK)]
        write_samples(tmp_path / "data.jsonl", rows)
        assert list(read_file(tmp_path / "data.jsonl", "x", {}, Spec())) == rows

    def test_paths_are_the_projects_and_ids_do_not_depend_on_the_machine(self, tmp_path: Path) -> None:
        found = []
        for name in ("one", "two"):
            project = Project(tmp_path / name, "bank")
            (project.folder / "a.csv").write_text(BANK)
            found.append([row.id for row in Files(paths=("a.csv",)).read(kit(tmp_path / name))])
        assert found[0] == found[1]


class TestRefusedRows:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("one,two,three", "line 3: it has 3 columns, the header 2"),
            ("alone", "line 3: it has 1 of the header's 2"),
            (" ,lost_card", "line 3: the text is empty"),
            ("what now,", "line 3: there is no answer or label"),
            ('"never closed,lost_card', "line 3: the quotes in it don't match"),
            ('"he said "hi" twice",lost_card', "line 3: the quotes in it don't match"),
            ("x" * 100_001 + ",lost_card", "line 3: it is longer than 100000"),
        ],
    )
    def test_one_bad_line_costs_one_row(self, tmp_path: Path, line: str, reason: str) -> None:
        rows = read(tmp_path / "a.csv", f"text,label\nfine,lost_card\n{line}\nalso fine,balance\nand this,balance\n")
        assert len(rows) == 4
        (bad,) = [row for row in rows if not row.kept]
        assert bad.dropped_by.check == "read"
        assert bad.dropped_by.reason.startswith(reason)

    @pytest.mark.parametrize(
        "line",
        [
            b"{broken",
            b'{"text": NaN, "label": "a"}',
            b'{"text": "\\ud800", "label": "a"}',
            b'{"text": "\xff\xfe", "label": "a"}',
            b'["text", "label"]',
            b"7",
            b'{"text": "", "label": "a"}',
            b'{"text": "a"}',
            b'{"text": "a", "label": ["a", "b"]}',
            b'{"text": {"a": ' * 300 + b"1" + b"}" * 300 + b"}",
            b"[" * 100_000 + b"]" * 100_000,
        ],
        ids=lambda line: line[:24].decode("latin1"),
    )
    def test_one_bad_line_of_jsonl_costs_one_row(self, tmp_path: Path, line: bytes) -> None:
        good = '{"text": "丢了卡\u2028怎么办", "label": "挂失"}'.encode()
        rows = read(tmp_path / "a.jsonl", b"\n".join([good, line, good]))
        assert [row.kept for row in rows] == [True, False, True]
        assert rows[0].question == "丢了卡\u2028怎么办"
        assert rows[1].dropped_by.reason.startswith("line 2: ")

    @pytest.mark.parametrize(
        ("turns", "reason"),
        [
            ('[{"role": "user", "content": "hi"}]', "no answer"),
            ('[{"role": "assistant", "content": "hi"}]', "text is empty"),
            ('[{"role": "user", "content": "hi"}, {"role": "tool", "content": "3"}]', "neither"),
            ('[{"role": "user", "content": ""}, {"role": "assistant", "content": "3"}]', "empty"),
            ('[{"role": "user", "content": [{"type": "image"}]}, {"role": "assistant", "content": "3"}]', "else"),
            ('["hi", "yes?"]', "not an object"),
            ("[]", "empty"),
        ],
    )
    def test_turns_that_are_no_conversation(self, tmp_path: Path, turns: str, reason: str) -> None:
        (row,) = read(tmp_path / "a.jsonl", f'{{"messages": {turns}}}')
        assert not row.kept
        assert reason in row.dropped_by.reason

    def test_a_quote_that_is_never_closed_costs_one_row_of_many(self, tmp_path: Path) -> None:
        lines = [f"message {i} {'word ' * 40},k{i % 4}" for i in range(4000)]
        rows = read(tmp_path / "a.csv", "\n".join(["text,label", '"' + lines[0], *lines[1:]]))
        assert [row.kept for row in rows] == [False] + [True] * (len(lines) - 1)

    def test_a_file_of_bad_lines_alone_is_read_all_the_same(self, tmp_path: Path) -> None:
        rows = read(tmp_path / "a.csv", 'text,label\n"one,a\n"two,b\n"three,c\n')
        assert [row.kept for row in rows] == [False] * 3

    def test_plain_lines_have_no_answer(self, tmp_path: Path) -> None:
        rows = read(tmp_path / "a.txt", "lost my card\n\nhow much?\n")
        assert [row.question for row in rows] == ["lost my card", "how much?"]
        assert all("no answer" in row.dropped_by.reason for row in rows)

    def test_a_refused_row_can_be_stored(self, tmp_path: Path) -> None:
        rows = read(tmp_path / "a.csv", b"text,label\n\xff\xfe broken,a\n" + "好的,a\n谢谢,a\n再见,a\n".encode())
        assert [row.kept for row in rows] == [False, True, True, True]
        write_samples(tmp_path / "out.jsonl", rows)


class TestEncodings:
    TEXT = "text,label\n我的银行卡丢了怎么办,挂失\n余额还有多少,查询\n"

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "utf-32"]
    )
    def test_chinese(self, tmp_path: Path, encoding: str) -> None:
        rows = read(tmp_path / "a.csv", self.TEXT.encode(encoding))
        assert [(row.question, row.label) for row in rows] == [
            ("我的银行卡丢了怎么办", "挂失"),
            ("余额还有多少", "查询"),
        ]

    def test_traditional_chinese(self, tmp_path: Path) -> None:
        (row,) = read(tmp_path / "a.csv", "text,label\n我的銀行卡遺失了怎麼辦,掛失\n".encode("big5"))
        assert row.question == "我的銀行卡遺失了怎麼辦"

    def test_western(self, tmp_path: Path) -> None:
        (row,) = read(tmp_path / "a.csv", "text,label\nWhere is the café’s résumé?,ask\n".encode("cp1252"))
        assert row.question == "Where is the café’s résumé?"

    def test_a_document_in_any_of_them(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.md"
        for encoding in ("utf-8", "gb18030", "utf-16"):
            path.write_bytes("# 退款规定\r\n七天内可以退款。\n".encode(encoding))
            assert document(path) == "# 退款规定\n七天内可以退款。\n"


class TestTables:
    @pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
    def test_separators(self, tmp_path: Path, sign: str) -> None:
        (row,) = read(
            tmp_path / "a.csv", f'text{sign}label\n"well{sign} I lost ""it"", really\nor not"{sign}lost_card\n'
        )
        assert (row.question, row.label) == (f'well{sign} I lost "it", really\nor not', "lost_card")

    def test_commas_in_texts_do_not_hide_a_semicolon(self, tmp_path: Path) -> None:
        rows = read(tmp_path / "a.csv", "text;label\nwell, I, er, lost it;lost_card\nyes, please;ok\n")
        assert [row.label for row in rows] == ["lost_card", "ok"]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, tmp_path: Path, end: str) -> None:
        assert [row.label for row in read(tmp_path / "a.csv", BANK.replace("\n", end))] == ["lost_card", "balance"]

    def test_quotes_with_a_backslash(self, tmp_path: Path) -> None:
        (row,) = read(tmp_path / "a.csv", 'text,label\n"he said \\"hi\\", twice",talk\n')
        assert row.question == 'he said "hi", twice'

    def test_nothing_at_the_end_of_a_line_is_no_cell(self, tmp_path: Path) -> None:
        assert read(tmp_path / "a.csv", "text,label\nlost it,card,,\n\n")[0].label == "card"

    def test_a_null_byte_costs_nothing(self, tmp_path: Path) -> None:
        assert len(read(tmp_path / "a.csv", b"text,label\nlost\0 it,card\n")) == 1


class TestWholeFiles:
    @pytest.mark.parametrize(
        ("name", "content", "word"),
        [
            ("a.csv", b"", "empty"),
            ("a.csv", b" \n\n", "empty"),
            ("a.csv", b"text,label\n", "no rows"),
            ("a.jsonl", b"\n \n", "empty"),
            ("a.json", b"[]", "is JSON, but holds no rows"),
            ("a.json", b"{}", "is JSON, but holds no rows"),
            ("a.json", b"42", "is JSON, but holds no rows"),
            ("a.json", b"[1, 2", "not JSON"),
            ("a.json", b'[{"text": NaN}]', "not JSON"),
            ("a.csv", b"%PDF-1.7 ...", "PDF"),
            ("a.csv", b"PK\x03\x04....", "Excel"),
            ("a.csv", b"\xd0\xcf\x11\xe0....", "Excel"),
            ("a.csv", b"\x89PNG....", "picture"),
            ("a.csv", b"\x7fELF....", "program"),
            ("a.csv", random.Random(1).randbytes(5000), "no text"),
            ("a.xlsx", b"PK\x03\x04....", "Excel"),
            ("a.docx", b"hello", ".docx"),
            ("a.csv", b"id,name\n1,x\n2,y\n", "id, name"),
        ],
    )
    def test_a_file_that_can_not_be_used(self, tmp_path: Path, name: str, content: bytes, word: str) -> None:
        assert word in problem(tmp_path / name, content).problem.en

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UserError):
            list(read_file(tmp_path / "no.csv", "no.csv", {}, Spec()))

    def test_a_mapping_of_columns_that_are_not_there(self, tmp_path: Path) -> None:
        assert "text, label" in problem(tmp_path / "a.csv", BANK, nothing="text").fix.en
        assert "vibe" in problem(tmp_path / "a.csv", BANK, text="vibe").problem.en

    def test_jsonl_under_the_name_of_json(self, tmp_path: Path) -> None:
        assert len(read(tmp_path / "a.json", '{"text": "a", "label": "b"}\n{"text": "c", "label": "b"}\n')) == 2

    def test_rows_inside_an_object(self, tmp_path: Path) -> None:
        assert len(read(tmp_path / "a.json", '{"version": 1, "data": [{"text": "a", "label": "b"}]}')) == 1


class TestSummary:
    def test_examples(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(BANK + "余额多少,balance\nbroken\n", encoding="utf-8")
        found = summary(path)
        assert (found.kind, found.rows, found.refused, found.columns) == ("examples", 4, 1, ("text", "label"))
        assert found.labels == {"lost_card": 1, "balance": 2}
        assert set(found.languages) == {"en", "zh"}
        assert "line 5" in found.warnings[0].en
        assert "lost_card" in found.warnings[1].zh

    def test_one_label_only(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("text,label\na,x\nb,x\n")
        assert "nothing to tell apart" in summary(path).warnings[0].en

    def test_a_document(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.txt"
        path.write_text("退款要在七天之内。", encoding="utf-8")
        assert (summary(path).kind, summary(path).languages) == ("document", ("zh",))


class TestSharedData:
    def test_whatever_lies_there_is_read_or_refused_in_words(self, shared: Path) -> None:
        names = ("dirty_files", "bad_json", "naughty_strings", "llamafactory_demo", "dirty_hospital", "banking77")
        paths = [path for name in names for path in (shared / name).rglob("*") if path.is_file()]
        assert len(paths) > 400
        for path in paths:
            with suppress(UserError):
                assert all(row.kept or row.dropped_by.reason for row in read_file(path, path.name, {}, Spec()))

    def test_json_is_what_the_standard_says(self, shared: Path) -> None:
        for path in (shared / "bad_json").glob("[ny]_*.json"):
            try:
                strict_json(path.read_bytes().decode())
                accepted = True
            except ValueError:
                accepted = False
            assert accepted == path.name.startswith("y"), path.name

    def test_naughty_strings_come_back_as_they_are(self, shared: Path, tmp_path: Path) -> None:
        import orjson

        strings = [s for s in orjson.loads((shared / "naughty_strings" / "blns.json").read_bytes()) if s.strip()]
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"\n".join(orjson.dumps({"text": s, "label": "x"}) for s in strings))
        assert [row.question for row in read_file(path, "a", {}, Spec())] == strings

    def test_bank_messages(self, shared: Path) -> None:
        path = next((shared / "banking77").glob("*test*.csv"))
        found = summary(path)
        assert (found.rows, found.refused, len(found.labels)) == (3080, 0, 77)


def test_rows_of_an_unread_specification_field(tmp_path: Path) -> None:
    """A question-answering row keeps its category as a field: it is no label there."""
    path = tmp_path / "a.csv"
    path.write_text("question,answer,category\na,b,c\n")
    spec = Spec().with_value("task", Stated(value="question-answering", source="default"))
    (row,) = read_file(path, "a", {}, spec)
    assert (row.label, row.fields) == (None, {"category": "c"})
