"""What is a quantity, when two are the same, and when a sentence bears a claim out or denies it."""

from __future__ import annotations

import pytest

from tools.facts.claims import claims, read, sentences, statements
from tools.facts.comparers import compare, settle
from tools.figures.numerals import chinese_value
from tools.figures.quantities import quantities


def told(text: str) -> list[tuple[str, str, float, float]]:
    return [(q.kind, q.unit, q.low, q.high) for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "kind", "unit", "low", "high"),
    [
        ("in 1.5 hours", "duration", "seconds", 5400, 5400),
        ("90 minutes", "duration", "seconds", 5400, 5400),
        ("one and a half hours", "duration", "seconds", 5400, 5400),
        ("1 hour and 30 minutes", "duration", "seconds", 5400, 5400),
        ("1小时30分钟", "duration", "seconds", 5400, 5400),
        ("半小时", "duration", "seconds", 1800, 1800),
        ("一年半", "duration", "months", 18, 18),
        ("5 to 7 business days", "duration", "business days", 5, 7),
        ("5至7个工作日", "duration", "business days", 5, 7),
        ("1,200 万元", "money", "CNY", 12e6, 12e6),
        ("一千二百万元", "money", "CNY", 12e6, 12e6),
        ("¥3.5", "money", "CNY", 3.5, 3.5),
        ("$3.5 million", "money", "USD", 3.5e6, 3.5e6),
        ("20%", "percent", "%", 20, 20),
        ("２０％", "percent", "%", 20, 20),
        ("百分之二十", "percent", "%", 20, 20),
        ("三成", "percent", "%", 30, 30),
        ("-5%", "percent", "%", -5, -5),
        ("3.2个百分点", "percent", "points", 3.2, 3.2),
        ("twenty-five people", "count", "people", 25, 25),
        ("two hundred and five items", "count", "item", 205, 205),
        ("5-10 km", "measure", "m", 5000, 10000),
        ("十公斤", "measure", "g", 10000, 10000),
    ],
)
def test_reads_a_quantity(text: str, kind: str, unit: str, low: float, high: float) -> None:
    assert told(text) == [(kind, unit, low, high)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("on March 5, 2024", (2024, 3, 5)),
        ("5 March 2024", (2024, 3, 5)),
        ("2024-03-05", (2024, 3, 5)),
        ("2024年3月5日", (2024, 3, 5)),
        ("二〇二四年三月", (2024, 3, None)),
        ("in 1995", (1995, None, None)),
    ],
)
def test_reads_a_date(text: str, parts: tuple[int | None, ...]) -> None:
    assert [q.moment.parts for q in quantities(text) if q.moment] == [parts]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("五千万", 5e7),
        ("两万亿", 2e12),
        ("三万五", 35000),
        ("一百零五", 105),
        ("零点五", 0.5),
        ("三三两两", None),
        ("万万", None),
    ],
)
def test_reads_a_chinese_number(word: str, value: float | None) -> None:
    assert chinese_value(word) == value


@pytest.mark.parametrize(
    "text", ["A12 and #W77", "COVID-19", "version 1.2.3", "第3天", "十分满意", "一个人", "万一", "the 3rd"]
)
def test_reads_no_quantity_where_there_is_none(text: str) -> None:
    assert told(text) == []


SUPPORTED = [
    ("A refund takes 90 minutes.", "A refund takes 1.5 hours."),
    ("毛利率为35%。", "公司毛利率为百分之三十五。"),
    ("The store has fifty branches.", "The store has 50 branches in Europe."),
    ("营收为1,200万元", "2023年营收为一千二百万元。"),
    ("More than 10 people came.", "15 people came."),
    ("Opening hours are from 9 am.", "Opening hours are from 9:00."),
]
CONTRADICTED = [
    ("A refund takes 30 days.", "A refund takes 14 days."),
    ("退款会在5个工作日内到账", "退款会在三个工作日内到账。"),
    ("Gift cards can be exchanged for cash.", "Gift cards cannot be exchanged for cash."),
    ("优惠券不能叠加使用。", "优惠券可以叠加使用。"),
    ("The company was founded in 1996.", "The company was founded in March 1995."),
    ("Sales increased by 5% in May.", "Sales decreased by 5% in May."),
    ("More than 10 people came.", "8 people came."),
    ("长6-11厘米", "长7-11厘米"),
]
OPEN = [
    ("Shoes can be returned within 30 days.", "Returns are open for 30 days; shoes for 14 days."),
    ("A refund takes 30 days.", "Deliveries take 14 days."),
    ("The office is in Berlin.", "The office is in Paris."),
    ("A refund takes 2 months.", "A refund takes 60 days."),
    ("Acme bought Zenith.", "Zenith bought Acme."),
    ("They won 2:2.", "They won 3:2."),
    ("Heavy goods take 3 weeks.", "Parcels take 3 days, heavy goods take longer."),
    ("The price is 5 dollars.", "The price is 5 euros."),
    ("It costs at most 50 yuan.", "It costs 50 yuan."),
    ("Pending orders can be cancelled.", "Orders cannot be cancelled once they are delivered."),
    ("She was born on 4 May 1970.", "She was born in 1970."),
]


@pytest.mark.parametrize(("claim", "sentence"), SUPPORTED)
def test_bears_out(claim: str, sentence: str) -> None:
    assert compare(read(claim), read(sentence)).outcome == "supported"


@pytest.mark.parametrize(("claim", "sentence"), CONTRADICTED)
def test_denies(claim: str, sentence: str) -> None:
    assert compare(read(claim), read(sentence)).outcome == "contradicted"


@pytest.mark.parametrize(("claim", "sentence"), OPEN)
def test_leaves_open_what_it_can_not_tell(claim: str, sentence: str) -> None:
    assert compare(read(claim), read(sentence)).outcome == "undecided"


def test_a_short_answer_is_read_with_its_question() -> None:
    question = "该公司成立于哪一年？"
    assert compare(read("1995年"), read("该公司成立于1996年。"), question).outcome == "contradicted"
    assert compare(read("1995年"), read("该公司成立于1996年。")).outcome == "undecided"


def test_a_figure_that_stands_elsewhere_in_like_company_is_not_called_wrong() -> None:
    texts = ["A refund takes 14 days.", "By card, a refund takes 30 days."]
    settled = settle(read("Then a refund takes 30 days."), [read(text) for text in texts])
    assert settled is None or settled[0].outcome == "supported"


def test_the_reason_names_both_figures() -> None:
    reason = compare(read(CONTRADICTED[0][0]), read(CONTRADICTED[0][1])).reason
    assert "30 days" in reason.en
    assert "14 days" in reason.zh


def test_claims_leave_out_questions_and_courtesies() -> None:
    answer = "Hello! Thanks for asking. A refund takes 5.5 days. 1. Keep the box.\nCan I help you? "
    answer += "您好。退货期为7天。如何退货？"
    assert claims(answer) == ["A refund takes 5.5 days.", "Keep the box.", "退货期为7天。"]


def test_statements_leave_out_what_people_say_of_themselves() -> None:
    assert statements("I waited 30 days for my refund! 我的包裹还没到。 Refunds take 5 days, right?") == []
    assert statements("A refund takes 5 days.") == ["A refund takes 5 days."]


def test_sentences_stand_where_they_say() -> None:
    text = "# Title\n- Mr. Smith paid $3.50 at 5 p.m. today.  Next!\n1. 第一条；第二条。"
    assert all(s.text == text[s.start : s.end] for s in sentences(text))
