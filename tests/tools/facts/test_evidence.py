"""What settles a claim beside a single figure: tables, names, steps, questions, and documents that disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.facts.disagreements import disagreements
from tools.facts.evidence import settled
from tools.facts.tabular import tables
from tools.knowledge import Knowledge
from workspace.errors import UserError
from workspace.words import Words

NEVER = re.compile(r"(?!)")
ROWS = [["(in millions)", "2019", "2018"], ["Sales", "$1,496.5", "$1,202.9"], ["Other income", "(44.1)", "56.7"]]
STYLES = {
    "markdown": "\n".join(["| " + " | ".join(row) + " |" for row in (ROWS[0], ["---"] * 3, *ROWS[1:])]),
    "tabs": "\n".join("\t".join(row) for row in ROWS),
    "commas": "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in ROWS),
}
REPORT = "Sales grew in both years.\n\n" + STYLES["markdown"]
POLICY = (
    "Gift cards and credit cards are accepted. If the customer pays by credit card, the refund takes at most 7 days. "
    "Orders can be cancelled before they are shipped. Anna Berger leads the returns office in Hamburg. "
    "Peter Lange leads the office in Munich."
)
ZH = "张伟于1998年创办了该公司。总部设在杭州市滨江区。王芳是财务部经理。第3集由李明导演。客户可以在收货前取消订单。"


def outcome(claim: str, question: str, text: str, answer: str = "") -> str:
    found = settled(claim, question, [text], NEVER, answer)
    return found.comparison.outcome if found else "open"


@pytest.mark.parametrize("style", STYLES)
def test_a_cell_is_read_with_its_heads(style: str) -> None:
    text = "Before.\n\n" + STYLES[style] + "\n\nAfter."
    (table,) = tables(text)
    assert [(cell.value, cell.written) for cell in table.cells][2:] == [(-44.1, "(44.1)"), (56.7, "56.7")]
    assert [sorted(cell.column & {"2019", "2018"}) for cell in table.cells] == [["2019"], ["2018"]] * 2
    assert table.scale == 1e6
    assert text[table.cells[0].start : table.cells[0].end].startswith(("| Sales", "Sales"))


@pytest.mark.parametrize(
    ("claim", "question", "expected"),
    [
        ("$1,496.5 million", "What were sales in 2019?", "supported"),
        ("$1,596.5 million", "What were sales in 2019?", "contradicted"),
        ("$1,496.5 billion", "What were sales in 2019?", "contradicted"),
        ("€1,496.5 million", "What were sales in 2019?", "contradicted"),
        ("293.6", "What was the change in sales between 2018 and 2019?", "supported"),
        ("393.6", "What was the change in sales between 2018 and 2019?", "contradicted"),
        ("24.41%", "What was the percentage change in sales between 2018 and 2019?", "supported"),
        ("34.41%", "What was the percentage change in sales between 2018 and 2019?", "contradicted"),
        ("77", "How many people work there?", "open"),
    ],
)
def test_a_table_tells_what_its_heads_name(claim: str, question: str, expected: str) -> None:
    assert outcome(claim, question, REPORT) == expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("If the customer pays by gift card, the refund takes at most 7 days.", "contradicted"),
        ("If the customer pays by credit card, the refund takes at least 7 days.", "contradicted"),
        ("If the customer pays by credit card, the refund takes at most 7 weeks.", "contradicted"),
        ("Orders can be cancelled after they are shipped.", "contradicted"),
        ("Peter Lange leads the returns office in Hamburg.", "contradicted"),
        ("Berger leads the returns office in Hamburg.", "supported"),
        ("The returns office in Hamburg is led by Anna Berger.", "open"),
        ("Anna Berger heads the returns office in Hamburg.", "open"),
        ("Orders can be cancelled before they are shipped.", "supported"),
    ],
)
def test_one_thing_changed_in_a_sentence_is_found(claim: str, expected: str) -> None:
    assert outcome(claim, "", POLICY) == expected


@pytest.mark.parametrize(
    ("claim", "question", "expected"),
    [
        ("王芳于1998年创办了该公司。", "", "contradicted"),
        ("总部设在宁波市滨江区。", "", "contradicted"),
        ("第5集由李明导演。", "", "contradicted"),
        ("客户不可以在收货前取消订单。", "", "contradicted"),
        ("客户可以在收货后取消订单。", "", "contradicted"),
        ("1999年", "张伟哪一年创办了该公司？", "contradicted"),
        ("李明", "该公司是由谁于1998年创办的公司？", "open"),
        ("客户可以在收货前取消订单。", "", "supported"),
    ],
)
def test_one_thing_changed_in_a_chinese_sentence_is_found(claim: str, question: str, expected: str) -> None:
    assert outcome(claim, question, ZH) == expected


WORKED = "She sold 48/2 = 24 clips in May.\nShe sold 48+24 = 72 clips altogether.\nThe answer is 72."
ASKED = "Natalia sold 48 clips in April and half as many in May. How many did she sell?"


def test_a_figure_of_a_worked_answer_must_come_from_somewhere() -> None:
    assert outcome("The answer is 72.", ASKED, ASKED, WORKED) == "open"
    assert outcome("The answer is 74.", ASKED, ASKED, WORKED.replace("is 72", "is 74")) == "contradicted"


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    def no_weights() -> None:
        raise UserError(Words("no weights", "没有权重"), Words("-", "-"))

    made = Knowledge(tmp_path / "knowledge", embed=no_weights)  # type: ignore[arg-type]
    yield made
    made.close()


def test_documents_that_disagree_are_both_quoted(knowledge: Knowledge) -> None:
    knowledge.add("faq.md", "A refund by bank transfer takes 14 days. Shops open at nine on every weekday.")
    knowledge.add("policy.md", "A refund by bank transfer takes 30 days. Parcels are insured.")
    (found,) = disagreements(knowledge)
    assert (found.one.document, found.one.quote) == ("faq.md", "A refund by bank transfer takes 14 days.")
    assert (found.other.document, found.other.quote) == ("policy.md", "A refund by bank transfer takes 30 days.")
    assert "14 days" in found.reason.en


def test_documents_that_speak_of_different_things_agree(knowledge: Knowledge) -> None:
    knowledge.add("a.md", "A refund by card takes 14 days. 退款需要三天。")
    knowledge.add("b.md", "A refund by bank transfer takes 30 days. 换货需要五天。")
    assert disagreements(knowledge) == []


REGIONS = (
    "Sales by region ($ in millions)\n\n| | 2019 | 2018 |\n| --- | --- | --- |\n"
    "| Taiwan | 300 | 250 |\n| Japan | 120 | 150 |\n| Total | 420 | 400 |\n"
)


class TestAnAnswerThatSaysItsQuestionBack:
    @pytest.mark.parametrize(
        ("question", "claim"),
        [
            (
                "What was the total of obligations due within 5 years?",
                "The total of obligations due within 4 years was 420 million.",
            ),
            ("What was the total of sales in 2019?", "The total of sales in 2019 was not 420 million."),
            (
                "What are the obligations due in less than one year?",
                "The obligations due in more than one year are 420 million.",
            ),
            ("公司2019年在日本的销售额是多少？", "公司2019年在日本的销售额不是120百万。"),
        ],
    )
    def test_but_for_one_thing_is_wrong(self, question: str, claim: str) -> None:
        found = settled(
            claim, question, [REGIONS + "\nObligations due and sales are told by year.\n公司在日本有销售额。"], NEVER
        )
        assert found is not None
        assert found.comparison.ground == "echo"

    def test_the_same_is_not(self) -> None:
        found = settled(
            "Sales in Japan in 2019 were 120 million.", "What were sales in Japan in 2019?", [REGIONS], NEVER
        )
        assert found is not None
        assert found.comparison.outcome == "supported"


class TestFiguresThatFollowFromNothing:
    @pytest.mark.parametrize(
        ("question", "claim", "outcome"),
        [
            ("What is the percentage change in sales in Taiwan from 2018 to 2019?", "20%", "supported"),
            ("What is the percentage change in sales in Taiwan from 2018 to 2019?", "23.4%", "contradicted"),
            ("What share of the total was Japan in 2019?", "28.57%", "supported"),
            ("What share of the total was Japan in 2019?", "31.57%", "contradicted"),
        ],
    )
    def test_are_wrong(self, question: str, claim: str, outcome: str) -> None:
        found = settled(claim, question, [REGIONS], NEVER)
        assert found is not None
        assert found.comparison.outcome == outcome

    def test_the_same_figure_in_hours_for_minutes(self) -> None:
        found = settled(
            "4小时", "中途离开后多少分钟内不得进行配对？", ["若游戏中离，则4分钟内不得进行配对。共有4人。"], NEVER
        )
        assert found is not None
        assert found.comparison.ground == "unit"

    @pytest.mark.parametrize(
        ("question", "claim", "ground"),
        [
            ("Which regions are listed?", "Taiwan, Japan, Sales by month", "list"),
            ("What were sales in Japan in 2019?", "120 billion", "scale"),
            ("What was the total in 2019?", "€420 million", "scale"),
        ],
    )
    def test_what_the_table_does_not_speak_of(self, question: str, claim: str, ground: str) -> None:
        found = settled(claim, question, [REGIONS], NEVER)
        assert found is not None
        assert found.comparison.ground == ground
