"""A version is its bytes: the same rows are the same version, and its passport accounts for every one of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.contract.kits import kit, said
from tools.pipeline import tally
from tools.versions import compare, find, freeze, passport, versions
from workspace.errors import UserError
from workspace.project import Project, read_samples
from workspace.results import Report, Stage, Tally, Version
from workspace.sample import Finding, Origin, Sample

BAD = said("bad").judged(Finding(check="form", verdict="fail", reason="x", drops=True))
LOST = said("").judged(Finding(check="endpoint", verdict="fail", reason="x", drops=True))
ROWS = [
    said("I lost my card", id="a", split="train"),
    said("Pay Anna", "transfer", id="b", split="test"),
    said("How much?", "balance", id="c", origin=Origin(source="generate", slot="r1/0")),
    BAD,
    LOST,
]


def report(rows: list[Sample]) -> Report:
    return Report(stages=(Stage(name="files", tally=tally(rows)),), seconds=1.0, notes=("something is lacking",))


def frozen(home: Path, rows: list[Sample] = ROWS, project: str = "bank", **values: object) -> tuple[Project, Version]:
    found = Project(home, project)
    return found, freeze(found, kit(home, **values).spec, iter(rows), report(rows))


def test_what_is_kept_and_what_is_rejected(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    folder = project.folder / version.folder
    data = (folder / "data.jsonl").read_bytes()
    assert version.hash == hashlib.sha256(data).hexdigest()
    assert version.rows == {"train": 2, "validation": 0, "test": 1}
    assert [row.id for row in read_samples(folder / "rejected.jsonl")] == [BAD.id, LOST.id]
    assert all(row.split for row in read_samples(folder / "data.jsonl"))
    assert not list((project.folder / "versions").glob(".new*"))


def test_the_same_rows_are_the_same_version(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    assert frozen(tmp_path) == (project, version) or frozen(tmp_path)[1] == version
    assert len(versions(project)) == 1
    assert frozen(tmp_path, project="another")[1].hash == version.hash


def test_numbers_count_up(tmp_path: Path) -> None:
    project, _ = frozen(tmp_path)
    frozen(tmp_path, ROWS[:2])
    frozen(tmp_path, ROWS[:1], goal="something else")
    assert [version.number for version in versions(project)] == ["v1.0.0", "v1.1.0", "v2.0.0"]


def test_a_freeze_is_journaled_once_even_after_a_kill(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    assert project.journal.decided(f"version {version.hash}") == "v1.0.0"
    again = Project(tmp_path, "killed")
    (again.folder / "versions" / ".newhalf").mkdir(parents=True)
    assert frozen(tmp_path, project="killed")[1] == version
    assert not (again.folder / "versions" / ".newhalf").exists()
    assert project.journal.broken_link() is None


@pytest.mark.parametrize("wrong", [Tally(requested=4, accepted=3), Tally(requested=2, accepted=2)])
def test_counts_that_do_not_add_up_are_refused(tmp_path: Path, wrong: Tally) -> None:
    bad = Report(stages=(Stage(name="files", tally=wrong),), seconds=1)
    project = Project(tmp_path, "bank")
    with pytest.raises(UserError, match="don't add up"):
        freeze(project, kit(tmp_path).spec, ROWS, bad)
    assert versions(project) == []


def test_nothing_kept_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to freeze"):
        frozen(tmp_path, [BAD])


def test_a_version_is_found_by_number_and_by_hash(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    for name in ("v1.0.0", version.hash, version.hash[:8]):
        assert find(tmp_path, name)[1] == version
    with pytest.raises(UserError, match=r"no version v9"):
        find(tmp_path, "v9")
    frozen(tmp_path, ROWS[:1], project="another")
    with pytest.raises(UserError) as caught:
        find(tmp_path, "v1.0.0")
    assert project.name in caught.value.fix.en


def test_two_versions_compared(tmp_path: Path) -> None:
    project, one = frozen(tmp_path)
    changed = [said("I lost it all", id="a", split="train"), ROWS[1].model_copy(update={"id": "moved"})]
    _, other = frozen(tmp_path, [*changed, said("new", "transfer", id="n")], threshold=0.8)
    found = compare(project, one, project, other)
    assert (found.added, found.removed, found.changed, found.same) == (1, 1, 1, 1)
    assert found.spec == {"threshold": (0.9, 0.8)}
    assert found.labels == {"balance": (1, 0), "lost_card": (1, 1), "transfer": (1, 2)}
    assert "达标线: 0.9 → 0.8" in found.to("zh")


def test_the_passport_accounts_for_every_row(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    text = passport(project, version)
    assert text == (project.folder / version.folder / "passport.md").read_text()
    assert "| files | 5 | 3 | 1 (form 1) | 1 (endpoint 1) |" in text
    assert "| Label: balance | 1 | 0 | 0 | 1 |" in text
    assert "something is lacking" in text
    assert version.hash in text
    chinese = (project.folder / version.folder / "passport.zh.md").read_text()
    assert "| 类别: transfer | 0 | 0 | 1 | 1 |" in chinese
    assert "类别“open_account”只有 0 条训练数据" in chinese


def test_a_frozen_file_is_read_only(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    assert (project.folder / version.folder / "data.jsonl").stat().st_mode & 0o222 == 0
    with pytest.raises(ValidationError):
        version.hash = "x"  # type: ignore[misc]
