"""Rows that teach nothing go, each with its measure; what only looks odd stays."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.contract.kits import kit
from tools.edits.quality import Quality
from workspace.sample import Origin, Sample, sample

FOUND = Origin(source="files", row=1)
ANSWER = {"en": "It takes three working days.", "zh": "需要三个工作日。"}


def judged(question: str, answer: str, tmp_path: Path, label: str | None = None, **options: object) -> Sample:
    row = sample(question, answer, FOUND, label=label)
    (out,) = Quality.model_validate(options).apply([row], kit(tmp_path))
    return out


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("!!! ??? ...", ANSWER["en"], "only signs"),
        ("。。。！！！", ANSWER["zh"], "只有符号"),
        ("12345", ANSWER["en"], "only figures"),
        ("Why?", "N/A", "stands for"),
        ("怎么退货？", "待补充", "占位"),
        ("Why?", "[insert answer here]", "stands for"),
        ("Weather?", "I'm sorry, but as an AI language model I don't have access to it.", "speaks of itself"),
        ("天气如何？", "抱歉，作为一个人工智能语言模型，我无法回答。", "谈论自己"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa", ANSWER["en"], "different characters"),
        ("Tell me nooooooooooooooooooooooooo", ANSWER["en"], "in a row"),
        ("Why?", "I do not know why. " * 6, "in a row"),
        ("为什么？", "我也不太清楚这件事情。" * 5, "连续"),
        ("How?", "\n".join([*["First you must open the box."] * 8, "Then close it and wait."]), "in a row"),
        ("%$#@^&*()_+%$#@^&*&^%$#@!&^%$ ok", ANSWER["en"], "symbols"),
        ("This \ufffd\ufffd\ufffd\ufffd is b\ufffdd", ANSWER["en"], "lost"),
        ("全网最低价！限时秒杀，加微信abc12345领取红包", ANSWER["zh"], "广告"),
        ("专业代开发票，联系我微信：fapiao888", ANSWER["zh"], "广告"),
        ("Limited time offer! 70% off, buy now at https://cheap.example", ANSWER["en"], "advertisement"),
        ("Work from home and earn $5,000 a week, click here", ANSWER["en"], "advertisement"),
    ],
)
def test_what_teaches_nothing_goes_with_its_reason(question: str, answer: str, reason: str, tmp_path: Path) -> None:
    row = judged(question, answer, tmp_path)
    assert not row.kept
    assert reason in row.dropped_by.reason


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("2+2=?", "4"),
        ("What is 17 * 3?", "51"),
        ("Why?", "No."),
        ("好吗？", "好"),
        ("Is it on sale?", "Yes, 20% off with the coupon; see https://shop.example/sale."),
        ("在吗？优惠券怎么用？", "亲，下单时可以用优惠券哦，包邮，有问题联系我。"),
        ("怎么办贷款？", "请拨打咨询热线，我们提供低息贷款。"),
        ("👍", "Thank you!"),
        ("Write a table", "| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 |\n| 1 | 2 |\n| 1 | 2 |\n| 1 | 2 |"),
        ("Show code", "```\nfor i in range(3):\n    print(i)\n```"),
        ("Sing", "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily."),
        ("哈哈哈哈哈", "哈哈，什么事这么开心？"),
        ("Who are you?", "I am an AI assistant made by the shop."),
        ("What is a language model?", "A model of text. It predicts words."),
    ],
)
def test_what_only_looks_odd_stays(question: str, answer: str, tmp_path: Path) -> None:
    row = judged(question, answer, tmp_path)
    assert row.kept, row.dropped_by.reason


def test_a_label_is_no_answer(tmp_path: Path) -> None:
    assert judged("I lost my card", "无", tmp_path, label="无").kept


@pytest.mark.parametrize(
    ("banned", "question", "kept"),
    [
        ("darn", "DARN it", False),
        ("darn", "darning socks", True),
        ("ｄａｒｎ", "darn it", False),
        ("坏话", "他说了坏话", False),
        ("c++", "I write c++ code", True),
    ],
)
def test_banned_words_whatever_their_width_or_case(banned: str, question: str, kept: bool, tmp_path: Path) -> None:
    row = judged(question, ANSWER["en"], tmp_path, banned=(banned,))
    assert row.kept is kept


def test_banned_words_in_columns_too(tmp_path: Path) -> None:
    row = sample("Hi", "Hello", FOUND).model_copy(update={"fields": {"note": "a secret word"}})
    (out,) = Quality(banned=("secret",)).apply([row], kit(tmp_path))
    assert "secret" in out.dropped_by.reason


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("How do I get my card back from the machine that swallowed it?", True),
        ("Wie bekomme ich meine Karte aus dem Automaten zurück, der sie eingezogen hat?", False),
        ("怎样才能把被机器吞掉的银行卡取回来呢", False),
        ("Apple Pay", True),
    ],
)
def test_only_the_languages_that_are_wanted(question: str, kept: bool, tmp_path: Path) -> None:
    assert judged(question, "Ask at the counter.", tmp_path, languages=("en",)).kept is kept


def test_lengths_far_from_those_of_the_data(tmp_path: Path) -> None:
    rows = [sample("word " * (8 + n % 5), "yes, of course", FOUND) for n in range(80)]
    rows[40] = sample("word and other words " * 400, "yes, of course", FOUND)
    out = list(Quality(tails=True, repetition=False).apply(iter(rows), kit(tmp_path)))
    assert [n for n, row in enumerate(out) if not row.kept] == [40]
    assert "where those of this data have" in out[40].dropped_by.reason


def test_limits_of_length(tmp_path: Path) -> None:
    assert "at least 5" in judged("Hey", ANSWER["en"], tmp_path, shortest=5).dropped_by.reason
    assert "at most 10" in judged("Hey", ANSWER["en"], tmp_path, longest=10).dropped_by.reason


def test_a_row_of_a_table_is_left_alone(tmp_path: Path) -> None:
    row = Sample(id="a", messages=(), origin=FOUND, fields={"price": "12", "name": "-"})
    (out,) = Quality().apply([row], kit(tmp_path))
    assert out is row


def test_good_rows_of_others_stay(shared: Path, tmp_path: Path) -> None:
    """What goes of alpaca's are answers in which a model says what it can't."""
    for name in ("alpaca_en_demo", "alpaca_zh_demo"):
        out = list(Quality().apply(_alpaca(shared / "llamafactory_demo" / f"{name}.json"), kit(tmp_path)))
        gone = [row for row in out if not row.kept and "itself" not in row.dropped_by.reason]
        assert [row for row in gone if "自己" not in row.dropped_by.reason] == []
    with gzip.open(shared / "llamafactory_demo" / "c4_demo.jsonl.gz") as file:
        pages = [sample(orjson.loads(line)["text"], "yes", FOUND) for line in file]
    assert sum(not row.kept for row in Quality().apply(pages, kit(tmp_path))) <= 1


def _alpaca(path: Path) -> Iterator[Sample]:
    for row in orjson.loads(path.read_bytes()):
        yield sample(f"{row['instruction']}\n{row.get('input', '')}", row["output"], FOUND)
