"""A code that does not exist, or stands with another's term, takes the row out; a slip is only pointed out."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tools.base import Kit
from tools.checks.terms import TermsFit
from tools.terms import read_terms
from workspace.project import Project
from workspace.sample import Finding, Origin, sample
from workspace.spec import Spec

LIST = """code,term,synonyms
J45.9,Asthma,哮喘;支气管哮喘
J45.901,Unspecified asthma with acute exacerbation,
J18.9,Pneumonia,肺炎
I10,Essential hypertension,高血压
K35.80,Acute appendicitis,急性阑尾炎
"""


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    (tmp_path / "icd.csv").write_text(LIST, encoding="utf-8")
    return Kit(Spec(), Project(tmp_path, "terms"), terms=read_terms([tmp_path / "icd.csv"]))


def found(kit: Kit, answer: str, question: str = "q", **fields: str) -> list[Finding]:
    row = sample(question, answer, Origin(source="test")).model_copy(update={"fields": fields})
    return list(TermsFit().check(row, kit))


def drops(kit: Kit, answer: str, question: str = "q", **fields: str) -> bool:
    return any(finding.drops for finding in found(kit, answer, question, **fields))


@pytest.mark.parametrize(
    "answer",
    [
        "Code it as J18.8.",
        "诊断编码为Ｊ18.7。",
        "J45.9 pneumonia is treated with rest.",
        "The patient has pneumonia (J45.9) and a cough.",
        "肺炎的编码是J45.9。",
        "ICD-10: I10 pneumonia",
        "Use code K99 for it.",
    ],
)
def test_wrong_codes_drop(kit: Kit, answer: str) -> None:
    assert drops(kit, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The patient has asthma (J45.9) and pneumonia (J18.9).",
        "J45.901 is asthma with exacerbation; Ｊ45.9 哮喘；J18.9：肺炎。",
        "Related to asthma, J18.9 is used for an infection of the lung.",
        "Take vitamin B12 and 10 mg of it, in 2024, on 45.9 days.",
        "J45.9 is not pneumonia.",
        "J45.9 and pneumonia.",
        "Code J45 is a group.",
        "",
    ],
)
def test_right_and_open_ones_stay(kit: Kit, answer: str) -> None:
    assert not drops(kit, answer)


def test_the_finding_quotes_the_list_and_offers_the_nearest(kit: Kit) -> None:
    unknown = found(kit, "Code it as K35.81.")[0]
    assert unknown.evidence
    assert unknown.evidence.quote == LIST[unknown.evidence.start : unknown.evidence.end]
    assert "K35.80, “Acute appendicitis”" in unknown.reason
    assert found(kit, "肺炎的编码是J45.9。")[0].reason == "词表中 J45.9 是“哮喘”，不是“肺炎”。"
    assert [f.verdict for f in found(kit, "Asthma is J45.9.")] == ["pass"]


def test_a_short_answer_is_read_with_its_question(kit: Kit) -> None:
    assert drops(kit, "J18.9", "What is the ICD code for asthma?")
    assert drops(kit, "It is pneumonia.", "What is J45.9?")
    assert not drops(kit, "J45.9", "What is the ICD code for asthma?")
    assert not drops(kit, "J18.9", "Does asthma end in this?")


def test_a_slip_of_the_finger_is_pointed_out_and_drops_nothing(kit: Kit) -> None:
    (slip,) = found(kit, "He has essential hypertention.")
    assert (slip.verdict, slip.drops) == ("fail", False)
    assert "Essential hypertension" in slip.reason
    assert found(kit, "He has essential hypertensions and is pneumonic.") == []


def test_columns_are_judged_as_well(kit: Kit) -> None:
    assert drops(kit, "x", code="J45.9", diagnosis="Pneumonia")
    assert not drops(kit, "x", code="J45.9", diagnosis="哮喘")
    assert not drops(kit, "x", code="Z99")
    assert kit.terms
    assert drops(replace(kit, terms=replace(kit.terms, columns=frozenset({"code"}))), "x", code="Z99")


def test_it_is_silent_without_a_list(kit: Kit) -> None:
    assert found(replace(kit, terms=None), "J99.99") == []


def test_a_large_list_is_searched_fast(tmp_path: Path) -> None:
    draw = random.Random(1)
    syllables = "car dio my opa thia neu ro sis hep ati tis ren al pul mon ary der ma gas tro ente".split()
    names = ["".join(draw.choices(syllables, k=4)) + " " + "".join(draw.choices(syllables, k=3)) for _ in range(20_000)]
    lines = [f"{chr(65 + i % 26)}{i // 26 % 100:02d}.{i // 2600},{name}" for i, name in enumerate(names)]
    (tmp_path / "list.csv").write_text("code,term\n" + "\n".join(lines), encoding="utf-8")
    kit = Kit(Spec(), Project(tmp_path, "terms"), terms=read_terms([tmp_path / "list.csv"]))
    assert found(kit, lines[7].replace(",", " is ")) != []
    began = time.process_time()
    for line in lines[:1000]:
        assert not drops(kit, f"In this case we write {line.replace(',', ', ')} and nothing else at all.")
    assert time.process_time() - began < 3
