"""What has a form of its own is found in both languages however it is written; numbers that only look like it stay."""

from __future__ import annotations

import pytest

from tools.personal.columns import kind_of, telling, whole
from tools.personal.finding import find, plain

PERSONAL = [
    ("手机１３８ １２３４ ５６７８在用", "PHONE", "１３８ １２３４ ５６７８"),
    ("电话是一三八一二三四五六七八", "PHONE", "一三八一二三四五六七八"),
    ("座机010-62345678转123", "PHONE", "010-62345678转123"),
    ("拨打+86 13812345678即可", "PHONE", "+86 13812345678"),
    ("reach me at 001-748-088-2851x818", "PHONE", "001-748-088-2851x818"),
    ("my number: (790)091-7442", "PHONE", "(790)091-7442"),
    ("身份证１１０１０５ 19491231 002X丢了", "ID", "１１０１０５ 19491231 002X"),
    ("老身份证110105491231002在", "ID", "110105491231002"),
    ("卡号6222 0212 3456 7890 123", "CARD", "6222 0212 3456 7890 123"),
    ("护照E12345678快到期", "PASSPORT", "E12345678"),
    ("passport no. 533380006", "PASSPORT", "533380006"),
    ("车牌粤B·D12345和", "PLATE", "粤B·D12345"),
    ("我开京A12345", "PLATE", "京A12345"),
    ("加微信 abc_12345", "ACCOUNT", "abc_12345"),
    ("QQ：12345678", "ACCOUNT", "12345678"),
    ("信用代码91350100M000100Y43", "COMPANY_ID", "91350100M000100Y43"),
    ("邮箱是ann@example.com谢谢", "EMAIL", "ann@example.com"),
    ("密码是Abc123456!", "KEY", "Abc123456!"),
    ("token=9f8e7d6c5b4a39281706", "KEY", "9f8e7d6c5b4a39281706"),
    ("from 203.0.113.77 at noon", "IP", "203.0.113.77"),
    ("at 2001:db8::ff00:42:8329", "IP", "2001:db8::ff00:42:8329"),
    ("mac 00:1B:44:11:3A:B7", "MAC", "00:1B:44:11:3A:B7"),
    ("gb82west12345698765432", "IBAN", "gb82west12345698765432"),
    ("SSN 078-05-1120", "SSN", "078-05-1120"),
    ("My driver's license number is A56319335", "LICENCE", "A56319335"),
    ("born on March 4, 1980", "BIRTH", "March 4, 1980"),
    ("1990年5月3日出生", "BIRTH", "1990年5月3日"),
    ("see https://twitter.com/ann_lee", "URL", "https://twitter.com/ann_lee"),
    ("邮编 518000", "POSTCODE", "518000"),
    ("cvv 123", "CVV", "123"),
    ("有效期至 08/27", "EXPIRY", "08/27"),
    ("send to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
]
NOBODYS = [
    "I sent 5000 instead of 500 on 2026-03-01",
    "order 1234567890123456 is late",  # no card: the check digit is wrong
    "订单号 110105194912310021 还没到",  # no identity card: the check character is wrong
    "订单号13812345678还没到",
    "revenue was 1,200,000.50 in Q3",
    "meet at 10:30, room 204",
    "ISBN 978-7-111-12345-6",
    "版本 1.2.3.4 已发布",
    "金额13812345678元",
    "2026-11-21 14:35:17",
    "快递单号SF1381234567890",
    "the password is forgotten",
    "微信支付和QQ音乐都能用",
    "localhost is 127.0.0.1",
    "at 12:30:45 the log ends",
]


@pytest.mark.parametrize(("text", "kind", "value"), PERSONAL)
def test_finds_it_where_it_stands(text: str, kind: str, value: str) -> None:
    (found,) = find(text)
    assert (found.kind, found.value) == (kind, value)
    assert text[found.start : found.end] == value


@pytest.mark.parametrize("text", NOBODYS)
def test_other_numbers_stay(text: str) -> None:
    assert find(text) == []


def test_a_mark_is_passed_over_but_not_what_only_looks_like_one() -> None:
    assert find("[PHONE ****5678] [NAME_0123456789ab] [NAME 张] [ADDRESS 深圳市] [BIRTH 1990-05]") == []
    assert [one.value for one in find("[PHONE 13812345678]")] == ["13812345678"]


def test_plain_text_is_as_long_as_the_text() -> None:
    text = "１３８　一三八一二三四五六七八—٣"
    assert plain(text) == "138 13812345678-3"
    assert plain("一二三木头人") == "一二三木头人"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("customerName", "NAME"), ("姓名", "NAME"), ("Phone_Number", "PHONE"), ("home address", "ADDRESS"),
        ("身份证号", "ID"), ("product name", None), ("电话", "PHONE"), ("amount", None), ("IP address", "IP"),
        ("网址", None), ("email", "EMAIL"), ("filename", None), ("date", None), ("出生日期", "BIRTH"),
    ],
)  # fmt: skip
def test_a_column_says_what_its_cells_are(column: str, kind: str | None) -> None:
    assert kind_of(column) == kind


def test_an_empty_cell_is_nobodys() -> None:
    assert whole("姓名", "无") is None
    assert whole("phone", "n/a") is None
    assert whole("phone", "96 22 80") == "PHONE"


def test_names_are_not_looked_for_where_things_have_them() -> None:
    assert not telling("HospitalName", "Margaret Thornbury Memorial")
    assert not telling("商品名称", "张小泉剪刀")
    assert not telling("city", "Paris")
    assert telling("agent_name", "Tom Baker")
    assert telling("备注", "找李娜")
    assert telling("meta", '{"agent": "Tom Baker"}')
