"""Personal data goes as the specification asks, wherever in a row it stands, and the same goes the same way twice."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.base import Kit
from tools.edits.mask import Mask, masked
from tools.exports.originals import own
from tools.sources.files import Files
from workspace.sample import Finding, Message, Origin, Sample


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to ann.lee+bank@mail.example.com please", "write to [EMAIL] please"),
        ("我的手机号是13812345678请回电", "我的手机号是[PHONE ****5678]请回电"),
        ("call +44 20 7946 0018 today", "call [PHONE ****0018] today"),
        ("card 4111 1111 1111 1111 was declined", "card [CARD ****1111] was declined"),
        ("身份证11010519491231002X丢了", "身份证[ID ****002X]丢了"),
        ("pay to GB82 WEST 1234 5698 7654 32 now", "pay to [IBAN ****5432] now"),
        ("my key is sk-abcdefghijklmnop1234", "my key is [KEY]"),
        ("it was [PHONE ****5678], or [PHONE 13812345678]", "it was [PHONE ****5678], or [PHONE [PHONE ****5678]]"),
    ],
)
def test_masking_keeps_the_last_four_of_numbers(text: str, expected: str) -> None:
    assert masked(text) == expected
    assert masked(expected) == expected


def masking(home: Path, way: str) -> Kit:
    return kit(home, privacy=way)


def hidden(row: Sample, given: Kit) -> Sample:
    return next(iter(Mask(names=False).apply([row], given)))


def test_only_where_the_specification_asks_for_it(tmp_path: Path) -> None:
    row = said("my mail is a@b.example.com")
    assert hidden(row, masking(tmp_path, "keep")) == row
    assert hidden(row, masking(tmp_path, "none")) == row
    assert hidden(row, masking(tmp_path, "mask")).question == "my mail is [EMAIL]"


def test_one_value_gives_one_token_in_a_project_however_it_is_written(tmp_path: Path) -> None:
    given = masking(tmp_path, "hash")
    plain, spaced = (hidden(said(text), given).question for text in ("打13812345678", "打+86 138-1234-5678"))
    assert plain == spaced
    assert plain.startswith("打[PHONE_")
    other = masking(tmp_path / "elsewhere", "hash")
    assert hidden(said("打13812345678"), other).question != plain
    again = hidden(hidden(said("打13812345678"), given), given)
    assert again.question == plain


def test_nobody_else_may_read_the_key(tmp_path: Path) -> None:
    given = masking(tmp_path, "hash")
    hidden(said("a@b.example.com"), given)
    assert stat.S_IMODE((given.project.folder / "personal.key").stat().st_mode) == 0o600


def test_what_is_coarser_stays_where_that_is_asked(tmp_path: Path) -> None:
    row = Sample(
        id="1",
        messages=(Message(role="user", content="生日是1990年5月3日，今年35岁"),),
        origin=Origin(source="files"),
        fields={"姓名": "欧阳娜娜", "住址": "广东省深圳市南山区科技路1号", "full_name": "Ann Lee"},
    )
    found = hidden(row, masking(tmp_path, "generalise"))
    assert found.messages[0].content == "生日是[BIRTH 1990-05]，今年[AGE 30-39]岁"
    assert found.fields == {"姓名": "[NAME 欧阳]", "住址": "[ADDRESS 深圳市]", "full_name": "[NAME Lee]"}
    assert hidden(found, masking(tmp_path, "generalise")) == found


def test_a_table_is_known_by_its_columns_and_its_numbers(tmp_path: Path) -> None:
    cells = {"phone": 13812345678.0, "customerName": "Ann Lee", "amount": 13812.5, "paid": True, "note": None}
    row = Sample(id="1", messages=(), origin=Origin(source="files"), fields=cells)
    found = hidden(row, masking(tmp_path, "mask"))
    assert found.fields == {
        "phone": "[PHONE ****5678]", "customerName": "[NAME A**]", "amount": 13812.5, "paid": True, "note": None,
    }  # fmt: skip
    assert found.id == row.id


def test_evidence_and_what_was_found_before_are_hidden_too(tmp_path: Path) -> None:
    row = said("hello", evidence="write to a@b.example.com")
    row = row.judged(Finding(check="files", verdict="fail", reason="line 3 holds a@b.example.com"))
    found = hidden(row, masking(tmp_path, "mask"))
    assert "a@b" not in found.model_dump_json()


def test_a_changed_row_says_what_was_hidden_and_no_value(tmp_path: Path) -> None:
    given = masking(tmp_path, "mask")
    before = said("call 13812345678 or 13912345678")
    found = hidden(before, given)
    audit = found.findings[-1]
    assert (audit.check, audit.drops, audit.reason) == ("mask", False, "masked: phone number in turn 1 ×2")
    assert found.id != before.id
    assert given.project.journal.broken_link() is None


def test_a_label_of_the_specification_is_nobodys(tmp_path: Path) -> None:
    given = kit(tmp_path, privacy="mask", labels=[{"name": "13812345678"}])
    row = said("hello", "13812345678")
    assert hidden(row, given) == row


def test_the_record_a_row_came_from_is_hidden_with_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    turns = [{"from": "human", "value": "刘洋13812345678"}, {"from": "gpt", "value": "ok"}]
    record = {"conversations": turns, "meta": {"mail": "a@b.example.com"}, "n": 1}
    path.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    given = masking(tmp_path, "mask")
    (row,) = Mask().apply(Files(paths=(str(path),), tables=True).read(given), given)
    assert row.raw is not None
    said = json.dumps(row.raw.values, ensure_ascii=False)
    assert [raw for raw in ("刘洋", "13812345678", "a@b") if raw in said] == []
    assert row.raw.values["n"] == 1
    assert own(row) == row.raw.values


def test_a_call_of_a_tool_stays_json(tmp_path: Path) -> None:
    call = Message(role="call", content='{"phone": 13812345678, "city": "Rome"}')
    row = Sample(id="1", messages=(call,), origin=Origin(source="files"))
    text = hidden(row, masking(tmp_path, "mask")).messages[0].content
    assert json.loads(text) == {"phone": "[PHONE ****5678]", "city": "Rome"}
