"""Freezes a data set under the hash of its bytes, finds it again, and says how two of them differ."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

import orjson
import yaml

from tools.checks.judge import compared_with, told
from tools.differences import Difference, Side, difference
from tools.passport import Found, passport_of, reasons_of
from workspace.code import this_code
from workspace.errors import UserError
from workspace.project import Project, file_hash, projects, read_samples, write_text, writing
from workspace.results import Report, Version
from workspace.sample import Sample
from workspace.spec import Spec, write_spec
from workspace.words import Language, Words


def freeze(
    project: Project, spec: Spec, rows: Iterable[Sample], report: Report, parents: Sequence[str] = ()
) -> Version:
    """The kept rows under versions/<hash>, never to change; the same rows again are the same version.

    Raises UserError where nothing was kept, or the counts of the report do not add up to the rows.
    """
    above = project.place("versions", "x").parent
    for left in above.glob(".new*"):
        shutil.rmtree(left)
    folder = Path(mkdtemp(dir=above, prefix=".new"))
    try:
        counts = _write_rows(folder, rows)
        _refuse_unbalanced(report, counts)
        digest = file_hash(folder / "data.jsonl")
        target = above / digest[:12]
        if not target.exists():
            number = _number(project, spec)
            version = Version(
                hash=digest,
                number=number,
                spec_hash=spec.hash,
                folder=f"versions/{digest[:12]}",
                rows={split: counts[split] for split in ("train", "validation", "test")},
                report=report,
                parents=tuple(parents),
                code=this_code(),
            )
            _write_about(project, folder, spec, version)
            write_text(folder / "audit.txt", project.journal.last_link() + "\n")
            folder.chmod(0o755)
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    version = _read(target)
    # A decision is journaled once, however often this is asked, and after a crash right before it, too.
    project.journal.decide(f"version {digest}", "frozen as", version.number)
    return version


def versions(project: Project) -> list[Version]:
    """Oldest first."""
    folders = [path for path in (project.folder / "versions").glob("[!.]*") if (path / "version.json").exists()]
    return sorted(map(_read, folders), key=lambda version: _parsed(version.number))


def find(home: Path, name: str) -> tuple[Project, Version]:
    """By number or by the beginning of the hash, in any project. Raises UserError where none or several fit."""
    every = [(project, v) for p in projects(home) for project in [Project(home, p)] for v in versions(project)]
    found = [(project, v) for project, v in every if name and (v.number == name or v.hash.startswith(name))]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{v.number} ({project.name}, {v.hash[:12]})" for project, v in found or every) or "-"
    if found:
        problem = Words(f"Several versions are called {name}.", f"有多个版本叫 {name}。")
    else:
        problem = Words(f"There is no version {name}.", f"没有版本 {name}。")
    raise UserError(problem, Words(f"Name one by its hash: {known}.", f"请用哈希指明：{known}。"))


def compare(first: Project, one: Version, second: Project, other: Version) -> Difference:
    """Rows, figures, specification and code, from the first to the second."""
    sides = [
        Side(version, project.folder / version.folder, spec_of(project, version))
        for project, version in ((first, one), (second, other))
    ]
    return difference(*sides)


def passport(project: Project, version: Version, language: Language = "en") -> str:
    """What anyone must know of this data before they use it, as Markdown."""
    folder = project.folder / version.folder
    rows = list(read_samples(folder / "data.jsonl"))
    return passport_of(version, spec_of(project, version), rows, language, _found(project, folder))


def _found(project: Project, folder: Path) -> Found:
    compared = compared_with(project)
    return Found(reasons_of(read_samples(folder / "rejected.jsonl")), told(compared) if compared else None)


def _write_rows(folder: Path, rows: Iterable[Sample]) -> Counter[str]:
    """Kept rows to data.jsonl, the others to rejected.jsonl; how many went where, by split or "rejected"."""
    counts = Counter[str]()
    with ExitStack() as stack:
        kept, rejected = (stack.enter_context(writing(folder / name)) for name in ("data.jsonl", "rejected.jsonl"))
        for row in rows:
            if row.kept:
                row = row if row.split else row.model_copy(update={"split": "train"})
                counts[row.split or "train"] += 1
            else:
                counts["rejected"] += 1
            _write_row(kept if row.kept else rejected, row)
    return counts


def _write_row(file: BinaryIO, row: Sample) -> None:
    file.write(orjson.dumps(row.model_dump(mode="json", exclude_defaults=True)) + b"\n")


def _refuse_unbalanced(report: Report, counts: Counter[str]) -> None:
    kept = counts.total() - counts["rejected"]
    if not kept:
        raise UserError(
            Words("No row was kept, so there is nothing to freeze.", "没有保留任何数据，无法冻结版本。"),
            Words(
                "`tunesmith rows RUN --rejected` shows why each was refused.",
                "`tunesmith rows RUN --rejected` 会显示每条被拒绝的原因。",
            ),
        )
    bad = [stage.name for stage in report.stages if not stage.tally.balances]
    if bad or report.total.accepted != kept:
        where = ", ".join(bad) or f"{report.total.accepted} accepted, {kept} kept"
        raise UserError(
            Words(f"The counts of this build don't add up ({where}).", f"这次构建的数量对不上（{where}）。"),
            Words(
                "Run it again; if they still don't, send us the log.", "请重新运行；如果仍然对不上，请把日志发给我们。"
            ),
        )


def _write_about(project: Project, folder: Path, spec: Spec, version: Version) -> None:
    write_spec(spec, folder / "spec.yaml")
    rows, found = list(read_samples(folder / "data.jsonl")), _found(project, folder)
    write_text(folder / "passport.md", passport_of(version, spec, rows, "en", found))
    write_text(folder / "passport.zh.md", passport_of(version, spec, rows, "zh", found))
    write_text(folder / "version.json", version.model_dump_json(indent=1))
    for name in ("data.jsonl", "rejected.jsonl", "version.json"):
        (folder / name).chmod(0o444)


def _number(project: Project, spec: Spec) -> str:
    """A version for another goal counts up the first place, any other the second."""
    known = versions(project)
    if not known:
        return "v1.0.0"
    major, minor, _ = _parsed(known[-1].number)
    before, goal = spec_of(project, known[-1]).goal, spec.goal
    same = (before.value if before else None) == (goal.value if goal else None)
    return f"v{major}.{minor + 1}.0" if same else f"v{major + 1}.0.0"


def _parsed(number: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, number.removeprefix("v").split("."))
    return major, minor, patch


def _read(folder: Path) -> Version:
    return Version.model_validate_json((folder / "version.json").read_bytes())


def spec_of(project: Project, version: Version) -> Spec:
    text = (project.folder / version.folder / "spec.yaml").read_text(encoding="utf-8")
    return Spec.model_validate(yaml.safe_load(text))
