"""A model's reading of a rule counts only with the sentence's own figures, words and columns, and if it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripted import Scripted
from tools.llm import open_chat
from tools.rules.proposal import Reply, condition_of, proposed
from tools.rules.reading import describe, evaluate, examples_of, propose
from workspace.journal import Journal
from workspace.words import language_of

Part = dict[str, object]
ALWAYS: Part = {"kind": "none"}


def reply(then: Part, when: Part = ALWAYS) -> Reply:
    return Reply.model_validate({"when": when, "then": then})


def compare(column: str, operator: str, value: str) -> Part:
    return {"kind": "compare", "column": column, "operator": operator, "value": value}


def size(operator: str, value: str, unit: str) -> Part:
    return {"kind": "size", "column": "answer", "operator": operator, "value": value, "unit": unit}


def words(kind: str, *listed: str) -> Part:
    return {"kind": kind, "column": "text", "words": list(listed)}


REFUND = compare("category", "==", "refund")
READ: list[tuple[str, Reply, str]] = [
    (
        "Don't let the discount go beyond 50%",
        reply(compare("discount", "<=", "50")),
        "discount is at most 50%",
    ),
    ("wait is 48 hours tops", reply(compare("wait", "<=", "48")), "wait is at most 48 hours"),
    (
        "Shipping should take 3 to 5 days",
        reply({"kind": "between", "column": "shipping", "value": "3", "second": "5"}),
        "shipping is at least 3 days and shipping is at most 5 days",
    ),
    (
        "The refund date should come on or after the order date",
        reply(compare("refund_date", ">=", "order date")),
        "refund date is never before order date",
    ),
    ("收件日不可以比发货日更早", reply(compare("收件日", ">=", "发货日")), "收件日不早于发货日"),
    (
        "Replies should be kept under three sentences",
        reply(size("<", "3", "sentences")),
        "the answer has at most 2 sentences",
    ),
    ("每条回复应该控制在三句话", reply(size("<=", "三", "sentences")), "回答的篇幅不超过3句话"),
    (
        "it should sign off with “Kind regards”",
        reply(words("ends", "Kind regards")),
        "the answer ends with “Kind regards”",
    ),
    ("回复必须以“祝好”收尾", reply(words("ends", "“祝好”")), "回答以“祝好”结尾"),
    ("avoid the word guaranteed", reply(words("excludes", "guaranteed")), "the answer never contains “guaranteed”"),
    (
        "phone numbers should not slip into a reply",
        reply(words("excludes", "phone numbers")),
        "the answer never contains a phone number",
    ),
    (
        "it has to name either Visa or Mastercard",
        reply(words("contains one", "Visa", "Mastercard")),
        "the answer contains “Visa” or “Mastercard”",
    ),
    (
        "Whenever the category is refund there should be the phrase 14 days",
        reply(words("contains all", "14 days"), REFUND),
        "if the label equals refund, then the answer contains “14 days”",
    ),
]


@pytest.mark.parametrize(("sentence", "given", "meant"), READ)
def test_reads_what_code_alone_can_not(sentence: str, given: Reply, meant: str) -> None:
    language = language_of(sentence)
    assert propose(sentence, language) is None
    condition = condition_of(given, sentence)
    assert condition is not None
    assert describe(condition, language) == meant
    shown = examples_of(condition, language)
    for row, held in ((shown.passing, True), (shown.failing, False)):
        assert row is not None
        assert evaluate(condition, {name.replace(" ", ""): value for name, value in row.items()}) is held


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("wait is 48 hours tops", reply(compare("wait", "<=", "40"))),
        ("wait is 48 hours tops", reply(compare("wait", "<=", "wait"))),
        ("wait is 48 hours tops", reply(compare("delay", "<=", "48"))),
        ("wait is 48 hours tops", reply({"kind": "filled", "column": "wait"})),
        ("wait is 48 hours tops", reply(ALWAYS)),
        ("Answers must be polite", reply(words("contains one", "polite"))),
        ("Answers must be polite", reply({"kind": "filled", "column": "text"})),
        ("Answers must be polite", reply(compare("answer", "<=", "5"))),
        ("Never talk about competitors", reply(words("excludes", "competitors"))),
        ("Never talk about competitors", reply(words("excludes", "Acme"))),
        ("Never talk about competitors", reply(words("ends"))),
        ("Never talk about competitors", reply(words("contains one"))),
        ("回复里别提竞争对手", reply(words("excludes", "竞争对手"))),
        ("回复里别提竞争对手", reply(words("excludes", "某公司"))),
        ("If they ask for money avoid the word no", reply(words("excludes", "no"))),
        ("Avoid the word no", reply(words("excludes", "no"), compare("label", "==", "word"))),
        ("Answers mention the price", reply(words("excludes", "price"))),
        ("Avoid the word no", reply(words("excludes", "Avoid the word no"))),
        ("如果类别是退款，结尾写上“祝好”", reply(words("ends", "祝好"))),
        ("Keep it to three sentences", reply(size("<=", "30", "sentences"))),
        ("Keep it to three sentences", reply(size("!=", "3", "sentences"))),
        ("Keep it over zero words", reply(size(">=", "0", "words"))),
        ("每条回复控制在三句话", reply(size("<=", "五", "sentences"))),
        ("For 20 and 30 the price is under 40", reply(compare("price", "<", "40"))),
        ("The price is 5 to 3", reply({"kind": "between", "column": "price", "value": "5", "second": "3"})),
        ("avoid “cheap” in refunds", reply(words("excludes", "cheap"), compare("label", "==", "praise"))),
    ],
)
def test_what_the_sentence_does_not_say_or_nothing_can_break_is_no_rule(sentence: str, given: Reply) -> None:
    assert condition_of(given, sentence) is None


def test_a_rule_without_a_side_is_about_the_text_that_is_sorted() -> None:
    condition = condition_of(reply(words("excludes", "guaranteed")), "avoid the word guaranteed", "question")
    assert condition is not None
    assert describe(condition, "en") == "the question never contains “guaranteed”"


@pytest.mark.parametrize("said", ["I am a poem", {"when": {}, "then": {"kind": "drop everything"}}])
def test_a_reply_that_does_not_fit_proposes_nothing(scripted: Scripted, home: Path, said: object) -> None:
    scripted.script = lambda call: said  # type: ignore[assignment, return-value]
    journal = Journal(home / "journal.sqlite")
    chat = open_chat(journal)
    assert proposed("avoid the word guaranteed", chat) is None
    assert scripted.calls
    asked = len(scripted.calls)
    assert proposed("x" * 1000, chat) is None
    assert len(scripted.calls) == asked
    chat.close()
    journal.close()
