"""The first of several alike stays; a later one says which it copies."""

from __future__ import annotations

from pathlib import Path

from tests.contract.kits import kit, said
from tools.edits.duplicates import Duplicates
from workspace.sample import Finding, Origin, Sample, sample


def judged(tmp_path: Path, rows: list[Sample], **options: float) -> list[Sample]:
    return list(Duplicates(**options).apply(rows, kit(tmp_path)))


def test_the_same_words_in_other_dress(tmp_path: Path) -> None:
    first, second = judged(tmp_path, [said("I lost my card."), said("  i LOST my ｃａｒｄ!!")])
    assert first.kept
    assert second.dropped_by.check == "duplicates"
    assert first.id in second.dropped_by.reason
    assert second.dropped_by.evidence.quote == "I lost my card."


def test_nearly_the_same_words(tmp_path: Path) -> None:
    rows = [
        said("我的银行卡昨天在公交车上丢了怎么办"),
        said("我的银行卡昨天在公交车上弄丢了怎么办"),
        said("我想开一个新的储蓄账户"),
    ]
    assert [row.kept for row in judged(tmp_path, rows)] == [True, False, True]
    assert [row.kept for row in judged(tmp_path, rows, similarity=99)] == [True, True, True]


def test_nearly_the_same_with_another_label_stays(tmp_path: Path) -> None:
    rows = [said("I want to open my account today"), said("I want to close my account today", "close_account")]
    assert all(row.kept for row in judged(tmp_path, rows, similarity=80))


def test_one_text_with_two_labels(tmp_path: Path) -> None:
    first, second = judged(tmp_path, [said("I lost my card"), said("i lost my card!", "transfer")])
    assert first.kept
    assert second.dropped_by.reason.startswith("same text, two labels: transfer here, lost_card in row")


def test_without_a_label_another_answer_or_number_is_another_row(tmp_path: Path) -> None:
    rows = [
        sample(
            "How much is 13 + 29 if you add them up?",
            "13 + 29 is 42 if you add them up.",
            Origin(source="files", row=1),
        ),
        sample(
            "How much is 13 + 28 if you add them up?",
            "13 + 28 is 41 if you add them up.",
            Origin(source="files", row=2),
        ),
        sample("How much is 13 + 29 if you add them up?", "That would be forty-two.", Origin(source="files", row=3)),
        sample(
            "how much is 13 + 29, if you add them up", "13 + 29 is 42 if you add them up", Origin(source="files", row=4)
        ),
    ]
    assert [row.kept for row in judged(tmp_path, rows)] == [True, True, True, False]


def test_an_instruction_above_every_text_makes_no_copies(tmp_path: Path) -> None:
    instruction = "Sort this message to the bank into one of the four kinds that are known, and say nothing else.\n"
    texts = ["lost my card", "how much is left", "pay Anna back", "open an account", "my card is gone", "send 5 to Bo"]
    rows = [said(instruction + text) for text in texts * 8]
    assert sum(row.kept for row in judged(tmp_path, rows)) == len(texts)


def test_a_dropped_row_hides_no_other(tmp_path: Path) -> None:
    dropped = said("I lost my card").judged(Finding(check="form", verdict="fail", reason="x", drops=True))
    assert judged(tmp_path, [dropped, said("I lost my card")])[1].kept


def test_planted_copies_are_found_and_others_left(shared: Path, tmp_path: Path) -> None:
    """Texts from others' files, one in ten with a letter changed."""
    import orjson

    lines = orjson.loads((shared / "llamafactory_demo" / "alpaca_zh_demo.json").read_bytes())
    texts = list({line["instruction"]: None for line in lines if len(line["instruction"]) > 20})[:300]
    planted = [text[:7] + "吧" + text[8:] for text in texts[::10]]
    out = judged(tmp_path, [said(text) for text in [*texts, *planted]])
    assert sum(row.kept for row in out[: len(texts)]) >= 0.98 * len(texts)
    assert sum(not row.kept for row in out[len(texts) :]) >= 0.95 * len(planted)


def asked(question: str, answer: str = "Yes.") -> Sample:
    return sample(question, answer, Origin(source="files"))


def test_a_point_in_a_number_makes_another_row_and_its_width_does_not(tmp_path: Path) -> None:
    rows = [
        asked("Does a dose of 1.5 mg do?"),
        asked("Does a dose of 15 mg do?"),
        asked("Does a dose of １．５ mg do？"),
    ]
    assert [row.kept for row in judged(tmp_path, rows)] == [True, True, False]


def test_a_not_makes_another_row(tmp_path: Path) -> None:
    rows = [
        asked("May the parcels of our customers be opened by the drivers of the company?"),
        asked("May the parcels of our customers not be opened by the drivers of the company?"),
        asked("May the parcels of our customers be opened by all the drivers of the company?"),
    ]
    assert [row.kept for row in judged(tmp_path, rows)] == [True, True, False]


def test_rows_of_a_table_are_copies_where_every_column_says_the_same(tmp_path: Path) -> None:
    def table(number: int, **fields: str | float) -> Sample:
        return Sample(id=f"t{number}", messages=(), origin=Origin(source="files", row=number), fields=fields)

    rows = [
        table(1, name="Lamp", price=1.5),
        table(2, name="Lamp", price=15),
        table(3, name="ＬＡＭＰ ", price=1.5),
        table(4, name="Lamps", price=1.5),
        said("lamp | 1.5"),
    ]
    out = judged(tmp_path, rows)
    assert [row.kept for row in out] == [True, True, False, True, True]
    assert out[2].dropped_by.evidence.quote == "lamp | 1.5"


def test_the_size_of_the_parts_changes_nothing(tmp_path: Path) -> None:
    """A second label, a copy of a copy, and a copy of what is dropped, all in one part or each in its own."""
    long = "I want to know where the card is that you sent to my old address in "
    rows = [
        said(long + "Lisbon", id="a"),
        said(long + "Lisboa", id="b"),
        said(long + "Lisboa", "transfer", id="c"),
        said(long + "Lisboa", id="d"),
        said(long + "Lisboas", "transfer", id="e"),
        said(long + "Lisbon", "transfer", id="f"),
        said(long.upper() + "Lisbon", id="g"),
    ]
    for size in (1, 2, 3, 100):
        together = judged(tmp_path, rows, at_once=size)
        assert [row.kept for row in together] == [True, False, True, False, False, False, False]
