"""One row whole: its conversation, where it comes from, what was found, and what each finding goes by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent import drawing
from agent.views.browsing import NAMES, OUT, STANDINGS, Line, Trait, reason_words, value_words
from workspace.sample import PERSON, REVIEW, Evidence, Finding, Role, Sample, Verdict
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.run import Run

AROUND = 2  # sentences on each side of what is quoted
FAR = 1200  # characters; nobody reads more than that around a quote
ROLES: dict[Role, Words] = {
    "system": Words("Instructions", "系统说明"),
    "user": Words("Person", "用户"),
    "assistant": Words("Model", "模型"),
    "call": Words("Calls a tool", "调用工具"),
    "tool": Words("The tool answers", "工具返回"),
}
VERDICTS: dict[Verdict, Words] = {
    "supported": Words("borne out", "有依据"),
    "contradicted": Words("contradicted", "与依据矛盾"),
    "unknown": Words("can't tell", "无法判断"),
    "pass": Words("passed", "通过"),
    "fail": Words("failed", "未通过"),
}
ABOUT: tuple[Trait, ...] = ("label", "scenario", "difficulty", "tone", "language", "split")
ROW = "row "  # how a finding names another row that it goes by


@dataclass(frozen=True)
class Turn:
    who: str
    text: str


@dataclass(frozen=True)
class Passage:
    """The quote between what stands before and after it; both are "" where the document can't be read any more."""

    document: str
    before: str
    quote: str
    after: str


@dataclass(frozen=True)
class Judgement:
    """A finding in words. `rule`: it is about a rule of the person's own, which the reason repeats.

    `sure` is a percentage, None where there is no doubt about it.
    """

    check: str
    verdict: str
    against: bool
    drops: bool
    reason: str
    claim: str
    rule: bool
    sure: int | None
    passage: Passage | None


@dataclass(frozen=True)
class Opened:
    id: str
    turns: tuple[Turn, ...]
    about: tuple[tuple[str, str], ...]
    judgements: tuple[Judgement, ...]


def opened(run: Run, line: Line, lines: Sequence[Line], language: Language) -> Opened:
    row = line.row
    turns = tuple(Turn(ROLES[message.role].to(language), message.content) for message in row.messages)
    judged = [_judgement(finding, row, run, lines, language) for finding in row.findings]
    # What speaks against the row is what it was opened for.
    return Opened(row.id, turns, tuple(_about(line, language)), tuple(sorted(judged, key=lambda one: not one.against)))


def _about(line: Line, language: Language) -> Iterator[tuple[str, str]]:
    """(name, value): the row's cell, where it was found, and its other columns."""
    row = line.row
    yield NAMES["standing"].to(language), STANDINGS[line.standing].to(language)
    for trait in ABOUT:
        if value := line.of(trait):
            yield NAMES[trait].to(language), value_words(trait, value, language)
    yield NAMES["origin"].to(language), origin_words(row, language)
    if row.origin.slot:
        yield Words("Asked for as", "生成批次").to(language), row.origin.slot
    if row.origin.parent:
        yield Words("Varied from", "改写自").to(language), row.origin.parent
    if row.origin.licence:
        yield Words("Licence", "许可").to(language), row.origin.licence
    for name, given in row.fields.items():
        yield name, "" if given is None else str(given)
    yield Words("Row", "编号").to(language), row.id


def origin_words(row: Sample, language: Language) -> str:
    origin = row.origin
    if origin.source == "generate" or origin.file:
        place = drawing.source_words(row, language)
        page = Words(f", page {origin.page}", f"，第 {origin.page} 页").to(language) if origin.page else ""
        return place + page
    return drawing.check_words(origin.source, language)


def _judgement(finding: Finding, row: Sample, run: Run, lines: Sequence[Line], language: Language) -> Judgement:
    against = finding.verdict in ("contradicted", "fail") or finding.drops
    name = reason_words if against else drawing.check_words
    return Judgement(
        check=name(finding.check, language),
        verdict="" if finding.check in (PERSON, REVIEW) else VERDICTS[finding.verdict].to(language),
        against=against,
        drops=finding.drops,
        reason=finding.reason,
        claim=finding.claim or "",
        rule=_rule(finding, run),
        sure=round(100 * finding.confidence) if finding.confidence < 1 else None,
        passage=passage(finding.evidence, row, run, lines) if finding.evidence else None,
    )


def _rule(finding: Finding, run: Run) -> bool:
    rules = run.spec.rules.value if finding.check == "logic" and run.spec.rules else ()
    return any(rule.sentence in finding.reason for rule in rules)


def passage(evidence: Evidence, row: Sample, run: Run, lines: Sequence[Line]) -> Passage:
    """A few sentences of the document around the quote, wherever the document still says so."""
    start, end = evidence.start, evidence.end
    text = _text(evidence.document, row, run, lines)
    if text is None or text[start:end] != evidence.quote:
        return Passage(evidence.document, "", evidence.quote, "")
    first, last = _around(text, start, end)
    return Passage(evidence.document, text[first:start], evidence.quote, text[end:last])


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    from tools.facts.claims import sentences

    low = max(0, start - FAR)
    said = [(low + s.start, low + s.end) for s in sentences(text[low : end + FAR])]
    of = [n for n, (a, b) in enumerate(said) if a < end and b > start]
    around = said[max(0, min(of) - AROUND) : max(of) + AROUND + 1] if of else []
    return min([start, *(a for a, _ in around)]), max([end, *(b for _, b in around)])


def _text(document: str, row: Sample, run: Run, lines: Sequence[Line]) -> str | None:
    """What the evidence was cut from: the row's own text, another row, a document as it was searched, or its file."""
    if row.evidence is not None and document == "evidence":
        return row.evidence
    if document.startswith(ROW):
        other = document.removeprefix(ROW)
        return next((line.row.question for line in lines if line.id == other), None)
    return _document(run, document)


def _document(run: Run, name: str) -> str | None:
    from agent.run import knowledge_folder, knowledge_paths
    from tools.knowledge import kept_text
    from tools.tables import tables_of

    given = [path for path in knowledge_paths(run.project, run.spec) if path.exists()]
    tables = tables_of(given).paths
    documents = [path for path in given if path not in tables]
    kept = kept_text(knowledge_folder(run.project, documents, spec=run.spec), name) if documents else None
    table = next((path for path in tables if path.name == name), None)
    return kept or (table.read_text(encoding="utf-8-sig", errors="replace") if table else None)


def out(line: Line) -> bool:
    """Whether it may be asked back."""
    return line.standing in OUT
