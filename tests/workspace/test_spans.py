"""Marked pieces in the forms people have them, and the words in which those that don't fit are refused."""

from __future__ import annotations

import pytest

from workspace.exact import json_text
from workspace.sample import Origin, Sample, sample
from workspace.spans import Misfit, Span, spans_of, with_quotes

TEXT = "fly to New York on Monday"
CITY, DAY = Span(7, 15, "city"), Span(19, 25, "day")


def row(text: str = TEXT, **fields: object) -> Sample:
    made = sample(text, "x", Origin(source="test"), label="x")
    return made.model_copy(update={"fields": {k: v if isinstance(v, str) else json_text(v) for k, v in fields.items()}})


@pytest.mark.parametrize(
    ("column", "given"),
    [
        ("slots", [{"start": 7, "end": 15, "label": "city"}, {"start": 19, "end": 25, "label": "day"}]),
        ("entities", [{"start": 19, "end": 25, "entity_type": "day"}, {"start": 7, "end": 15, "entity_type": "city"}]),
        (
            "spans",
            [
                {"value": {"start": 7, "end": 15, "text": "New York", "labels": ["city"]}, "type": "labels"},
                {"value": {"start": 19, "end": 25, "text": "Monday", "labels": ["day"]}, "type": "labels"},
            ],
        ),
        ("tags", ["O", "O", "B-city", "I-city", "O", "B-day"]),
        ("slots", "O O B-city I-city O B-day"),
        ("实体", "O O I_city I_city O I_day"),
    ],
)
def test_reads_the_usual_forms(column: str, given: object) -> None:
    assert spans_of(row(**{column: given})) == (CITY, DAY)


def test_tags_of_tokens_that_stand_apart_from_the_text() -> None:
    tokens = ["fly", "to", "New", "York", "on", "Mon", "day"]
    tags = ["O", "O", "B-city", "I-city", "O", "B-day", "I-day"]
    assert spans_of(row(tokens=tokens, tags=tags)) == (CITY, DAY)


def test_a_tag_for_each_chinese_character() -> None:
    assert spans_of(row("去北京，明天", tags="O B-city I-city O B-day I-day")) == (
        Span(1, 3, "city"),
        Span(4, 6, "day"),
    )


def test_no_column_is_not_the_same_as_no_piece() -> None:
    assert spans_of(row()) is None
    assert spans_of(row(slots=[])) == ()
    assert spans_of(row(slots="New York; Monday")) is None


def test_pieces_move_with_the_text() -> None:
    """Tidied spaces shift what stands behind them; the words beside a place say where it went."""
    loose = "fly  to   New York on Monday"
    fields = with_quotes({"slots": json_text([{"start": 10, "end": 18, "label": "city"}]), "tone": "dry"}, loose)
    assert fields["tone"] == "dry"
    assert spans_of(row(TEXT, **fields)) == (CITY,)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([{"start": 7, "end": 99, "label": "city"}], "outside a text of 25 characters"),
        ([{"start": 15, "end": 7, "label": "city"}], "outside"),
        ([{"start": 7, "end": 15, "label": "city", "text": "Boston"}], "'Boston' does not stand at 7 to 15"),
        ([{"start": 7, "label": "city"}], "lacks a start, an end or a label"),
        ([{"start": 7, "end": 15, "label": "city"}, {"start": 11, "end": 20, "label": "day"}], "overlap"),
        (["O", "O", "B-city"], "3 tags for"),
    ],
)
def test_what_does_not_fit_is_said(given: object, why: str) -> None:
    with pytest.raises(Misfit, match=why):
        spans_of(row(slots=given))
