"""Freezes a data set under the hash of its bytes, finds it again, and says how two of them differ."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

import orjson
import yaml

from tools.passport import passport_of
from workspace.errors import UserError
from workspace.project import Project, file_hash, projects, read_samples, write_text, writing
from workspace.results import Report, Version
from workspace.sample import Sample
from workspace.spec import Spec, question, questions, write_spec
from workspace.words import Language, Words


@dataclass(frozen=True)
class Difference:
    """From the first version to the second; a changed row has the same id and other content."""

    added: int
    removed: int
    changed: int
    same: int
    spec: Mapping[str, tuple[object, object]]
    labels: Mapping[str, tuple[int, int]]

    def to(self, language: Language) -> str:
        rows = Words(
            f"{self.added} rows added, {self.removed} removed, {self.changed} changed, {self.same} the same.",
            f"新增 {self.added} 条，删除 {self.removed} 条，修改 {self.changed} 条，{self.same} 条不变。",
        )
        titles = {name: question(name).title.to(language) for name in self.spec}
        lines = [f"- {titles[name]}: {before} → {after}" for name, (before, after) in self.spec.items()]
        lines += [f"- {label}: {a} → {b}" for label, (a, b) in self.labels.items() if a != b]
        return "\n".join([rows.to(language), *lines])


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
            )
            _write_about(folder, spec, version)
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
    """Rows by id and content, the specification field by field, and how many rows each label has."""
    a, b = _digests(first, one), _digests(second, other)
    both = a.keys() & b.keys()
    changed = sum(a[id] != b[id] for id in both)
    # The same words under another id (a file sorted anew) are the same row.
    gone = Counter(a[id] for id in a.keys() - both)
    come = Counter(b[id] for id in b.keys() - both)
    moved = (gone & come).total()
    labels = _labels(first, one), _labels(second, other)
    return Difference(
        added=come.total() - moved,
        removed=gone.total() - moved,
        changed=changed,
        same=len(both) - changed + moved,
        spec=dict(_spec_differences(_spec(first, one), _spec(second, other))),
        labels={name: (labels[0][name], labels[1][name]) for name in sorted({*labels[0], *labels[1]})},
    )


def passport(project: Project, version: Version, language: Language = "en") -> str:
    """What anyone must know of this data before they use it, as Markdown."""
    folder = project.folder / version.folder
    return passport_of(version, _spec(project, version), list(read_samples(folder / "data.jsonl")), language)


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


def _write_about(folder: Path, spec: Spec, version: Version) -> None:
    write_spec(spec, folder / "spec.yaml")
    rows = list(read_samples(folder / "data.jsonl"))
    write_text(folder / "passport.md", passport_of(version, spec, rows, "en"))
    write_text(folder / "passport.zh.md", passport_of(version, spec, rows, "zh"))
    write_text(folder / "version.json", version.model_dump_json(indent=1))
    for name in ("data.jsonl", "rejected.jsonl", "version.json"):
        (folder / name).chmod(0o444)


def _number(project: Project, spec: Spec) -> str:
    """A version for another goal counts up the first place, any other the second."""
    known = versions(project)
    if not known:
        return "v1.0.0"
    major, minor, _ = _parsed(known[-1].number)
    before, goal = _spec(project, known[-1]).goal, spec.goal
    same = (before.value if before else None) == (goal.value if goal else None)
    return f"v{major}.{minor + 1}.0" if same else f"v{major + 1}.0.0"


def _parsed(number: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, number.removeprefix("v").split("."))
    return major, minor, patch


def _read(folder: Path) -> Version:
    return Version.model_validate_json((folder / "version.json").read_bytes())


def _spec(project: Project, version: Version) -> Spec:
    text = (project.folder / version.folder / "spec.yaml").read_text(encoding="utf-8")
    return Spec.model_validate(yaml.safe_load(text))


def _digests(project: Project, version: Version) -> dict[str, str]:
    """What a row says and where it stands, by its id; what was found about it is no content."""
    rows = read_samples(project.folder / version.folder / "data.jsonl")
    kept = {"messages", "label", "evidence", "fields", "split"}
    return {row.id: hashlib.sha256(row.model_dump_json(include=kept).encode()).hexdigest() for row in rows}


def _labels(project: Project, version: Version) -> Counter[str]:
    rows = read_samples(project.folder / version.folder / "data.jsonl")
    return Counter(row.label for row in rows if row.label)


def _spec_differences(a: Spec, b: Spec) -> Iterator[tuple[str, tuple[object, object]]]:
    for name, _ in questions():
        before, after = (
            stated.model_dump(mode="json")["value"] if stated else None
            for stated in (getattr(a, name), getattr(b, name))
        )
        if before != after:
            yield name, (before, after)
