"""A row that is no row says every fault it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.checks.form import Form
from workspace.sample import Cell, Message, Origin, Sample, sample


def faults(row: Sample, home: Path, **values: object) -> list[str]:
    return [finding.reason for finding in Form().check(row, kit(home, **values))]


def answer(question: str, reply: str) -> Sample:
    return sample(question, reply, Origin(source="files"))


def test_a_good_row_has_none(tmp_path: Path) -> None:
    assert faults(said("I lost my card"), tmp_path) == []
    assert faults(said("hi"), tmp_path) == []


def test_an_answer_that_breaks_off_is_told_from_one_that_ends_short(tmp_path: Path) -> None:
    written = [
        "You can change it at any machine, or in the app under",
        "You can change it at any machine that you log in",
    ]
    rows = [sample("Where do I change it?", answer, Origin(source="test")) for answer in written]
    found = [[f.reason for f in Form().check(row, kit(tmp_path))] for row in rows]
    assert ["breaks off" in " ".join(reasons) for reasons in found] == [True, False]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (said("I lost my card", "gone"), "none of the specification's"),
        (said("I lost my card").model_copy(update={"label": None}), "no label"),
        (said("I lost my card", label="lost_card").model_copy(update={"label": "balance"}), "not the label"),
        (said("?!"), "no words"),
        (said("我的卡丢了，怎么办"), "not in English"),
        (said("Мою карту украли"), "not in English"),
        (said("Dear [Your Name], I lost it"), "[Your Name]"),
        (said("As an AI language model, I lost it"), "As an AI"),
        (said("x" * 8001), "longer"),
        (said("lost my card " * 60), "repeats"),
        (said("I lost it").model_copy(update={"messages": (Message(role="user", content="I lost it"),)}), "no answer"),
    ],
)
def test_a_fault(tmp_path: Path, row: Sample, word: str) -> None:
    assert any(word in fault for fault in faults(row, tmp_path))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("iPhone 15 Pro Max 多少钱", True),
        ("VPN?", True),
        ("I lost my card", False),
        ("Where is my card, please", False),
        ("カードをなくしました、どうすればいいですか", False),
    ],
)
def test_chinese_with_foreign_names_is_chinese(tmp_path: Path, text: str, fits: bool) -> None:
    assert (faults(said(text), tmp_path, languages=["zh"]) == []) is fits


def test_a_written_row_is_in_the_language_of_its_cell(tmp_path: Path) -> None:
    row = said("I lost my card", cell=Cell(language="zh"))
    assert "not in Chinese" in faults(row, tmp_path, languages=["en", "zh"])[0]


def test_answers_are_looked_at_where_they_are_no_labels(tmp_path: Path) -> None:
    values = {"task": "question-answering"}
    assert faults(answer("How long?", "Two days."), tmp_path, **values) == []
    assert "answer is not in English" in faults(answer("How long?", "两天之内到账"), tmp_path, **values)[0]
    assert "{{name}}" in faults(answer("Who are you?", "I am {{name}}."), tmp_path, **values)[0]


def test_templates_among_others_rows_are_found(shared: Path, tmp_path: Path) -> None:
    from tools.sources.files import read_file

    path = shared / "llamafactory_demo" / "identity.json"
    spec = kit(tmp_path, task="dialogue")
    rows = list(read_file(path, path.name, {}, spec.spec))
    assert all(Form().check(row, spec) for row in rows if "{{" in row.answer)


def test_a_reason_is_in_the_language_of_the_goal(tmp_path: Path) -> None:
    row = said("Where is my parcel, please?")
    assert "问题不是中文" in faults(row, tmp_path, languages=["zh"], goal="把客户的消息分成几类")
