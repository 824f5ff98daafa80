"""Hands to a person what the checks are too unsure of, and says what other thresholds would have done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.figures.quantities import Kind, quantities
from workspace.errors import UserError
from workspace.sample import PERSON, REVIEW, Finding, Outcome, Sample
from workspace.spec import Spec
from workspace.words import Words, language_of

Thresholds = Mapping[str, float]
DEFAULT, USUAL = "default", 0.7
LET_THROUGH = ("supported", "pass")
# What a name stands for besides itself: a kind of figure in what a row claims, and how else a column is called.
FIGURES: dict[str, Kind] = {"amount": "money", "金额": "money", "money": "money", "date": "date", "日期": "date"}
ALSO: dict[str, tuple[str, ...]] = {
    "amount": ("金额",),
    "date": ("日期",),
    "attachment number": ("attachment no", "附件编号", "附件号", "附件序号"),
}
SIGNAL = re.compile(
    r"(?P<field>.*?)\s*(?P<by>ocr|semantic|layout|validator|validation|extraction|识别|语义|版面|校验|抽取)?\s*"
    r"(?:confidence|conf|置信度)"
)


@dataclass(frozen=True, slots=True)
class Signal:
    """How sure whoever made a row was of it, 0 to 1: from its column `column`, about `field` or, "", all of the row."""

    column: str
    field: str
    value: float


def thresholds_of(spec: Spec) -> Thresholds:
    return spec.confidence.value if spec.confidence else {}


def parsed(text: str, now: Thresholds) -> Thresholds:
    """ "0.6" for everything, or "facts=0.6,amount=0.8" with the rest as it is. Raises UserError on anything else."""
    parts = [part.rpartition("=") for part in re.split(r"[,，;；]", text) if part.strip()]
    try:
        given = {name.strip() or DEFAULT: float(number) for name, _, number in parts}
    except ValueError:
        given = {}
    if not given or not all(0 <= number <= 1 for number in given.values()):
        raise UserError(
            Words(f"{text!r} is no threshold.", f"{text!r} 不是有效的界限。"),
            Words(
                "Give one from 0 to 1, such as 0.6 or facts=0.6,amount=0.8.",
                "请给 0 到 1 之间的数，例如 0.6 或 facts=0.6,amount=0.8。",
            ),
        )
    return given if set(given) == {DEFAULT} else {**now, **given}


def routed(row: Sample, thresholds: Thresholds) -> Sample:
    """The row with a finding that it waits for a person, or without one, as these thresholds have it.

    A row is as sure as the least sure thing that its fate hangs on. The minimum, not the product: signals about one
    place (OCR, layout, meaning) fail together, and a threshold means the same however many signals there are.
    What takes a row out stands if one such finding is sure enough; a row that nothing takes out is kept if all that
    let it through are, and so are the signals that came with it. *unknown* is no matter of confidence: what becomes of
    it is said in the specification (`unknown_facts`). What a person has decided stands.
    """
    if any(finding.check == PERSON for finding in row.findings):
        return row
    if any(finding.check == REVIEW for finding in row.findings):
        row = row.model_copy(update={"findings": tuple(f for f in row.findings if f.check != REVIEW)})
    doubt = _doubt(row, thresholds)
    return row.judged(doubt) if doubt else row


def state(row: Sample, thresholds: Thresholds) -> Outcome:
    """What becomes of a row under other thresholds, from its stored findings alone."""
    return routed(row, thresholds).outcome


def _doubt(row: Sample, thresholds: Thresholds) -> Finding | None:
    signals = list(_signals(row))
    least = max([USUAL, *thresholds.values()])
    if not signals and all(finding.confidence >= least for finding in row.findings):
        return None
    dropping = [_weighed(f, signals, thresholds) for f in row.findings if f.drops]
    if dropping:
        surest = max(dropping, key=lambda doubt: doubt.sure - doubt.needed)
        return surest.told(row) if surest.sure < surest.needed else None
    passed = [_weighed(f, (), thresholds) for f in row.findings if f.verdict in LET_THROUGH]
    passed += [_Weighed(signal.value, _for_signal(signal, thresholds), signal) for signal in signals]
    weakest = min(passed, key=lambda doubt: doubt.sure - doubt.needed, default=None)
    return weakest.told(row) if weakest and weakest.sure < weakest.needed else None


@dataclass(frozen=True, slots=True)
class _Weighed:
    sure: float
    needed: float
    of: Finding | Signal

    def told(self, row: Sample) -> Finding:
        finding = self.of if isinstance(self.of, Finding) else None
        what = (
            f"{finding.check}: {finding.verdict}" if finding else self.of.column if isinstance(self.of, Signal) else ""
        )
        why = f" ({finding.reason})" if finding else ""
        words = Words(
            f"a person should look: {what}, {self.sure:.0%} sure, {self.needed:.0%} needed{why}",
            f"需要人工判断：{what}，把握 {self.sure:.0%}，要求 {self.needed:.0%}{why}",
        )
        return Finding(
            check=REVIEW,
            verdict="unknown",
            reason=words.to(language_of(finding.claim or finding.reason if finding else row.question)),
            claim=finding.claim if finding else None,
            evidence=finding.evidence if finding else None,
            confidence=self.sure,
            drops=True,
        )


def _weighed(finding: Finding, signals: Sequence[Signal], thresholds: Thresholds) -> _Weighed:
    """Doubt about a column that a finding speaks of is doubt about the finding: the figure may have been misread."""
    text = _flat(finding.claim or finding.reason)
    heard = [signal.value for signal in signals if signal.field and _names(signal.field, text)]
    sure = 1.0 if finding.verdict == "unknown" else min([finding.confidence, *heard])
    return _Weighed(sure, _for_finding(finding, text, thresholds), finding)


def _for_finding(finding: Finding, text: str, thresholds: Thresholds) -> float:
    """A field's threshold before its check's before the default; of several fields the strictest."""
    names = [name for name in thresholds if name not in (DEFAULT, finding.check)]
    figures = (
        {quantity.kind for quantity in quantities(finding.claim)}
        if finding.claim and not FIGURES.keys().isdisjoint(names)
        else set()
    )
    own = [thresholds[name] for name in names if _concerns(name, text, figures, bool(finding.claim))]
    return max(own) if own else thresholds.get(finding.check, thresholds.get(DEFAULT, USUAL))


def _concerns(name: str, text: str, figures: set[Kind], claimed: bool) -> bool:
    """In a claim an amount is money, whatever the words; in a rule it is the column of that name."""
    if claimed and name in FIGURES:
        return FIGURES[name] in figures
    return _names(name, text)


def _for_signal(signal: Signal, thresholds: Thresholds) -> float:
    own = [thresholds[name] for name in thresholds if signal.field and _names(name, signal.field)]
    return max(own) if own else thresholds.get(DEFAULT, USUAL)


def _names(name: str, text: str) -> bool:
    """Whether a flat text holds a name: whole words of English, characters of Chinese."""
    flat = _flat(name)
    return any(_holds(spelled, text) for spelled in (flat, *ALSO.get(flat, ())))


def _holds(name: str, text: str) -> bool:
    if name.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None
    return name in text


def _flat(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.lower())).strip()


def _signals(row: Sample) -> Iterator[Signal]:
    """From columns such as `confidence`, `ocr_confidence`, `amount_confidence` and 金额置信度, percentages too."""
    for column, value in row.fields.items():
        found = SIGNAL.fullmatch(_flat(column)) if "conf" in column.lower() or "置信度" in column else None
        number = _share(value) if found else None
        if found and number is not None:
            yield Signal(column, found["field"], number)


def _share(value: object) -> float | None:
    """0.87, "0.87", "87%" and 87 are the same; None where it is no confidence."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(str(value).strip().rstrip("%％"))
    except ValueError:
        return None
    number = number / 100 if number > 1 or str(value).strip().endswith(("%", "％")) else number
    return number if 0 <= number <= 1 else None
