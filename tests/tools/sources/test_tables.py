"""Of any table every row comes out: what has no question and answer as fields, where that is asked for."""

from __future__ import annotations

from pathlib import Path

from tools.sources.files import read_file
from workspace.sample import Sample
from workspace.spec import Spec


def rows_of(path: Path, content: str | bytes = "") -> list[Sample]:
    if content:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_file(path, path.name, {}, Spec(), tables=True))


class TestRows:
    def test_all_columns_are_fields(self, tmp_path: Path) -> None:
        first, second = rows_of(tmp_path / "a.csv", "name,beds\nSt. Mary,120\nSt. Mary,120\n")
        assert (first.messages, first.fields) == ((), {"name": "St. Mary", "beds": "120"})
        assert first.kept
        assert first.id != second.id

    def test_values_keep_their_types(self, tmp_path: Path) -> None:
        (row,) = rows_of(tmp_path / "a.jsonl", '{"n": 1, "x": 1.0, "b": true, "no": null, "s": "1", "l": [1]}')
        assert row.fields == {"n": 1, "x": 1.0, "b": True, "no": None, "s": "1", "l": "[1]"}
        assert isinstance(row.fields["x"], float)

    def test_a_text_alone_is_said_by_the_user(self, tmp_path: Path) -> None:
        rows = rows_of(tmp_path / "a.txt", "lost my card\n\nhow much?\n")
        assert [[(m.role, m.content) for m in row.messages] for row in rows] == [
            [("user", "lost my card")],
            [("user", "how much?")],
        ]
        assert all(row.kept for row in rows)

    def test_what_has_a_question_is_read_as_ever_and_an_answer_may_lack(self, tmp_path: Path) -> None:
        first, second = rows_of(tmp_path / "a.csv", "text,label,n\nlost it,card,1\nno label,,2\n")
        assert (first.question, first.label, first.fields) == ("lost it", "card", {"n": "1"})
        assert (second.question, second.answer, second.kept) == ("no label", "", True)

    def test_each_row_is_read_by_its_own_columns(self, tmp_path: Path) -> None:
        lines = ['{"question": "a", "answer": "b"}', '{"prompt": "c", "completion": "d"}', '{"city": "Rome"}']
        first, second, third = rows_of(tmp_path / "a.jsonl", "\n".join(lines))
        assert [(row.question, row.answer) for row in (first, second)] == [("a", "b"), ("c", "d")]
        assert third.fields == {"city": "Rome"}

    def test_what_can_not_be_a_row_says_why(self, tmp_path: Path) -> None:
        rows = rows_of(tmp_path / "a.csv", "name,beds\nSt. Mary\n,\n" + '"open,1\nSt. John,5\n')
        assert [row.dropped_by and row.dropped_by.reason.split(":")[1][:20] for row in rows] == [
            " it has 1 of the hea",
            " the row is empty",
            " the quotes in it do",
            None,
        ]
