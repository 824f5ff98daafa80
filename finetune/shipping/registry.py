"""Released models: numbered by a rule, never changed, each with all that it follows from, and one of them current."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from finetune.recipe import Recipe
from workspace.code import Code, this_code
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.project import file_hash, write_text, writing_folder
from workspace.results import Compressed, Estimate, ThresholdResult
from workspace.stated import Metric
from workspace.words import Words

ENTRY, CURRENT = "entry.json", "current"
FIRST = (1, 0, 0)
NAME = re.compile(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff.-]{0,63}")
NUMBER = re.compile(r"v(\d+)\.(\d+)\.(\d+)_")
LIBRARIES = ("torch", "transformers", "peft", "accelerate", "safetensors", "gguf", "xllamacpp", "tokenizers", "numpy")
Rise = Literal["first", "major", "minor", "patch"]


class Lineage(BaseModel):
    """Specification, then data version, then model: three hashes, and what else the weights follow from."""

    model_config = ConfigDict(frozen=True)

    specification: str = ""
    project: str = ""
    version: str
    base: str
    base_hash: str
    learned: dict[str, str]
    recipe: Recipe


class Proposal(BaseModel):
    """What would be released, in full: its hash is what a person confirms. `files` are SHA-256 by place."""

    model_config = ConfigDict(frozen=True)

    name: str
    number: str
    rise: Rise
    instead_of: str
    lineage: Lineage
    metrics: dict[Metric, Estimate]
    thresholds: tuple[ThresholdResult, ...]
    compressed: Compressed
    files: dict[str, str]

    @property
    def hash(self) -> str:
        # An entry has more fields, and must name the hash that a person confirmed.
        shown = self.model_dump_json(include=set(Proposal.model_fields))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


class Entry(Proposal):
    """A release: `id` is `v1.2.3_{commit}_{timestamp}`, its folder in the registry."""

    id: str
    code: Code
    libraries: dict[str, str]


def rises(before: Lineage, now: Lineage) -> Rise:
    """The rule of numbering.

    major: another specification or another base, so what may be expected of the answers is another thing;
    minor: other data, another method or other dials, so it learned something else;
    patch: the same again, from another seed or in other forms.
    """
    if (before.specification, before.base) != (now.specification, now.base):
        return "major"
    alike = {"seed": 0}
    if before.version != now.version or before.recipe.model_copy(update=alike) != now.recipe.model_copy(update=alike):
        return "minor"
    return "patch"


def next_number(home: Path, name: str, lineage: Lineage) -> tuple[str, Rise]:
    """After the highest number there is, whichever is current."""
    known = entries(home, name)
    if not known:
        return _dotted(FIRST), "first"
    rise = rises(known[-1].lineage, lineage)
    major, minor, patch = _numbers(known[-1].id)
    risen = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}
    return _dotted(risen[rise]), rise


def named(name: str) -> str:
    """Raises UserError for what could not be a folder's name."""
    if not NAME.fullmatch(name):
        raise UserError(
            Words(f"{name!r} can't be a model's name.", f"{name!r} 不能作模型名。"),
            Words("Use letters, digits, - and _: `--name NAME`.", "请用文字、数字、- 和 _：`--name 名称`。"),
        )
    return name


def release(home: Path, proposal: Proposal, sources: Mapping[str, Path]) -> Entry:
    """Copy the files, write the entry, make it the current one. Raises UserError for a file that changed meanwhile."""
    code = this_code()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    id = f"v{proposal.number}_{code.commit or code.source}_{stamp}"
    entry = Entry(**dict(proposal), id=id, code=code, libraries=dict(_libraries()))
    with _locked(home):
        if entries(home, proposal.name) and proposal.number in {each.number for each in entries(home, proposal.name)}:
            raise changed_meanwhile()
        with writing_folder(_folder(home, proposal.name) / id) as part:
            for place, source in sources.items():
                (part / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, part / place)
                if file_hash(part / place) != proposal.files[place]:
                    raise changed_meanwhile()
                (part / place).chmod(0o444)
            write_text(part / ENTRY, entry.model_dump_json(indent=2))
        _record(home, "release", entry)
        _make_current(home, entry)
    return entry


def promote(home: Path, entry: Entry) -> None:
    """An earlier release becomes the current one again. Raises UserError where its files are no longer whole."""
    if found := damaged(home, entry):
        raise UserError(
            Words(
                f"{entry.id} is no longer what was released: {found[0]}.", f"{entry.id} 已与发布时不同：{found[0]}。"
            ),
            Words("Restore it from a backup, or choose another release.", "请从备份恢复，或选择其他版本。"),
        )
    with _locked(home):
        _record(home, "promote", entry)
        _make_current(home, entry)


def promotion_hash(home: Path, entry: Entry) -> str:
    """What a person confirms: this entry, in place of the one that is current now."""
    return hashlib.sha256(f"{entry.name}\0{entry.id}\0{current(home, entry.name)}".encode()).hexdigest()[:16]


def entries(home: Path, name: str | None = None) -> list[Entry]:
    """By name, then by number. An entry that can't be read any more is left to `unreadable`."""
    return sorted((found for _, found in _read(home, name) if found), key=lambda e: (e.name, _numbers(e.id)))


def unreadable(home: Path) -> list[Path]:
    """Folders of releases whose entry is gone or was made unreadable."""
    return [folder for folder, found in _read(home, None) if found is None]


def find(home: Path, name: str) -> Entry:
    """By its id, or the current one of a name. Raises UserError if there is none."""
    known = entries(home)
    wanted = current(home, name) if NAME.fullmatch(name) else ""
    for entry in reversed(known):
        if entry.id == name or (entry.name == name and entry.id == wanted):
            return entry
    raise UserError(
        Words(f"There is no released model {name}.", f"没有已发布的模型 {name}。"),
        Words("`tunesmith models` lists them.", "`tunesmith models` 可以列出。"),
    )


def current(home: Path, name: str) -> str:
    """The id of the release in use; empty before the first."""
    path = _folder(home, name) / CURRENT
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def damaged(home: Path, entry: Entry) -> list[str]:
    """The places whose files are gone or changed, and `entry.json` where it isn't the one that was journaled."""
    folder = _folder(home, entry.name) / entry.id
    found = [
        place
        for place, hash in entry.files.items()
        if not (folder / place).is_file() or file_hash(folder / place) != hash
    ]
    if file_hash(folder / ENTRY) not in _recorded(home, entry.id):
        found.append(ENTRY)
    return found


def changed_meanwhile() -> UserError:
    return UserError(
        Words("What would be released has changed since it was shown.", "要发布的内容在显示之后发生了变化。"),
        Words(
            "Look at it again: `tunesmith release MODEL`, then confirm the hash that it shows.",
            "请重新查看：`tunesmith release 模型`，再确认其中显示的哈希。",
        ),
    )


def _folder(home: Path, name: str) -> Path:
    return home / "registry" / name


def _locked(home: Path) -> FileLock:
    (home / "registry").mkdir(parents=True, exist_ok=True)
    return FileLock(home / "registry" / ".lock")


def _record(home: Path, what: str, entry: Entry) -> None:
    folder = _folder(home, entry.name) / entry.id
    journal = Journal(home / "registry" / "journal.sqlite")
    try:
        told = {"model": entry.name, "id": entry.id, "instead of": current(home, entry.name)}
        journal.audit(what, told | {"proposal": entry.hash, "entry": file_hash(folder / ENTRY)})
    finally:
        journal.close()


def _recorded(home: Path, id: str) -> set[str]:
    """The hashes that the audit chain knows of this entry; none where the chain itself was tampered with."""
    journal = Journal(home / "registry" / "journal.sqlite")
    try:
        if journal.broken_link() is not None:
            return set()
        return {line.detail.get("entry", "") for line in journal.audited() if line.detail.get("id") == id}
    finally:
        journal.close()


def _make_current(home: Path, entry: Entry) -> None:
    write_text(_folder(home, entry.name) / CURRENT, entry.id + "\n")


def _read(home: Path, name: str | None) -> Iterator[tuple[Path, Entry | None]]:
    for folder in sorted((home / "registry").glob(f"{name or '*'}/v*")):
        if not NUMBER.match(folder.name) or not os.path.isdir(folder):
            continue
        try:
            yield folder, Entry.model_validate_json((folder / ENTRY).read_bytes())
        except (FileNotFoundError, ValidationError):
            yield folder, None


def _numbers(id: str) -> tuple[int, int, int]:
    found = NUMBER.match(id)
    assert found is not None
    return int(found[1]), int(found[2]), int(found[3])


def _dotted(number: tuple[int, int, int]) -> str:
    return ".".join(map(str, number))


def _libraries() -> Iterator[tuple[str, str]]:
    for name in LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
