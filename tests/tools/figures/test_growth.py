"""What a report says of its own figures is worked out again; where the other figure is missing, nothing is said."""

from __future__ import annotations

import pytest

from tools.figures.growth import statements
from tools.figures.named import figure_named

RIGHT = [
    "Revenue was 1,200 million, up 20% year on year (last year: 1,000 million).",
    "营业收入1,200万元，同比增长20%，上年同期为1,000万元。",
    "Revenue was £2.4 million, gross profit £0.6 million, a gross margin of 25%.",
    "线上销售300万元，线下销售500万元，合计800万元。",
    "Europe accounted for 45% of sales, Asia for 35%, and the remaining 20% came from elsewhere.",
    "Net sales of $1.4 billion increased 16.7% from $1.2 billion a year earlier.",
    "本季度净利润为460万元，环比下降8%，上季度为500万元。",
]
WRONG = {
    "Revenue was 1,200 million, up 25% year on year (last year: 1,000 million).": "is up 20%",
    "Sales were $90,000, up 10% from $100,000 last year.": "is down 10%",
    "营业收入1,200万元，同比增长30%，上年同期为1,000万元。": "is up 20%",
    "收入1200万元，成本900万元，利润400万元。": "12,000,000 − 9,000,000 = 3,000,000",
    "Gross profit was 36 million on revenue of 120 million, so the gross margin was 40%.": "= 30%",
    "The North sold 30, the South 50, in all 90.": "30 + 50 = 80",
    "华东占45%，华南占35%，其余30%来自海外。": "= 110%",
    "成本从800万元上升至720万元。": "is a fall",
}
SILENT = [
    "Revenue was 1,200 million, up 20% year on year.",
    "Revenue was 1,200 million and profit 300 million.",
    "Revenue is expected to grow 50% from 1,000 million to 1,200 million.",
    "Net profit was 200 on revenue of 1,000 and costs of 700.",
    "60% of users read the news and 70% of users shop.",
    "2 adults and 3 children bought 10 tickets in total.",
    "Net sales of $1.4 billion increased 15.2% from $1.2 billion a year earlier.",
    "Online sales were 300, up 20%. Last year the sales of all shops were 1,000.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_ones_pass(text: str) -> None:
    found = statements(text)
    assert found
    assert all(s.right for s in found)


@pytest.mark.parametrize("text", WRONG)
def test_wrong_ones_say_what_the_figures_lead_to(text: str) -> None:
    wrong = [s for s in statements(text) if not s.right]
    assert any(WRONG[text] in s.why.en for s in wrong)


@pytest.mark.parametrize("text", SILENT)
def test_without_the_other_figure_nothing_is_called_wrong(text: str) -> None:
    assert [s for s in statements(text) if not s.right] == []


def test_the_other_figure_may_stand_in_the_question_or_the_fields() -> None:
    said = "Revenue was 1,200, up 25% year on year."
    assert not statements(said)
    assert [s.right for s in statements(said, "Last year's revenue was 1,000.")] == [False]
    assert [s.right for s in statements(said, "", {"last year revenue": 960})] == [True]


@pytest.mark.parametrize(
    ("text", "column", "figure"),
    [
        ("Revenue was 500; gross margin was 130%.", "gross margin", "130%"),
        ("Revenue was 500; gross margin was 130%.", "gross_margin", "130%"),
        ("收入1,200万元，毛利率130%。", "毛利率", "130%"),
        ("净利润300万元。", "利润", None),
        ("Net profit was 300.", "profit", None),
        ("Gross margin was 30% in May and gross margin was 35% in June.", "gross margin", None),
        ("Last year's revenue was 900, revenue is 1,000.", "revenue", "1,000"),
        ("No figure for the gross margin.", "gross margin", None),
    ],
)
def test_a_column_is_read_from_the_text_where_one_figure_stands_next_to_it(
    text: str, column: str, figure: str | None
) -> None:
    assert figure_named(text, column) == figure
