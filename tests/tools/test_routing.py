"""A row that the checks are too unsure of waits for a person; everything else is decided as it was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.pipeline import run_checks, tally
from tools.routing import parsed, routed, state, thresholds_of
from workspace.errors import UserError
from workspace.sample import PERSON, REVIEW, Finding, Sample, Verdict
from workspace.spec import Spec
from workspace.stated import Stated

USUAL = thresholds_of(Spec().filled())


def found(
    verdict: Verdict, confidence: float = 1.0, claim: str | None = None, check: str = "facts", reason: str = "so it is"
) -> Finding:
    drops = verdict in ("contradicted", "fail")
    return Finding(check=check, verdict=verdict, reason=reason, claim=claim, confidence=confidence, drops=drops)


def row(*findings: Finding, **fields: str | int | float | bool | None) -> Sample:
    return said("How long does a refund take?").model_copy(update={"findings": findings, "fields": fields})


class TestTheFateOfARow:
    @pytest.mark.parametrize("verdict", ["contradicted", "fail"])
    def test_a_sure_no_is_a_no(self, verdict: Verdict) -> None:
        assert state(row(found(verdict, 0.99)), USUAL) == "rejected"

    def test_an_unsure_no_waits_for_a_person(self) -> None:
        waiting = routed(row(found("contradicted", 0.6)), USUAL)
        assert (waiting.outcome, waiting.kept) == ("review", False)
        assert waiting.dropped_by.check == REVIEW
        assert "60%" in waiting.dropped_by.reason
        assert "70%" in waiting.dropped_by.reason

    def test_an_unsure_yes_waits_too(self) -> None:
        assert state(row(found("supported"), found("supported", 0.5)), USUAL) == "review"

    def test_a_sure_yes_is_kept(self) -> None:
        assert state(row(found("supported", 0.7), found("pass")), USUAL) == "kept"

    def test_one_sure_no_outweighs_an_unsure_one(self) -> None:
        assert state(row(found("contradicted", 0.3), found("fail", check="logic")), USUAL) == "rejected"

    def test_a_sure_yes_does_not_settle_an_unsure_no(self) -> None:
        assert state(row(found("supported"), found("contradicted", 0.3)), USUAL) == "review"

    def test_unknown_is_the_matter_of_the_specification(self) -> None:
        unknown = found("unknown", 0.1)
        assert state(row(unknown), USUAL) == "kept"
        assert state(row(unknown.model_copy(update={"drops": True})), USUAL) == "rejected"

    def test_a_fail_that_takes_nothing_out_is_advice(self) -> None:
        advice = found("fail", 0.2).model_copy(update={"drops": False})
        assert state(row(advice), USUAL) == "kept"

    def test_a_row_of_which_nothing_was_found_is_kept(self) -> None:
        assert state(row(), USUAL) == "kept"

    def test_asked_again_it_says_the_same(self) -> None:
        once = routed(row(found("contradicted", 0.6)), USUAL)
        assert routed(once, USUAL) == once
        assert routed(once, {"default": 0.5}) == row(found("contradicted", 0.6))


class TestThresholdsByField:
    ASKED = {"default": 0.7, "facts": 0.6, "amount": 0.75, "date": 0.72, "attachment number": 0.65}

    @pytest.mark.parametrize(
        ("claim", "needed"),
        [
            ("Refunds are sent by post.", 0.6),
            ("The fee is $30.", 0.75),
            ("手续费为30元。", 0.75),
            ("The order of 5 March 2024 was late.", 0.72),
            ("订单日期为2024年3月5日。", 0.72),
            ("The fee of $30 is due on 5 March 2024.", 0.75),
            ("The attachment number is A-17.", 0.65),
            ("附件编号为A-17。", 0.65),
            ("The update of the attachment is late.", 0.6),
        ],
    )
    def test_a_claim_is_held_to_that_of_its_figures(self, claim: str, needed: float) -> None:
        assert state(row(found("contradicted", needed - 0.001, claim)), self.ASKED) == "review"
        assert state(row(found("contradicted", needed, claim)), self.ASKED) == "rejected"

    def test_a_rule_is_held_to_that_of_its_column(self) -> None:
        rule = found("fail", 0.7, check="logic", reason="The total is right : found Amount = 5")
        assert state(row(rule), self.ASKED) == "review"
        assert state(row(rule.model_copy(update={"reason": "found amounts_2 = 5"})), self.ASKED) == "rejected"

    def test_another_check_is_held_to_the_default(self) -> None:
        assert state(row(found("fail", 0.65, check="label")), self.ASKED) == "review"


class TestSignalsOfTheRow:
    @pytest.mark.parametrize(
        ("column", "value", "outcome"),
        [
            ("ocr_confidence", 0.69, "review"),
            ("ocr_confidence", 0.7, "kept"),
            ("confidence", "64%", "review"),
            ("layout-confidence", 93, "kept"),
            ("amount_confidence", 0.74, "review"),
            ("amount_ocr_confidence", 0.76, "kept"),
            ("attachment_number_confidence", 0.66, "kept"),
            ("金额置信度", 0.74, "review"),
            ("附件编号识别置信度", 0.66, "kept"),
            ("OCR置信度", "６９％", "review"),
            ("confidence", "high", "kept"),
            ("confidence", True, "kept"),
            ("confidence", 250, "kept"),
            ("conference", 0.1, "kept"),
            ("confidence", None, "kept"),
        ],
    )
    def test_are_read_from_its_columns(self, column: str, value: str | float | bool | None, outcome: str) -> None:
        assert state(row(**{column: value}), USUAL) == outcome

    def test_the_least_sure_of_several_decides(self) -> None:
        assert state(row(ocr_confidence=0.9, layout_confidence=0.9, semantic_confidence=0.9), USUAL) == "kept"
        assert state(row(ocr_confidence=0.9, layout_confidence=0.6, semantic_confidence=0.9), USUAL) == "review"

    def test_a_column_that_may_be_misread_makes_its_rule_unsure(self) -> None:
        rule = found("fail", check="logic", reason="The total is right : found amount = 5")
        assert state(row(rule, amount_ocr_confidence=0.4), USUAL) == "review"
        assert state(row(rule, date_ocr_confidence=0.4), USUAL) == "rejected"

    def test_what_was_out_for_another_reason_stays_out(self) -> None:
        assert state(row(found("fail", check="leak"), ocr_confidence=0.1), USUAL) == "rejected"


class TestAPersonsWord:
    def test_outranks_what_was_found_before_it(self) -> None:
        yes, no = (found(verdict, check=PERSON) for verdict in ("pass", "fail"))  # type: ignore[arg-type]
        waiting = routed(row(found("contradicted", 0.3)), USUAL)
        assert waiting.judged(yes).outcome == "kept"
        assert row(found("contradicted")).judged(yes).kept
        assert row().judged(no).dropped_by == no
        assert waiting.judged(no, yes).kept
        assert waiting.judged(yes, no).outcome == "rejected"

    def test_stands_under_every_threshold(self) -> None:
        decided = row(found("contradicted", 0.3)).judged(found("pass", check=PERSON))
        assert [state(decided, {"default": needed}) for needed in (0, 0.5, 1)] == ["kept"] * 3

    def test_does_not_outrank_what_is_found_after_it(self) -> None:
        decided = row(found("contradicted")).judged(found("pass", check=PERSON))
        assert decided.judged(found("fail", check="leak")).dropped_by.check == "leak"


class TestAThresholdInWords:
    def test_one_number_is_for_everything(self) -> None:
        assert parsed("0.6", USUAL) == {"default": 0.6}

    def test_names_leave_the_rest_as_it_is(self) -> None:
        assert parsed("facts=0.6, amount=0.8", {"default": 0.7, "amount": 0.75}) == {
            "default": 0.7,
            "amount": 0.8,
            "facts": 0.6,
        }

    @pytest.mark.parametrize("text", ["", "high", "facts=", "1.2", "facts=-1", "nan", "facts=0.6,x"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(UserError, match="no threshold"):
            parsed(text, USUAL)


def test_rows_that_wait_are_counted_under_their_own_reason(tmp_path: Path) -> None:
    rows = [
        row(),
        row(ocr_confidence=0.2),
        row(found("unknown")),
        row(found("fail", check="endpoint")),
        row(found("fail", check="leak"), ocr_confidence=0.2),
    ]
    counted = tally(run_checks(rows, [], kit(tmp_path)))
    assert counted.balances
    assert (counted.requested, counted.accepted) == (5, 2)
    assert (counted.rejected, counted.failed) == ({"leak": 1, "review": 1}, {"endpoint": 1})


def test_thresholds_are_said_in_the_specification(tmp_path: Path) -> None:
    strict = kit(tmp_path, confidence={"default": 0.95})
    assert thresholds_of(strict.spec) == {"default": 0.95}
    assert [r.outcome for r in run_checks([row(confidence=0.9)], [], strict)] == ["review"]
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Spec().with_value("confidence", Stated(value={"default": 7}, source="default"))
