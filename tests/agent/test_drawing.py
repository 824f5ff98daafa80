"""The sentences in which a person meets what a build came to."""

from __future__ import annotations

from agent.drawing import check_words, counts, failing_words
from agent.failings import FAILINGS
from tools.base import Check, registry
from workspace.results import Tally
from workspace.sample import Origin, sample


def test_what_took_rows_out_is_called_by_what_was_wrong() -> None:
    tally = Tally(requested=120, accepted=2, rejected={"label": 118}, failed={})
    assert "- does not fit its label: 118" in counts(tally, "en")
    assert "- 与类别不符: 118" in counts(tally, "zh")


def test_every_check_has_words_for_the_row_that_failed_it() -> None:
    for name in registry(Check):
        assert name in FAILINGS
        for language in ("en", "zh"):
            assert failing_words(name, language) != check_words(name, language)


def test_accepted_rows_add_up_from_where_they_came() -> None:
    own = [sample("a", "b", Origin(source="files", row=row)) for row in range(3)]
    made = [sample("c", "d", Origin(source="generate", slot=str(slot))) for slot in range(2)]
    tally = Tally(requested=6, accepted=5, rejected={"leak": 1}, failed={})
    assert "3 of yours + 2 written = 5 accepted." in counts(tally, "en", [*own, *made])
    assert "written" not in counts(tally, "en", own)
