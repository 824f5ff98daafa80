"""Hard text: names below titles, no names at all, other dialects, encodings, cells without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.sources.test_tables import rows_of
from tools.sources.decoding import LONGEST_LINE
from tools.sources.files import summary
from tools.sources.jsons import LARGEST_JSON
from tools.sources.reading import read_as
from workspace.errors import UserError
from workspace.exact import json_text, strict_json


def fields(path: Path, content: str | bytes) -> list[dict[str, object]]:
    return [dict(row.fields) for row in rows_of(path, content) if row.kept]


def reasons(path: Path, content: str | bytes) -> list[str]:
    return [row.dropped_by.reason for row in rows_of(path, content) if row.dropped_by]


class TestColumnNames:
    TABLE = "city,beds,open\nRome,12,yes\nOslo,7,no\n"
    ROWS = [{"city": "Rome", "beds": "12", "open": "yes"}, {"city": "Oslo", "beds": "7", "open": "no"}]

    @pytest.mark.parametrize(
        ("above", "refused"),
        [("", 0), ("\n\n", 0), ("Hospitals of 2024\n", 1), ("# made by hand\n# twice\n", 2), ("Hospitals,,\n,,\n", 1)],
    )
    def test_below_titles_comments_and_blank_lines(self, tmp_path: Path, above: str, refused: int) -> None:
        assert fields(tmp_path / "a.csv", above + self.TABLE) == self.ROWS
        assert len(reasons(tmp_path / "a.csv", above + self.TABLE)) == refused
        assert all("above the column names" in reason for reason in reasons(tmp_path / "a.csv", above + self.TABLE))

    def test_below_a_title_with_another_separator(self, tmp_path: Path) -> None:
        assert fields(tmp_path / "a.csv", "Hospitals\n" + self.TABLE.replace(",", ";")) == self.ROWS

    @pytest.mark.parametrize("table", ["1,Rome,2.5\n2,Oslo,3.5\n", "1,Rome,2.5\n", "2024-01-02,a,1\n2024-01-03,b,2\n"])
    def test_none_at_all(self, tmp_path: Path, table: str) -> None:
        found = fields(tmp_path / "a.csv", table)
        assert len(found) == table.count("\n")
        assert list(found[0]) == ["column 1", "column 2", "column 3"]

    @pytest.mark.parametrize(
        "table",
        [
            "state,2023,2024\nTexas,1,2\n",
            "id,1,2\nname,x,y\n",
            "a,100,200\nb,TRUE,FALSE\n",
            "n\n1\n",
            "城市,数量\n北京,1\n",
        ],
    )
    def test_numbers_may_be_names(self, tmp_path: Path, table: str) -> None:
        assert len(fields(tmp_path / "a.csv", table)) == table.count("\n") - 1

    def test_missing_and_twice(self, tmp_path: Path) -> None:
        assert fields(tmp_path / "a.csv", "id,,id,x,,\n7,a,b,c,,\n") == [
            {"id": "7", "column 2": "a", "id 3": "b", "x": "c"}
        ]

    def test_two_hundred_columns(self, tmp_path: Path) -> None:
        table = ",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("x" * 200) + "\n"
        assert len(fields(tmp_path / "a.csv", table)[0]) == 200


class TestCells:
    def test_a_space_at_the_beginning_is_kept_where_it_is_no_habit(self, tmp_path: Path) -> None:
        assert fields(tmp_path / "a.csv", "a,b\nx, y\n") == [{"a": "x", "b": " y"}]
        assert fields(tmp_path / "a.csv", "a, b\nx, y\n") == [{"a": "x", "b": "y"}]

    @pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt"])
    def test_one_without_end_costs_one_row(self, tmp_path: Path, name: str) -> None:
        long = "x" * (2 * LONGEST_LINE + 5)
        lines = {
            "a.csv": ["a,b", "1,x", f"2,{long}", f'"{long}', "3,y"],
            "a.jsonl": ['{"a": 1}', f'{{"a": "{long}"}}', '{"a": "' + long, '{"a": 2}'],
            "a.txt": ["one", long, long, "two"],
        }[name]
        rows = rows_of(tmp_path / name, "\n".join(lines))
        assert [row.kept for row in rows] == [True, False, False, True]
        assert all("longer than" in row.dropped_by.reason for row in rows[1:3])

    def test_nul_and_line_separators_are_kept(self, tmp_path: Path) -> None:
        assert fields(tmp_path / "a.csv", "a,b\nx\0y,p\u2028q\n") == [{"a": "x\0y", "b": "p\u2028q"}]


class TestOtherForms:
    def test_text_cut_alike_is_a_table(self, tmp_path: Path) -> None:
        for sign in "\t|":
            table = f"city{sign}beds\nRome{sign}12\nOslo{sign}7\n"
            assert fields(tmp_path / "a.txt", table) == [{"city": "Rome", "beds": "12"}, {"city": "Oslo", "beds": "7"}]

    def test_columns_set_in_spaces(self, tmp_path: Path) -> None:
        table = "city      beds  open\nRome        12  yes\nOslo         7  no\nNew York   110  no\n"
        assert fields(tmp_path / "a.txt", table) == [
            {"city": "Rome", "beds": "12", "open": "yes"},
            {"city": "Oslo", "beds": "7", "open": "no"},
            {"city": "New York", "beds": "110", "open": "no"},
        ]

    def test_prose_is_prose(self, tmp_path: Path) -> None:
        text = "Dear all,\nwe open at nine, and close, as ever, at five.\n\nThe beds, 12 of them, are new.\nBye\n"
        assert [row.question for row in rows_of(tmp_path / "a.txt", text)] == [
            line for line in text.split("\n") if line
        ]

    def test_lists_of_cells_in_json(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        assert fields(path, '[["id", "city"], [1, "Rome"], [2, "Oslo"]]') == [
            {"id": 1, "city": "Rome"},
            {"id": 2, "city": "Oslo"},
        ]
        assert "1 of the header's 2" in reasons(path, '[["id", "city"], [1, "Rome"], [2]]')[0]

    def test_geojson(self, tmp_path: Path) -> None:
        text = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}}]}'
        assert fields(tmp_path / "a.geojson", text) == [{"type": "Feature", "properties": '{"a":1}'}]

    @pytest.mark.parametrize(
        "text",
        [
            '{"meta": {"n": 2}, "data": {"items": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}}',
            '{"a": [1, 2], "b": ["x", "y"]}',
        ],
    )
    def test_rows_that_are_wrapped_or_written_by_column(self, tmp_path: Path, text: str) -> None:
        assert fields(tmp_path / "a.json", text) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]

    def test_a_table_without_a_kind_in_its_name(self, tmp_path: Path) -> None:
        for name in ("a", "a.dat"):
            assert fields(tmp_path / name, "a\tb\n1\t2\n") == [{"a": "1", "b": "2"}]
        with pytest.raises(UserError, match="LICENSE"):
            rows_of(tmp_path / "LICENSE", "Do what you want.\nBut do it well.\n")

    def test_json_under_other_names(self, tmp_path: Path) -> None:
        for name in ("a.csv", "a.xlsx"):
            assert fields(tmp_path / name, '[{"a": 1}, {"b": 2}]') == [{"a": 1}, {"b": 2}]
        assert fields(tmp_path / "b.csv", '{"a": 1}\n{"b": 2}\n') == [{"a": 1}, {"b": 2}]

    def test_text_under_the_name_of_a_workbook(self, tmp_path: Path) -> None:
        for name in ("a.xlsx", "a.xls", "a.parquet"):
            assert fields(tmp_path / name, "city,beds\nRome,12\n") == [{"city": "Rome", "beds": "12"}]

    def test_lines_that_only_carriage_returns_end(self, tmp_path: Path) -> None:
        assert fields(tmp_path / "a.jsonl", '{"a": 1}\r{"a": 2}\r') == [{"a": 1}, {"a": 2}]

    def test_a_long_list_is_read_row_by_row(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tools.sources.jsons.LARGEST_JSON", 10)
        assert LARGEST_JSON > 10
        rows = ",\n ".join(f'{{"n": {n}, "s": "]}},["}}' for n in range(3000))
        assert len(fields(tmp_path / "a.json", f" [{rows} ] \n")) == 3000
        assert len(fields(tmp_path / "a.json", f"[{rows}, {{nonsense")) == 3000
        assert "not JSON from here" in reasons(tmp_path / "a.json", f"[{rows}, {{nonsense")[0]
        assert "not closed" in reasons(tmp_path / "a.json", f"[{rows}")[0]
        with pytest.raises(UserError, match="holds no rows"):
            rows_of(tmp_path / "a.json", "[             ]")

    def test_whole_numbers_of_any_length(self) -> None:
        assert strict_json("[123456789012345678901234567890]") == [123456789012345678901234567890]
        assert json_text({"n": 10**30}) == '{"n":1000000000000000000000000000000}'
        with pytest.raises(ValueError, match="unexpected"):
            strict_json("[NaN, 12345678901234567890123]")


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("koi8-r", "номер,имя,город\n1,Павел,Москва\n2,Иван,Петербург\n3,Ольга,Казань\n"),
            ("cp1251", "номер,имя,город\n1,Павел,Москва\n2,Иван,Петербург\n3,Ольга,Казань\n"),
            ("shift_jis", "番号,質問\n1,カードをなくしました\n2,残高はいくらですか\n"),
            ("euc_jp", "番号,質問\n1,カードをなくしました\n2,残高はいくらですか\n"),
            ("euc_kr", "번호,질문\n1,카드를 잃어버렸어요\n2,잔액이 얼마예요\n"),
            ("latin-1", "no,nom\n1,Café Zürich\n2,Málaga\n"),
        ],
    )
    def test_of_the_world(self, tmp_path: Path, encoding: str, text: str) -> None:
        first = fields(tmp_path / "a.csv", text.encode(encoding))[0]
        assert list(first.values()) == text.split("\n")[1].split(",")

    def test_what_was_found_is_said_and_how_sure(self, tmp_path: Path) -> None:
        table = "text,label\n我的银行卡丢了怎么办,挂失\n余额还有多少,查询\n"
        for encoding, name, sure in (("utf-8", "utf-8", 1.0), ("utf-16", "utf-16", 1.0), ("gbk", "gb18030", 0.6)):
            path = tmp_path / "a.csv"
            path.write_bytes(table.encode(encoding))
            found = read_as(path)
            assert found is not None
            assert found.name == name
            assert sure <= found.sure <= 1
            assert summary(path).encoding == found
        assert read_as(tmp_path) is None
