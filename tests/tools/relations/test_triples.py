"""Triples are read from a CSV by its head, with their dates; what can't be used is named by its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tools.relations.triples import Relations, Span, is_triples, read_relations, span_of
from tools.tables import tables_of
from workspace.errors import UserError


def read(folder: Path, text: str) -> Relations:
    path = folder / "facts.csv"
    path.write_text(text, encoding="utf-8")
    found = read_relations([path])
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "subject,relation,object,from,to\nAcme,acquired,Beta,2018-10,2020\n",
        "note;OBJECT;Predicate;To;From;Subject\nx;Beta;acquired;2020;2018/10;Acme\n",
        "主语,谓语,宾语,生效,失效\nAcme,收购,Beta,2018年10月,2020年\n",
        "主体\t关系\t客体\t开始\t结束\nAcme\t收购\tBeta\t2018年10月\t2020\n",
    ],
)
def test_the_head_says_what_is_what(tmp_path: Path, text: str) -> None:
    (triple,) = read(tmp_path, text).triples
    assert (triple.owner, triple.value) == ("beta", "acme")
    assert triple.valid == Span(date(2018, 10, 1), date(2020, 12, 31))
    assert text[triple.place.start : triple.place.end] == triple.place.quote == text.split("\n")[1]


def test_bad_lines_are_refused_by_their_number(tmp_path: Path) -> None:
    text = "subject,relation,object,from,to\n,a,b\nA,,b\nA,owns,\nA,owns,B,soon\nA,owns,B,2020,2019\nA,owns,B,,now\n"
    relations = read(tmp_path, text)
    assert len(relations.triples) == 1
    assert [(refused.line, refused.reason.en) for refused in relations.refused] == [
        (2, "there is no subject"),
        (3, "there is no relation"),
        (4, "there is no object"),
        (5, "“soon” is no date"),
        (6, "it ends before it begins"),
    ]


def test_only_what_a_person_confirmed_counts(tmp_path: Path) -> None:
    text = "subject,relation,object,confirmed\nA,owns,B,yes\nA,owns,C,\nD,owns,E,是\nF,owns,G,no\nH,owns,I,X\n"
    assert [t.owner for t in read(tmp_path, text).triples] == ["b", "e", "i"]
    with pytest.raises(UserError, match="1 of them are not confirmed"):
        read(tmp_path, "subject,relation,object,confirmed\nA,owns,C,\n")


def test_other_tables_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("subject,text\nA,b\n", encoding="utf-8")
    assert not is_triples(path)
    assert tables_of([path]).paths == ()


def test_data_tell_whether_a_thing_has_one_object_at_a_time(tmp_path: Path) -> None:
    text = (
        "subject,relation,object,from,to,functional\nA,hue,red,2001,2002,\nA,hue,blue,2003,,\nA,tag,x,,,\nA,tag,y,,,\n"
    )
    relations = read(tmp_path, text + "A,supplies,x,,,\nB,code name,x,,,no\n")
    assert {key: relations.one(key) for key in ("hue", "tag", "code name")} == {
        "hue": True,
        "tag": False,
        "code name": False,
    }


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2018", Span(date(2018, 1, 1), date(2018, 12, 31))),
        ("2020-02", Span(date(2020, 2, 1), date(2020, 2, 29))),
        ("26 October 2018", Span(date(2018, 10, 26), date(2018, 10, 26))),
        ("2018年10月26日", Span(date(2018, 10, 26), date(2018, 10, 26))),
        ("2018-13", None),
        ("2019-02-30", None),
        ("soon", None),
        ("60", None),
    ],
)
def test_dates_are_as_exact_as_they_are_written(written: str, days: Span | None) -> None:
    assert span_of(written) == days
