"""Tidying changes how a text is written, never what it says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.normalise import Normalise
from tools.writing.mojibake import unbroken


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a \t b  ", "a b"),
        ("a\u3000b\u00a0c", "a b c"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("pass\u200bword\ufeff \u202eevil\u202c", "password evil"),
        ("hid\U000e0041\U000e0042den", "hidden"),
        ("nul\0l\x07", "null"),
        ("cafe\u0301", "café"),
        ("if x:\n    y = 1\n", "if x:\n    y = 1"),
        ("👨\u200d👩\u200d👧 क्\u200dष", "👨\u200d👩\u200d👧 क्\u200dष"),
        ("zero\u200dwidth", "zerowidth"),
        ("Ａ１，好", "A1，好"),
        ("时间是２２：５８。", "时间是22:58。"),
        ("Ｈｅｌｌｏ，ｗｏｒｌｄ！", "Hello,world!"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("Wow!!!!!!!!", "Wow!!!"),
        ("太好了！！！！！！", "太好了！！！"),
        ("x == y != z; a........b", "x == y != z; a........b"),
        ("schÃ¶n", "schön"),
        ("浣犲ソ锛屼笘鐣屻€�", "你好，世界�"),
        ("鎴戞兂閫€璐у悧", "我想退货吗"),
        ("ÄãºÃ£¬ÊÀ½ç", "你好，世界"),
        ("cafÃ© Ã\xa0 la carte", "café à la carte"),
        ("<p>Hello <b>world</b></p><br>AT&amp;T", "Hello world\n\nAT&T"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("vector<int> v; List<a> x", "vector<int> v; List<a> x"),
        ("Write <b>bold</b> in HTML", "Write <b>bold</b> in HTML"),
        ("```\n<b>x</b>\n```", "```\n<b>x</b>\n```"),
    ],
)
def test_tidy(before: str, after: str) -> None:
    assert Normalise().tidy(before) == after
    assert Normalise().tidy(after) == after


def test_full_width_becomes_narrow_where_asked() -> None:
    assert Normalise(form="NFKC").tidy("Ａ１ﬁ") == "A1fi"


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({"case": "lower"}, "Hello", "hello"),
        ({"punctuation": "plain"}, "“Yes” – it’s…", '"Yes" - it\'s...'),
        ({"punctuation": "plain"}, "他说“是”——真的", "他说“是”——真的"),
        ({"urls": "removed"}, "看这里https://a.com/b?c=1，谢谢", "看这里，谢谢"),
        ({"urls": "marked"}, "See https://a.com/b.", "See [URL]."),
        ({"script": "t2s"}, "為什麼說繁體中文", "为什么说繁体中文"),
        ({"script": "s2twp"}, "软件和鼠标", "軟體和滑鼠"),
        ({"numbers": "figures"}, "共计六点四二万人，增长百分之六点三", "共计6.42万人，增长6.3%"),
        ({"numbers": "figures"}, "负十二分之七的一共有多少人", "-7/12的一共有多少人"),
        ({"numbers": "figures"}, "two hundred and five cards, one of them lost", "205 cards, one of them lost"),
        ({"numbers": "figures"}, "five point two million, zero point oh five", "5.2 million, 0.05"),
        (
            {"numbers": "figures"},
            "the twenty first of the nineteen eighties",
            "the twenty first of the nineteen eighties",
        ),
        ({"numbers": "figures"}, "七八个人，几十万，二十几岁", "七八个人，几十万，二十几岁"),
        ({"numbers": "figures"}, "八点三十到九点零五分", "8:30到9:05"),
        ({"numbers": "figures"}, "约三百一十五万字，重二十五千克", "约315万字，重25千克"),
        ({"numbers": "figures"}, "拨打幺二三零六", "拨打12306"),
        ({"dates": "iso"}, "二零零八年八月八日到2008/8/9", "2008-08-08到2008-08-09"),
        ({"dates": "iso"}, "on 8 August 2008, in May", "on 2008-08-08, in May"),
        ({"mojibake": False}, "schÃ¶n", "schÃ¶n"),
        ({"html": "kept"}, "<b>a</b>", "<b>a</b>"),
        ({"width": "kept"}, "Ａ１", "Ａ１"),
        ({"repeats": "kept"}, "!!!!!!", "!!!!!!"),
    ],
)
def test_what_is_asked_for_is_done(options: dict[str, object], before: str, after: str) -> None:
    assert Normalise.model_validate(options).tidy(before) == after


def test_what_changed_is_counted_and_what_it_said_is_kept(tmp_path: Path) -> None:
    edit = Normalise()
    rows = [said("a  b"), said("schÃ¶n  hier"), said("fine"), said("<i>Ａ</i>")]
    out = list(edit.apply(rows, kit(tmp_path)))
    assert edit.counts == {"spaces": 2, "encoding": 1, "markup": 1, "width": 1}
    assert edit.rows_changed == 3
    assert [[(f.claim, f.column, f.drops) for f in row.findings] for row in out] == [
        [],
        [("schÃ¶n  hier", "user", False)],
        [],
        [("<i>Ａ</i>", "user", False)],
    ]
    assert out[2] is rows[2]


def test_rows_of_a_table_and_evidence_are_tidied_too(tmp_path: Path) -> None:
    row = said("x").model_copy(
        update={"messages": (), "fields": {"名称": "Ａ１ 店", "n": 3}, "evidence": "a  b", "label": None}
    )
    (out,) = Normalise().apply([row], kit(tmp_path))
    assert (out.fields, out.evidence, out.kept) == ({"名称": "A1 店", "n": 3}, "a b", True)


def test_tags_stay_in_a_row_that_speaks_of_them(tmp_path: Path) -> None:
    row = said("How do I make a web page?", "<p>Hello</p>")
    (out,) = Normalise().apply([row], kit(tmp_path))
    assert out is row


def test_mojibake_of_others_is_mended(shared: Path) -> None:
    """ftfy by itself: 152 of 161."""
    import orjson

    cases = orjson.loads((shared / "mojibake_ftfy" / "test_cases.json").read_bytes())
    assert sum(unbroken(case["original"], straight=True) == case["fixed"] for case in cases) >= 152


def test_good_text_is_left_as_it_is(shared: Path) -> None:
    """What differs is broken: U+00C2 before a no-break space."""
    import orjson

    for name in ("alpaca_zh_demo", "alpaca_en_demo"):
        for row in orjson.loads((shared / "llamafactory_demo" / f"{name}.json").read_bytes()):
            assert all(unbroken(text) == text for text in row.values() if isinstance(text, str))


def test_the_label_is_tidied_with_the_answer(tmp_path: Path) -> None:
    (row,) = Normalise().apply(
        [said("a  b", " lost_card\u200b").model_copy(update={"label": " lost_card\u200b"})], kit(tmp_path)
    )
    assert (row.question, row.answer, row.label) == ("a b", "lost_card", "lost_card")


def test_what_can_not_be_seen_is_no_row(tmp_path: Path) -> None:
    (row,) = Normalise().apply([said("\u200b \u2060")], kit(tmp_path))
    assert row.dropped_by.check == "normalise"


def test_a_tidy_row_is_not_touched(tmp_path: Path) -> None:
    row = said("I lost my card")
    (out,) = Normalise().apply([row], kit(tmp_path))
    assert out is row


@pytest.mark.parametrize(
    "text", [" " * 100_000 + "x", "\n" * 100_000 + "x", "<a href=http://x>" * 5_000, "<!--" * 25_000]
)
def test_no_text_takes_the_square_of_its_length(text: str) -> None:
    started = time.process_time()
    Normalise().tidy(text)
    assert time.process_time() - started < 5


def test_broken_text_of_others_is_stable(shared: Path) -> None:
    import orjson

    for text in orjson.loads((shared / "naughty_strings" / "blns.json").read_bytes()):
        once = Normalise().tidy(text)
        assert Normalise().tidy(once) == once
