"""Numbers, shares, lists and yes or no, in the words people use for them."""

from __future__ import annotations

import pytest

from agent.lists import labels, mix, named_shares
from agent.quotes import count, found, fraction, is_talk, languages, narrow, sentences, yes_no


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("95%", 0.95), ("95 out of 100", 0.95), ("９５％", 0.95), ("ninety-five percent", 0.95), ("九成五", 0.95),
        ("九成半", 0.95), ("怎么也得九成以上吧", 0.9), ("百分之九十五", 0.95), ("nine in ten at least", 0.9),
        ("100条里至少对92条", 0.92), ("十封里对九封", 0.9), ("三分之二", 0.666667), ("half of them", 0.5),
        ("95", 0.95), ("0.95", 0.95), ("成功的话再说", None), ("one of them", None), ("看一下", None),
    ],
)  # fmt: skip
def test_a_share_is_read_as_written(text: str, value: float | None) -> None:
    assert fraction(text, bare=True) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一万", 10_000), ("1.5k", 1500), ("about 500", 500), ("half a thousand", 500), ("一千五百条差不多了", 1500),
        ("1,500 rows", 1500), ("先来三百条", 300), ("12 thousand", 12_000), ("a couple of hundred", 200),
        ("1.5万", 15_000), ("95%", None), ("none", None),
    ],
)  # fmt: skip
def test_a_count_is_read_as_written(text: str, value: int | None) -> None:
    assert count(text) == value


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("50% everyday, 30% complaints, 20% odd cases", {"everyday": 0.5, "complaints": 0.3, "odd cases": 0.2}),
        ("日常 50%、投诉 30%、少见 20%", {"日常": 0.5, "投诉": 0.3, "少见": 0.2}),
        ("退货占一半，换货三成，剩下两成是保修", {"退货": 0.5, "换货": 0.3, "保修": 0.2}),
        ("日常七成投诉三成", {"日常": 0.7, "投诉": 0.3}),
        (
            "half normal days, a third sales, the rest holidays",
            {"normal days": 0.5, "sales": 0.3333, "holidays": 0.1667},
        ),
        ("70 everyday, 30 odd", {"everyday": 0.7, "odd": 0.3}),
        ("at least 95% should be right", {}),
    ],
)
def test_a_mix_keeps_the_names_beside_their_shares(text: str, shares: dict[str, float]) -> None:
    assert {s.name: s.share for s in mix(text)} == shares


def test_a_mix_that_does_not_add_up_is_none() -> None:
    assert mix("80% everyday, 40% odd") == ()
    assert sum(s.share for s in named_shares("80% everyday, 40% odd")) == pytest.approx(1.2)
    assert named_shares("nothing of 0, 40% odd") == ()  # a bare 0 beside one share divides nothing


@pytest.mark.parametrize(
    ("text", "asked", "names"),
    [
        ("sort the texts into appointment, prescription and other.", False, ["appointment", "prescription", "other"]),
        ("把稿子分成体育、财经、科技和娱乐四类", False, ["体育", "财经", "科技", "娱乐"]),
        ("把稿子分到对应的频道里，编辑部现在全靠人工", False, []),
        ("we have three: urgent, normal, and low priority. that's it", True, ["urgent", "normal", "low priority"]),
        ("- refund\n- delivery\n- other", True, ["refund", "delivery", "other"]),
        ("umm spam or not spam i guess", True, ["spam", "not spam"]),
        ("有害、和解、公约", True, ["有害", "和解", "公约"]),
        ("People text us, and we answer, such as we can", False, []),
    ],
)
def test_labels_are_read_from_a_list(text: str, asked: bool, names: list[str]) -> None:
    assert [label.name for label in labels(text, asked)] == names


def test_definitions_stay_with_their_label() -> None:
    found_labels = labels("refund: wants money back; delivery: where is it", asked=True)
    assert {label.name: label.definition for label in found_labels} == {
        "refund": "wants money back",
        "delivery": "where is it",
    }


@pytest.mark.parametrize(
    ("quote", "text", "words"),
    [
        ("at LEAST 95%", "well, At  least 95％ please", "At  least 95％"),
        ("“亲”", "不能出现“亲”这个字", "亲"),
        ("at least 96%", "At least 95%", None),
        ("", "anything", None),
    ],
)
def test_a_quote_counts_only_if_the_text_holds_it(quote: str, text: str, words: str | None) -> None:
    assert found(quote, text) == words


def test_full_width_signs_keep_their_place() -> None:
    assert narrow("９５％，ok") == "95%,ok"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", True), ("hmm, no", False), ("nope, nothing", False), ("I don't have any", False), ("没有现成的", False),
        ("有的", True), ("嗯，好的", True), ("notebook", None), ("maybe", None),
    ],
)  # fmt: skip
def test_yes_and_no(text: str, answer: bool | None) -> None:
    assert yes_no(text) is answer


@pytest.mark.parametrize(
    "text", ["hi there!", "thanks, have a nice day", "你好呀~", "在吗？", "今天天气真好", "hmm…", "lol"]
)
def test_small_talk_is_talk(text: str) -> None:
    assert is_talk(text)


@pytest.mark.parametrize(
    "text", ["high priority", "so many spam mails", "谢绝推销", "weather reports from ships, sorted"]
)
def test_what_only_begins_like_talk_is_not(text: str) -> None:
    assert not is_talk(text)


def test_sentences_are_pieces_of_the_text() -> None:
    text = "We sort mails, e.g. orders. At least 95.5% right; 你好呀~ 就这样。"
    assert sentences(text) == ["We sort mails, e.g. orders", "At least 95.5% right", "你好呀", "就这样"]


def test_a_language_that_is_ruled_out_is_not_named() -> None:
    assert languages("in Chinese, not English") == ("zh",)
    assert languages("中英文都有") == ("en", "zh")


def test_how_many_there_are_is_no_part_of_the_first_label() -> None:
    for text in ("把病人的留言分成几类：挂号、取消、投诉", "分成三类: 挂号、取消、投诉"):
        assert [label.name for label in labels(text, asked=False)] == ["挂号", "取消", "投诉"]
