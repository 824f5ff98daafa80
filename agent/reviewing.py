"""What a person does with single rows of a run: take back, take out, ask what other thresholds would have done."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict, ValidationError

from agent import drawing, gates
from agent import run as runs
from agent.checking import judged
from agent.events import Event, Progress, Say
from agent.gates import Verdict
from agent.views.browsing import catalogue
from workspace.errors import UserError, boundary
from workspace.sample import Frozen, Outcome, Sample
from workspace.who import who
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.base import Kit
    from tools.gates import Which

DEED = "deed-"
OUTCOMES: dict[Outcome, Words] = {
    "kept": Words("kept", "保留"),
    "rejected": Words("rejected", "拒绝"),
    "review": Words("waiting for you", "等您决定"),
}


def review(
    home: Path, run: str, row: str, verdict: Verdict, note: str = "", language: Language = "en"
) -> Iterator[Event]:
    """One row in or out by a person's word. Raises UserError if there is no such row, or it may not be taken in."""
    current = runs.find(home, run)
    with current.project.working():
        number, found = decide(current, row, verdict, note)
    yield judged(number, found)
    yield Say(text=told(current, found, language))


def decide(current: runs.Run, row: str, verdict: Verdict, note: str = "", deed: str = "") -> tuple[int, Sample]:
    """(its number, the row as it now stands). `deed` names this word of theirs where it may be taken back by `undo`."""
    from tools.base import Kit
    from tools.decisions import Decision, keep, refuse_spoiling

    held = catalogue(current)
    lines = [line for line in held.lines() if line.standing != "writing"]
    number = _number([line.id for line in lines], row)
    if verdict == "accept":
        test = [line.row for line in lines if (line.of("split"), line.standing) == ("test", "kept")]
        refuse_spoiling(held.as_checked(lines[number].id), test, Kit(spec=current.spec, project=current.project))
    decision = Decision(row=lines[number].id, verdict=verdict, by=who(), at=now(), note=note, batch=deed)
    keep(current.project.journal, current.id, decision)
    return next((line.number, line.row) for line in held.lines() if line.id == decision.row)


def deed() -> str:
    return f"{DEED}{secrets.token_hex(4)}"


def undo(current: runs.Run, row: str, deed: str) -> None:
    """What they decided of the row by that deed is taken back; what was decided before it counts again."""
    from tools.decisions import Decision, keep

    if not deed.startswith(DEED) or all(one.batch != deed for one in current.decided.get(row, ())):
        return
    decision = Decision(row=row, verdict="undone", by=who(), at=now(), batch=deed)
    keep(current.project.journal, current.id, decision, f"{deed} undone")


def now() -> str:
    """To the thousandth of a second: a review shows rows as they were when it began."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def decide_all(current: runs.Run, verdicts: Mapping[str, tuple[Verdict, str]]) -> None:
    """Many rows by their ids. Raises UserError at the first that is none, or may not be taken in; then none is kept."""
    from tools.base import Kit
    from tools.decisions import Decision, held_back, keep, refuse_spoiling

    rows, before = list(current.rows()), {row.id: row for row in current.rows_as_checked()}
    test = held_back(rows)
    kit = Kit(spec=current.spec, project=current.project)
    for id, (verdict, _) in verdicts.items():
        if id not in before:
            _number([row.id for row in rows], id)
        elif verdict == "accept":
            refuse_spoiling(before[id], test, kit)
    at, by = now(), who()
    for id, (verdict, note) in verdicts.items():
        keep(current.project.journal, current.id, Decision(row=id, verdict=verdict, by=by, at=at, note=note))


def look(home: Path, run: str, which: Which, rest: bool = False, language: Language = "en") -> Iterator[Event]:
    """Each row of a sample as a line, then how far the person got; `rest` accepts what nothing was said about yet."""
    current = runs.find(home, run)
    with current.project.working():
        rows = gates.sample(current, which)
        if rest:
            decided = current.decided
            decide_all(current, {row.id: ("accept", "") for _, row in rows if not decided.get(row.id)})
            rows = gates.sample(current, which)
    for number, row in rows:
        yield judged(number, row)
    if found := gates.state(current, which):
        yield Say(text=gates.told(current, found, language))


def decide_sample(current: runs.Run, which: Which, wrong: Sequence[int], note: str) -> None:
    """`wrong` are places in the sample from 1; all others of it are right, but for those that were decided before."""
    rows, decided = [row for _, row in gates.sample(current, which)], current.decided
    verdicts: dict[str, tuple[Verdict, str]] = {
        row.id: ("reject", note) if place in wrong else ("accept", "")
        for place, row in enumerate(rows, 1)
        if place in wrong or not decided.get(row.id)
    }
    decide_all(current, verdicts)


def decide_file(home: Path, run: str, file: Path, language: Language = "en") -> Iterator[Event]:
    """A person's word about many rows at once; those rows as they now stand."""
    current = runs.find(home, run)
    verdicts = gates.read_decisions(file)
    with current.project.working():
        decide_all(current, verdicts)
    for number, row in enumerate(current.rows()):
        if row.id in verdicts:
            yield judged(number, row)
    done = Words(f"{len(verdicts)} decisions are kept.", f"已记录 {len(verdicts)} 个决定。").to(language)
    states = [gates.told(current, found, language) for w in gates.WHICH if (found := gates.state(current, w))]
    yield Say(text="\n".join([done, *states]))


def _number(ids: Sequence[str], given: str) -> int:
    """By id, by number as `tunesmith rows` prints it, or by the beginning of the id."""
    wanted = given.strip().lower().removeprefix("#")
    found = [n for n, id in enumerate(ids) if id == wanted]
    if not found and wanted.isdecimal() and int(wanted) < len(ids):
        found = [int(wanted)]
    found = found or [n for n, id in enumerate(ids) if wanted and id.startswith(wanted)]
    if len(found) != 1:
        raise UserError(
            Words(f"There is no row {given}." if not found else f"Several rows are called {given}.",
                  f"没有第 {given} 条数据。" if not found else f"有多条数据叫 {given}。"),
            Words("Give the id that `tunesmith rows RUN` prints.", "请使用 `tunesmith rows RUN` 显示的编号。"),
        )  # fmt: skip
    return found[0]


class Labelled(Frozen):
    """A line of a file of labels: a row of the run by its id, and whether the person finds it right."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    right: bool


def compare_judge(home: Path, run: str, labels: Path, language: Language = "en") -> Iterator[Event]:
    """The judge's opinion of rows that a person labelled, against the person's; kept with the project."""
    from tools.base import Kit
    from tools.calibration import agreement
    from tools.checks.judge import criteria, keep, told
    from tools.llm import open_chat
    from tools.personal.hiding import hider

    current = runs.find(home, run)
    right = _labels(labels)
    with current.project.working(), boundary(Words("comparing the judge with you", "对照评判模型与您的标注")):
        rows = [row for row in current.rows() if row.id in right]
        if not rows:
            raise UserError(
                Words(
                    f"No row of run {current.id} is labelled in {labels.name}.",
                    f"{labels.name} 里没有运行 {current.id} 的数据。",
                ),
                Words("Use the ids that `tunesmith rows RUN` prints.", "请使用 `tunesmith rows RUN` 显示的编号。"),
            )
        chat = open_chat(current.project.journal, hide=hider(current.project, current.spec, names=False))
        try:
            kit = Kit(spec=current.spec, project=current.project, chat=chat)
            scores = yield from _scores(rows, kit, language)
            found = agreement(criteria(kit), list(scores.values()), [right[id] for id in scores])
        finally:
            chat.close()
        keep(current.project, found)
    yield Say(text=told(found).to(language))


def _scores(rows: Sequence[Sample], kit: Kit, language: Language) -> Generator[Event, None, dict[str, int]]:
    """By id; a row of which the model had nothing useful to say is left out."""
    from tools.checks.judge import opinion

    scores: dict[str, int] = {}
    for done, row in enumerate(rows, 1):
        if reply := opinion(row, kit):
            scores[row.id] = reply.score
        yield Progress(stage=Words("Judging", "评判").to(language), done=done, total=len(rows))
    if not scores:
        raise UserError(
            Words("The model judged none of these rows.", "模型没有对这些数据给出任何评判。"),
            Words("Check the endpoint, then run this again.", "请检查模型接口后重试。"),
        )
    return scores


def _labels(path: Path) -> dict[str, bool]:
    """JSONL of {"id": …, "right": true or false}. Raises UserError at a line that is not."""
    lines = [line for line in path.read_bytes().split(b"\n") if line.strip()] if path.is_file() else []
    try:
        found = [Labelled.model_validate_json(line) for line in lines]
    except ValidationError:
        found = []
    if not found:
        raise UserError(
            Words(f"{path.name} holds no labels that I can read.", f"{path.name} 里没有可以读取的标注。"),
            Words(
                'Each line is such as {"id": "0a1b2c3d4e5f", "right": true}.',
                '每行形如 {"id": "0a1b2c3d4e5f", "right": true}。',
            ),
        )
    return {label.id: label.right for label in found}


def told(current: runs.Run, row: Sample, language: Language) -> str:
    state = OUTCOMES[row.outcome].to(language)
    report = current.report
    head = Words(f"Row {row.id} is now {state}.", f"第 {row.id} 条现在是：{state}。").to(language)
    after = Words(
        "The next version will have it so; those that are frozen stay as they are. Run the specification again to "
        "freeze it.",
        "下一个版本会体现这个决定；已冻结的版本保持不变。重新运行规格说明即可冻结新版本。",
    ).to(language)
    return "\n".join([head, *([drawing.counts(report.total, language)] if report else []), after])


def what_if(current: runs.Run, threshold: str, language: Language) -> Iterator[Event]:
    """From the stored findings alone, no model is asked: each row whose fate would change, then the counts."""
    from tools.routing import parsed, routed, thresholds_of

    needed = parsed(threshold, thresholds_of(current.spec))
    now, then = Counter[Outcome](), Counter[Outcome]()
    changes = Counter[tuple[Outcome, Outcome]]()
    for number, row in enumerate(current.rows()):
        other = routed(row, needed)
        now[row.outcome] += 1
        then[other.outcome] += 1
        if other.outcome != row.outcome:
            changes[row.outcome, other.outcome] += 1
            yield judged(number, other)
    yield Say(text=_compared(now, then, changes, needed, language))


def _compared(
    now: Counter[Outcome],
    then: Counter[Outcome],
    changes: Counter[tuple[Outcome, Outcome]],
    needed: Mapping[str, float],
    language: Language,
) -> str:
    asked = drawing.shown_thresholds(needed, language)
    lines = [Words(f"With {asked}: ", f"界限改为 {asked} 时：").to(language)]
    for outcome, words in OUTCOMES.items():
        lines.append(f"- {words.to(language)}: {now[outcome]} → {then[outcome]}")
    moved = [f"{OUTCOMES[a].to(language)} → {OUTCOMES[b].to(language)} {n}" for (a, b), n in sorted(changes.items())]
    none = Words("No row changes.", "没有数据会变化。").to(language)
    lines.append(Words("Rows that change: ", "会变化的数据：").to(language) + ", ".join(moved) if moved else none)
    return "\n".join(lines)
