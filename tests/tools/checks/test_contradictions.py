"""Two answers to one question, and an answer that denies itself, are found; another question is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.kits import kit
from tools.checks.contradictions import Contradictions
from tools.conflicts import between, denied, within
from tools.peers import Peers
from tools.questions import asked, same
from workspace.sample import Finding, Origin, Sample, sample


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How long does a refund take?", "Could you please tell me how long a refund takes"),
        ("How much is plan A?", "hi, what is the price of plan A?"),
        ("For gift cards, how long does a refund take?", "How long does a refund for gift cards take"),
        ("How do I activate my card", "how do i actviate my card?"),
        ("退款需要几天？", "请问退款要多久"),
        ("订单什么时候发货？", "什么时候订单会发货"),
        ("我可以退货吗？", "能不能退货"),
    ],
)
def test_one_question_in_other_words(one: str, other: str) -> None:
    assert same(asked(one), asked(other))
    assert asked(one).keys & asked(other).keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is plan A?", "How much is plan B?"),
        ("How long is the warranty?", "How much is the warranty?"),
        ("flights from Paris to Rome", "flights from Rome to Paris"),
        ("Who is the president?", "Who was the president?"),
        ("What is the revenue in 2019?", "What is the revenue in 2018?"),
        ("Can I log in?", "I can't log in"),
        ("退款要几天", "换货要几天"),
        ("从北京到上海要多久", "从上海到北京要多久"),
        ("如何取消订单", "为什么取消订单"),
        ("张三打了李四吗", "李四打了张三吗"),
    ],
)
def test_another_question(one: str, other: str) -> None:
    assert not same(asked(one), asked(other))


@pytest.mark.parametrize(
    ("one", "other", "question"),
    [
        ("It takes 3 days.", "It takes five days.", "How long does it take?"),
        ("Paris", "Lyon", "Where is it?"),
        ("Yes, you can.", "No, you can't.", "Can I pay by card?"),
        ("The shop opened in May 2019.", "The shop opened in June 2019.", "When did it open?"),
        ("5天", "7天", "退款要多久？"),
        ("可以退货。", "不可以退货。", "可以退货吗？"),
    ],
)
def test_answers_that_can_not_both_be_right(one: str, other: str, question: str) -> None:
    assert between(one, other, question)
    conflict = between(other, one, question)
    assert conflict
    assert one[conflict.theirs.start : conflict.theirs.end] == conflict.theirs.text


@pytest.mark.parametrize(
    ("one", "other", "question"),
    [
        ("It takes 3 days.", "It takes three days, as far as I know.", "How long does it take?"),
        ("NYC", "New York City", "Where is it?"),
        ("Paris", "Paris, France", "Where is it?"),
        ("An hour", "60 minutes", "How long?"),
        ("There is one about 3 cats.", "There is one about 5 dogs.", "Tell me a joke about animals."),
        ("需要三天。", "大概是3天。", "退款要多久？"),
    ],
)
def test_answers_that_only_differ_in_their_words(one: str, other: str, question: str) -> None:
    assert between(one, other, question) is None


def test_inside_one_row() -> None:
    assert within("Delivery takes 3 days. Send it back if you like. Delivery takes 5 days.")
    assert within("该商品支持退货。该商品不支持退货。")
    assert within("Delivery takes 3 days. Delivery to islands takes 5 days.") is None
    assert within("Mary has 3 apples. John has 5 apples.") is None
    assert denied("My parcel arrived on 3 May 2024. What now?", "Your parcel arrived on 5 May 2024.") is None
    assert denied("The red parcel arrived on 3 May 2024. What now?", "The red parcel arrived on 5 May 2024.")


def row(id: str, question: str, answer: str, **values: object) -> Sample:
    return sample(question, answer, Origin(source="files")).model_copy(update={"id": id, **values})


def verdicts(tmp_path: Path, rows: list[Sample]) -> list[tuple[Finding, ...]]:
    peers = Peers()
    for each in rows:
        peers.note(each)
    peers.remember(rows)
    held = replace(kit(tmp_path), peers=peers)
    return [tuple(Contradictions().check(each, held)) for each in rows]


ASKED = "How long does a refund take?"


def test_both_go_and_each_quotes_the_other(tmp_path: Path) -> None:
    rows = [row("a", ASKED, "It takes 3 days."), row("b", "please, how long does a refund take", "It takes 5 days.")]
    ((one,), (other,)) = verdicts(tmp_path, rows)
    assert one.drops
    assert other.drops
    assert one.evidence
    assert one.evidence.document == "row b"
    assert rows[1].answer[one.evidence.start : one.evidence.end] == one.evidence.quote


def test_two_that_agree_outweigh_one(tmp_path: Path) -> None:
    answers = ("It takes 3 days.", "3 days", "It takes 9 days.")
    found = verdicts(tmp_path, [row(str(i), ASKED, answer) for i, answer in enumerate(answers)])
    assert [any(f.drops for f in findings) for findings in found] == [False, False, True]


def test_what_the_documents_bear_out_stays(tmp_path: Path) -> None:
    supported = Finding(check="facts", verdict="supported", reason="the document says so")
    rows = [row("a", ASKED, "It takes 3 days.", findings=(supported,)), row("b", ASKED, "It takes 5 days.")]
    assert [[f.drops for f in findings] for findings in verdicts(tmp_path, rows)] == [[False], [True]]


@pytest.mark.parametrize("beside", [{"evidence": "The policy of 2019."}, {"label": None, "evidence": ""}])
def test_asked_of_another_text_is_asked_of_another_thing(tmp_path: Path, beside: dict[str, object]) -> None:
    rows = [row("a", ASKED, "It takes 3 days.", **beside), row("b", ASKED, "It takes 5 days.", evidence="Another.")]
    assert verdicts(tmp_path, rows) == [(), ()]


def test_one_text_with_two_labels(tmp_path: Path) -> None:
    rows = [row("a", "I lost my card", "lost", label="lost"), row("b", "i lost my card!", "stolen", label="stolen")]
    assert [[f.drops for f in findings] for findings in verdicts(tmp_path, rows)] == [[True], [True]]


def test_a_template_filled_in_is_no_one_question(tmp_path: Path) -> None:
    names = ["".join(chr(97 + (i // 26**k) % 26) for k in range(6)) for i in range(3000)]
    rows = [row(name, f"What is the capital of {name}?", f"It is {name[::-1]}.") for name in names]
    assert not any(verdicts(tmp_path, rows))
