"""Stops a run until a person has looked at a sample: before it is scaled up, and before what it made is frozen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, ValidationError

from agent.events import Table
from workspace.errors import UserError
from workspace.sample import Frozen, Sample
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.run import Run
    from tools.build import Gate
    from tools.gates import Looked, Which

Verdict = Literal["accept", "reject"]
WHICH: tuple[Which, ...] = ("gate", "audit")
FIRST = "first.json"  # the report of the rows that a gate is about, once all of them are there
NEXT: dict[Which, Words] = {
    "gate": Words("before more are written", "然后才会继续撰写"),
    "audit": Words("before the version is frozen", "然后才会冻结版本"),
}


class Line(Frozen):
    """A line of a file of decisions: a row of the run by its id, and what is to become of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: str
    verdict: Verdict
    note: str = ""


CHOICES: dict[Language, tuple[str, ...]] = {
    "en": ("Yes, all are right", "3 and 17 are wrong"),
    "zh": ("都对", "3 和 17 不对"),
}
# What may stand beside the numbers in "rows 3, 17 and 40 are wrong"; any other word makes it something else.
BESIDE = re.compile(
    r"\b(?:no|nos|rows?|numbers?|and|is|are|was|were|looks?|wrong|bad|incorrect|not (?:right|good|ok|correct))\b|"
    r"[第条号和与及都有,，、;；#.。!！]|不对|错误|错了?|不行|有误|问题",
    re.I,
)


def question(found: Looked, language: Language) -> str:
    words = Words(
        f"Here are {len(found.rows)} rows drawn at random. Are all of them right? Go through them one by one under "
        "Review, or say yes here, or the numbers of those that are wrong.",
        f"这里是随机抽取的 {len(found.rows)} 条。都对吗？可以在“审阅”里逐条查看，"
        "也可以直接在这里回答“都对”，或说出不对的序号。",
    )
    return words.to(language)


def wrong_ones(text: str, most: int) -> list[int] | None:
    """Numbers of rows, from 1, where the reply is nothing else."""
    if not re.fullmatch(r"[\s\d]*\d[\s\d]*", BESIDE.sub(" ", text)):
        return None
    numbers = sorted({int(number) for number in re.findall(r"\d+", text)})
    return numbers if all(1 <= number <= most for number in numbers) else None


def gated(run: Run) -> bool:
    return run.spec.gate is not None and run.spec.gate.value == "review"


def state(run: Run, which: Which) -> Looked | None:
    """How far the person got, or None where no sample was drawn yet."""
    from tools.gates import looked, remembered

    ids = remembered(run.project.journal, run.id, which)
    return looked(which, ids, run.decided) if ids else None


def waiting(run: Run) -> Looked | None:
    """The sample that has to be decided before the run goes on. Raises UserError where too much of it was refused."""
    if not gated(run):
        return None
    for which in WHICH:
        if which == "audit" and not _built(run):
            return None
        found = state(run, which) or _drawn(run, which)
        if found.failed:
            raise refused(found)
        if not found.passed:
            return found
    return None


def open_for_more(run: Run) -> bool:
    """Whether rows may be written beyond the first ones."""
    found = state(run, "gate")
    return not gated(run) or (found is not None and found.passed)


def gate_of(run: Run) -> Gate | None:
    """What a build has to know of it."""
    from tools.build import Gate
    from tools.gates import passed

    if not gated(run):
        return None
    found, decided = state(run, "gate"), run.decided
    if found is None or not found.passed:
        return Gate(open=False)
    rejected = [id for id in found.rows if decided[id][-1].verdict == "reject"]
    return Gate(open=True, rejected=frozenset(passed(run.project.journal, run.id, rejected)))


def _built(run: Run) -> bool:
    return (run.folder / "build.json").exists()


def ready(run: Run, which: Which) -> bool:
    """Whether there are the rows that a sample is drawn from: while the first are being written only some are."""
    from tools.gates import remembered

    first = which == "gate" and ((run.folder / FIRST).exists() or bool(remembered(run.project.journal, run.id, which)))
    return first or _built(run)


def _drawn(run: Run, which: Which) -> Looked:
    from tools.gates import drawn, looked, remember, remembered

    journal, seed = run.project.journal, run.spec.seed.value if run.spec.seed else 0
    before = remembered(journal, run.id, "gate") if which == "audit" else ()
    ids = drawn(list(run.rows()), which, seed, before) if ready(run, which) else ()
    if not ids:
        raise UserError(
            Words("There is no row to look at yet.", "还没有可以查看的数据。"),
            Words("Let `tunesmith run` write some first.", "请先用 `tunesmith run` 生成数据。"),
        )
    return looked(which, remember(journal, run.id, which, ids), run.decided)


def sample(run: Run, which: Which) -> list[tuple[int, Sample]]:
    """(number, row) of the rows to look at, drawn when it is first asked for."""
    if which == "audit" and not _built(run):
        raise UserError(
            Words("The run is not finished, so there is nothing to audit yet.", "运行还没有完成，没有可以抽检的数据。"),
            Words("Let `tunesmith run` finish the build first.", "请先让 `tunesmith run` 完成数据制作。"),
        )
    ids = set((state(run, which) or _drawn(run, which)).rows)
    return [(number, row) for number, row in enumerate(run.rows()) if row.id in ids]


def told(run: Run, found: Looked, language: Language) -> str:
    lines = [found.words.to(language)]
    if found.failed:
        lines.append(refused(found).fix.to(language))
    elif found.left:
        after = NEXT[found.which]
        how = Words(
            f"A person looks at them {after.en}: `tunesmith review {run.id} --{found.which}` lists them; "
            f"`--reject ROW` takes one out, `--decisions FILE.jsonl` (lines of id, verdict, note) says many at once, "
            f"`--{found.which} --accept-rest` accepts the others. Then `tunesmith run` again.",
            f"请先人工查看，{after.zh}：`tunesmith review {run.id} --{found.which}` 列出这些数据；"
            f"`--reject 编号` 排除一条，`--decisions FILE.jsonl`（每行 id、verdict、note）一次提交多条，"
            f"`--{found.which} --accept-rest` 接受其余。完成后再次 `tunesmith run`。",
        )
        lines.append(how.to(language))
    return "\n".join(lines)


def refused(found: Looked) -> UserError:
    words = found.words
    fix = {
        "gate": Words(
            "At least 95% must be right before more like them are written. Look at why rows were taken out, correct "
            "the definitions, rules or examples of the specification, and run it again.",
            "至少 95% 正确才会继续撰写。请看看排除的原因，修改规格说明里的类别定义、规则或样例，然后重新运行。",
        ),
        "audit": Words(
            "At least 95% must be right, so the batch goes back: correct the specification and run it again, or accept "
            "rows after all that were taken out by mistake.",
            "至少要有 95% 正确，这批数据退回：请修改规格说明后重新运行，或把误排除的数据重新接受。",
        ),
    }[found.which]
    return UserError(words, fix)


def notes(run: Run, language: Language) -> tuple[str, ...]:
    """For the passport. Raises UserError where an audit was failed, asked for or not."""
    found = [one for which in WHICH if (one := state(run, which))]
    for one in found:
        if one.failed:
            raise refused(one)
    return tuple(one.words.to(language) for one in found)


def table(run: Run, which: Which, language: Language) -> Table:
    """The sample for a face that draws, numbered from 1 as the person answers; that it is shown tells that it waits."""
    heads = (Words("No.", "序号"), Words("Text", "文本"), Words("Answer", "回答"))
    rows = tuple((place, row.question, row.label or row.answer) for place, (_, row) in enumerate(sample(run, which), 1))
    title = Words("Rows to look at", "请查看这些数据").to(language)
    return Table(panel="review", title=title, columns=tuple(h.to(language) for h in heads), rows=rows)


def read_decisions(path: Path) -> dict[str, tuple[Verdict, str]]:
    """JSONL of {"id", "verdict": "accept" or "reject", "note"}. Raises UserError at the first line that is not."""
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    found: dict[str, tuple[Verdict, str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = Line.model_validate_json(line)
        except ValidationError as error:
            raise _no_decisions(path, number) from error
        found[given.id] = given.verdict, given.note
    if not found:
        raise _no_decisions(path, 1)
    return found


def _no_decisions(path: Path, line: int) -> UserError:
    return UserError(
        Words(f"{path.name}, line {line}: that is no decision.", f"{path.name} 第 {line} 行不是有效的决定。"),
        Words(
            'Each line is such as {"id": "0a1b2c3d4e5f", "verdict": "reject", "note": "why"}; the verdict is accept or '
            "reject.",
            '每行形如 {"id": "0a1b2c3d4e5f", "verdict": "reject", "note": "原因"}；verdict 为 accept 或 reject。',
        ),
    )
