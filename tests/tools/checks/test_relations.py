"""Claims about who does what with whom, and since when, against a person's triples, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.base import Kit
from tools.checks.relations import RelationsHold
from tools.relations.triples import read_relations
from workspace.project import Project
from workspace.sample import Finding, Origin, sample
from workspace.spec import Spec

TRIPLES = """Subject,Relation,Object,From,To,words,aliases
Microsoft,acquired,GitHub,2018-10-26,,,MSFT
Google,acquired,YouTube,2006,,,
Apple Inc.,CEO,Steve Jobs,1997,2011-08-24,,
Apple Inc.,CEO,Tim Cook,2011-08-24,,,
Apple Inc.,headquarters,Cupertino,,,,
Satya Nadella,CEO of,Microsoft,2014-02,,,
Instagram,parent company,Meta,2012,,,
Larry Page,founded,Google,1998,,,
Sergey Brin,founded,Google,1998,,,
Google,founded,1998,,,,
微软,收购,领英,2016年,,,
故宫,地址,北京市东城区景山前街4号,,,,紫禁城
故宫,电话,010-85007938,,,,
故宫,门票,60,,,,
故宫,评分,4.7,,,,
天坛,电话,010-67028866,,,,
天坛,门票,15,,,,
星海科技,总经理,李明,2019,2022,,
星海科技,总经理,王芳,2022-03,,,
Widget,warehouse,Leeds,,,,
Gadget,warehouse,York,,,,
Acme,supplies,bolts,,,delivers|provides,
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    folder = tmp_path_factory.mktemp("relations")
    (folder / "facts.csv").write_text(TRIPLES, encoding="utf-8")
    return Kit(Spec(), Project(folder, "relations"), relations=read_relations([folder / "facts.csv"]))


def found(kit: Kit, answer: str, question: str = "?", **values: object) -> list[Finding]:
    row = sample(question, answer, Origin(source="test")).model_copy(update=values)
    return list(RelationsHold().check(row, kit))


def verdict(kit: Kit, answer: str, question: str = "?") -> str:
    """The worst that was found."""
    said = {finding.verdict for finding in found(kit, answer, question)}
    return next((v for v in ("contradicted", "unknown", "supported") if v in said), "unknown")


SUPPORTED = (
    "Microsoft acquired GitHub in 2018.",
    "Microsoft bought GitHub.",
    "GitHub was acquired by Microsoft in October 2018.",
    "The acquisition of GitHub by Microsoft closed in 2018.",
    "Microsoft's acquisition of GitHub was big.",
    "GitHub, a code host, was acquired by Microsoft.",
    "GitHub, acquired by Microsoft, hosts code.",
    "Tim Cook is the CEO of Apple.",
    "Apple's CEO is Tim Cook.",
    "The CEO of Apple is Tim Cook.",
    "Apple CEO Tim Cook spoke.",
    "Steve Jobs was the CEO of Apple.",
    "In 2005, Steve Jobs was the CEO of Apple.",
    "Satya Nadella is Microsoft's CEO.",
    "Microsoft is led by Satya Nadella.",
    "Satya Nadella has been CEO of Microsoft since 2014.",
    "Apple is headquartered in Cupertino.",
    "Meta is the parent company of Instagram.",
    "Instagram is a subsidiary of Meta.",
    "Google was founded by Larry Page and Sergey Brin.",
    "Larry Page founded Google.",
    "Google was founded in 1998.",
    "GitHub was acquired in 2018.",
    "微软收购了领英。",
    "领英被微软收购。",
    "微软于2016年收购了领英。",
    "微软完成了对领英的收购。",
    "故宫的地址是北京市东城区景山前街4号，电话是010-85007938。",
    "故宫门票60元，评分4.7分。",
    "星海科技的总经理是王芳。",
    "李明曾任星海科技总经理。",
    "2020年，李明是星海科技的总经理。",
    "王芳是星海科技的总经理。",
    "王芳担任星海科技的总经理。",
    "The warehouse of Widget is Leeds.",
    "Acme provides bolts.",
    "Acme delivered bolts.",
    "Ｍｉｃｒｏｓｏｆｔ　acquired GitHub.",
    "MSFT bought GitHub.",
)
CONTRADICTED = (
    "GitHub acquired Microsoft.",
    "Microsoft was acquired by GitHub.",
    "Microsoft acquired GitHub in 2016.",
    "Google acquired GitHub.",
    "Amazon acquired GitHub.",
    "Microsoft did not acquire GitHub.",
    "GitHub was taken over by Google.",
    "The acquisition of YouTube by Microsoft was a surprise.",
    "Steve Jobs is the CEO of Apple.",
    "In 2015, Steve Jobs was the CEO of Apple.",
    "Satya Nadella is the CEO of Apple.",
    "Apple's CEO is Jane Miller.",
    "Tim Cook is Microsoft's CEO.",
    "Microsoft is led by Tim Cook.",
    "Satya Nadella has been CEO of Microsoft since 2010.",
    "Apple is headquartered in Seattle.",
    "Instagram is the parent company of Meta.",
    "Meta is a subsidiary of Instagram.",
    "Google was founded in 1996.",
    "GitHub was acquired in 2015.",
    "微软被领英收购。",
    "领英收购了微软。",
    "微软于2013年收购了领英。",
    "微软没有收购领英。",
    "故宫的地址是北京市东城区景山前街8号。",
    "故宫的电话是010-85007939，门票60元。",
    "故宫的电话是010-67028866。",
    "故宫门票80元。",
    "故宫的评分为4.3。",
    "星海科技的总经理是李明。",
    "2020年，王芳是星海科技的总经理。",
    "星海科技的总经理是张伟。",
    "The warehouse of Widget is York.",
    "Widget's warehouse is in York.",
    "紫禁城的电话是010-67028866。",
)
OPEN = (
    "Microsoft plans to acquire YouTube.",
    "Microsoft acquired Nokia.",
    "微软计划收购领英。",
    "Acme provides nuts.",
    "The CEO of Apple is a great man.",
    "Apple and Microsoft compete; Tim Cook spoke with Satya Nadella.",
    "Tim Cook met Microsoft's CEO.",
    "If Google acquired GitHub, prices would rise.",
    "Did Google acquire GitHub?",
    "故宫的地址在市中心。",
)
SHORT = (
    ("故宫的电话是多少？", "010-85007938", "supported"),
    ("故宫的电话是多少？", "010-67028866", "contradicted"),
    ("故宫的电话是多少？", "您好，电话是010-67028866。", "contradicted"),
    ("故宫的门票多少钱？", "门票60元。", "supported"),
    ("故宫的门票多少钱？", "50元。", "contradicted"),
    ("Who acquired GitHub?", "Microsoft.", "supported"),
    ("Who acquired GitHub?", "Google.", "contradicted"),
    ("What did Microsoft acquire?", "GitHub.", "supported"),
    ("Who is the CEO of Apple?", "Tim Cook.", "supported"),
    ("Who is the CEO of Apple?", "Satya Nadella", "contradicted"),
    ("Where is Apple headquartered?", "In Seattle.", "contradicted"),
    ("谁收购了领英？", "微软。", "supported"),
)


@pytest.mark.parametrize("claim", SUPPORTED)
def test_supports(kit: Kit, claim: str) -> None:
    assert verdict(kit, claim) == "supported"


@pytest.mark.parametrize("claim", CONTRADICTED)
def test_contradicts_and_drops(kit: Kit, claim: str) -> None:
    assert verdict(kit, claim) == "contradicted"
    assert any(finding.drops for finding in found(kit, claim))


@pytest.mark.parametrize("claim", OPEN)
def test_leaves_open_and_drops_nothing(kit: Kit, claim: str) -> None:
    assert verdict(kit, claim) == "unknown"
    assert not any(finding.drops for finding in found(kit, claim))


@pytest.mark.parametrize(("question", "answer", "expected"), SHORT)
def test_reads_a_short_answer_with_its_question(kit: Kit, question: str, answer: str, expected: str) -> None:
    assert verdict(kit, answer, question) == expected


def test_quotes_the_line_that_decides(kit: Kit) -> None:
    (finding,) = found(kit, "GitHub acquired Microsoft.")
    assert finding.evidence
    place = finding.evidence
    assert (place.document, place.quote) == ("facts.csv", "Microsoft,acquired,GitHub,2018-10-26,,,MSFT")
    assert TRIPLES[place.start : place.end] == place.quote
    assert finding.reason == "It is the other way round."
    assert found(kit, "领英收购了微软。")[0].reason == "方向说反了。"


def test_a_row_with_a_bare_label_is_judged_by_its_message(kit: Kit) -> None:
    findings = found(kit, "news", "Google acquired GitHub. I acquired YouTube.", label="news")
    assert [(f.claim, f.verdict) for f in findings] == [("Google acquired GitHub.", "contradicted")]


def test_the_thing_spoken_of_is_kept_in_mind(kit: Kit) -> None:
    wrong = found(kit, "故宫是皇家宫殿。它的门票是15元，评分4.7。天坛也不错，门票是60元。")
    assert [f.verdict for f in wrong] == ["contradicted", "supported", "contradicted"]


def test_is_silent_without_triples(kit: Kit) -> None:
    assert found(replace(kit, relations=None), "GitHub acquired Microsoft.") == []
