"""Names and addresses in Chinese texts, beside goods and places that only look like them."""

from __future__ import annotations

import pytest

from tools.personal.finding import find

HOME, WORK = "上海市浦东新区世纪大道100号", "杭州市西湖区文三路３９１号西湖国际科技大厦B座12楼"


def named(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in find(text, names=True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("联系人:刘洋13912345678", [("NAME", "刘洋"), ("PHONE", "13912345678")]),
        ("我叫欧阳娜娜，住在上海市浦东新区世纪大道100号", [("NAME", "欧阳娜娜"), ("ADDRESS", HOME)]),
        ("请寄到光明小区3栋2单元501，谢谢", [("ADDRESS", "光明小区3栋2单元501")]),
        ("阿卜杜拉·买买提的快递到了", [("NAME", "阿卜杜拉·买买提")]),
        (WORK, [("ADDRESS", WORK)]),
        ("客户：陈志强订购了小米手机", [("NAME", "陈志强")]),
    ],
)  # fmt: skip
def test_finds_people_and_where_they_live(text: str, found: list[tuple[str, str]]) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "王老吉一箱到了吗", "张裕葡萄酒和李宁运动鞋", "北京市海淀区是教育强区", "上海市的道路很宽",
        "请联系王先生", "高兴地告诉大家", "我要去上海出差", "北京海南大厦在哪",
        "去南京路步行街逛逛", "您好，这款台灯多少钱？",
    ],
)  # fmt: skip
def test_goods_places_and_titles_are_nobody(text: str) -> None:
    assert named(text) == []


def test_each_place_is_exactly_in_the_text() -> None:
    text = "第一句。收件人：赵敏！\n地址：广东省深圳市南山区科技路1号A座1203室，急"
    for one in find(text, names=True):
        assert text[one.start : one.end] == one.value
