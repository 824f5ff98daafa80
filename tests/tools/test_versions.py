"""A version is its bytes: the same rows are the same version, and its passport accounts for every one of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest
import yaml
from pydantic import ValidationError

from tests.contract.kits import kit, said
from tools.croissant import croissant
from tools.dataset_card import card, write_splits
from tools.pipeline import tally
from tools.versions import compare, find, freeze, passport, versions
from workspace.code import Code, this_code
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


class TestCodeOrData:
    def made(self, home: Path, rows: list[Sample], source: str = "same", **values: object) -> tuple[Project, Version]:
        """A version as other code would have made it."""
        project, version = frozen(home, rows, **values)
        return project, version.model_copy(update={"code": Code(version="1", source=source)})

    def test_only_the_rows_differ(self, tmp_path: Path) -> None:
        one = self.made(tmp_path, ROWS)
        other = self.made(tmp_path, [*ROWS[:2], said("new", "transfer", id="n")])
        found = compare(*one, *other)
        assert found.verdict.en.startswith("It is the data (1 rows added, 1 removed")
        assert [(e.kind, e.id) for e in found.examples] == [("added", "n"), ("removed", "c")]
        assert found.figures["from files"] == ("2", "3")
        assert "新增 1 条" in found.to("zh")

    def test_only_the_code_differs(self, tmp_path: Path) -> None:
        one, other = self.made(tmp_path, ROWS), self.made(tmp_path, ROWS, source="other")
        found = compare(*one, *other)
        assert "from the code or from training" in found.verdict.en
        assert (found.examples, found.figures) == ((), {})

    def test_both_differ(self, tmp_path: Path) -> None:
        one = self.made(tmp_path, ROWS)
        other = self.made(tmp_path, [said("I lost it", id="a"), *ROWS[1:]], source="other", threshold=0.5)
        found = compare(*one, *other)
        assert found.verdict.en.startswith("Both the data and what was asked for (0 rows added, 0 removed, 1 changed)")
        assert found.examples[0].before.startswith("I lost my card ⇒ lost_card")

    def test_a_version_of_before_code_was_recorded(self, tmp_path: Path) -> None:
        one = self.made(tmp_path, ROWS, source="")
        assert "not recorded" in compare(*one, *self.made(tmp_path, ROWS[:2])).verdict.en

    def test_a_version_says_by_which_code_it_was_made(self, tmp_path: Path) -> None:
        _, version = frozen(tmp_path)
        assert version.code == this_code()
        assert len(version.code.source) == 12


def test_the_passport_says_why_rows_were_left_out_and_what_was_hidden(tmp_path: Path) -> None:
    hidden = Finding(check="mask", verdict="pass", reason="masked: mobile number in question ×2, e-mail in question")
    decided = Finding(check="person", verdict="pass", reason="fine")
    project, version = frozen(tmp_path, [ROWS[0].judged(hidden), ROWS[1].judged(decided), BAD])
    text = passport(project, version)
    assert "| form | x | 1 |" in text
    assert "- Hidden in 1 rows." in text
    assert "- mobile number: 2\n- e-mail: 1" in text or "- e-mail: 1\n- mobile number: 2" in text
    assert "A person decided on 1 of these rows" in text


def test_a_dataset_card_is_read_by_the_hub(tmp_path: Path) -> None:
    licensed = Origin(source="files", file="a.csv", licence="Apache-2.0")
    project, version = frozen(tmp_path, [row.model_copy(update={"origin": licensed}) for row in ROWS[:2]])
    head = yaml.safe_load(card(project, version).split("---\n")[1])
    assert head["license"] == "apache-2.0"
    assert (head["language"], head["size_categories"]) == (["en"], ["n<1K"])
    assert head["task_categories"] == ["text-classification"]
    files = {one["split"]: one["path"] for one in head["configs"][0]["data_files"]}
    written = list(write_splits(project, version, tmp_path / "hub"))
    assert [path.name for path in written] == list(files.values()) == ["train.jsonl", "test.jsonl"]
    assert orjson.loads(written[0].read_bytes())["messages"][0]["content"] == "I lost my card"


def test_croissant_names_the_file_its_hash_and_its_columns(tmp_path: Path) -> None:
    project, version = frozen(tmp_path)
    found = orjson.loads(croissant(project, version))
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert found["distribution"][0]["sha256"] == version.hash
    assert [field["name"] for field in found["recordSet"][0]["field"]] == ["id", "messages", "label", "split"]
    assert {field["name"] for field in found["recordSet"][0]["field"][1]["subField"]} == {"role", "content"}
