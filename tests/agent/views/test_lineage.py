"""The tree holds what was made from what, of this project and no other; two versions are told apart in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.events import Say
from agent.run import Run
from agent.views.compared import compared, version_of
from agent.views.lineage import lineage
from agent.views.passport import passport
from agent.views.releasing import model_of, offer, release, sheet
from finetune.shipping.registry import entries
from tests.agent.trained import finished, releasable, run_in, second_version
from workspace.errors import UserError
from workspace.members import give


@pytest.fixture
def run(home: Path) -> Run:
    return run_in(home)


def test_specification_version_model(run: Run) -> None:
    finished(run)
    newer = second_version(run)
    (specified,) = lineage(run.project, "en")
    assert specified.hash == run.spec.hash
    assert [version.number for version in specified.versions] == ["v1.0.0", "v1.1.0"]
    first, second = specified.versions
    assert first.told.startswith("58 rows, 20")
    assert (second.hash, second.models) == (newer.hash, ())
    (model,) = first.models
    assert (model.name, model.title, model.measured, model.met) == (run.id, "smollm2-135m · LoRA", "", None)


def test_another_project_with_the_same_rows_is_not_looked_into(run: Run, home: Path) -> None:
    other = run_in(home, "other")
    finished(other)
    assert other.version == run.version
    assert [version.models for one in lineage(run.project, "en") for version in one.versions] == [()]
    with pytest.raises(UserError, match="no such model in this project"):
        sheet(run.project, other.id, "en")
    with pytest.raises(UserError, match="no such version in this project"):
        version_of(run.project, "0" * 64)


def test_a_passport_is_the_one_that_was_frozen(run: Run) -> None:
    version = run.version
    assert version is not None
    for language, title in (("en", "# Passport of v1.0.0"), ("zh", "# 数据护照 v1.0.0")):
        path, text = passport(run.project, version.hash, language)  # type: ignore[arg-type]
        assert path.read_text(encoding="utf-8") == text
        assert text.startswith(title)


def test_two_versions_are_told_apart_whichever_was_chosen_first(run: Run) -> None:
    first, second = run.version, second_version(run)
    assert first is not None
    for pair in ((first.hash, second.hash), (second.hash, first.hash)):
        found = compared(run.project, *pair, "en")
        assert (found.one, found.other) == ("v1.0.0", "v1.1.0")
        assert dict(found.counts) == {"added": 3, "removed": 4, "changed": 1, "the same": 53}
        assert ("rows", "58", "57") in found.moved
        assert {row.kind for row in found.rows} == {"added", "removed", "changed"}
    assert "It is the data" in found.verdict
    assert compared(run.project, first.hash, second.hash, "zh").counts[0][0] == "新增"


def test_two_versions_say_what_their_models_reach(run: Run, tmp_path: Path) -> None:
    first, second = run.version, second_version(run)
    assert first is not None
    releasable(run, tmp_path / "made")
    what, one, other = compared(run.project, first.hash, second.hash, "en").moved[0]
    assert what.startswith("what the model reaches")
    assert "%" in one + other
    assert "–" in (one, other)


def test_a_release_is_shown_with_its_hash_then_done_and_taken_back(run: Run, tmp_path: Path, home: Path) -> None:
    folder = releasable(run, tmp_path / "made")
    run_in(home, "also")  # the same version stands in a project whose name comes first
    found = sheet(run.project, run.id, "en")
    assert [row[0] for row in found.forms] == ["adapter on its base", "merged, bf16"]
    assert found.goals == (("share of right answers", "1", "≥ 0.9", True),)
    shown = offer(run.project, run.id, "en")
    assert shown.title == "Would be released: bank v1.0.0"
    assert dict(shown.facts)["data version"] == run.version.hash  # type: ignore[union-attr]
    (said,) = release(run.project, shown, "", "en")
    assert isinstance(said, Say)
    assert said.text.startswith("Released as v1.0.0_")
    (entry,) = entries(home)
    assert (entry.name, entry.lineage.project) == ("bank", "bank")
    with pytest.raises(UserError, match="has changed since it was shown"):
        list(release(run.project, shown, "", "en"))
    list(release(run.project, offer(run.project, run.id, "en"), "", "en"))
    older, newer = sheet(run.project, run.id, "en").releases
    assert (older.current, newer.current) == (False, True)
    back = offer(run.project, older.id, "en")
    assert "would take the place of" in back.title
    list(release(run.project, back, "", "en"))
    assert [one.current for one in sheet(run.project, run.id, "en").releases] == [True, False]
    assert "torch" in sheet(run.project, run.id, "en").libraries
    (tree,) = lineage(run.project, "en")
    assert [one.number for one in tree.versions[0].models[0].releases] == ["v1.0.0", "v1.0.1"]
    assert tree.versions[0].models[0].met is True
    assert folder.name == model_of(run.project, run.id)[0].name


def test_what_misses_its_goal_is_refused_with_the_reason(run: Run, tmp_path: Path) -> None:
    releasable(run, tmp_path / "made", met=False)
    with pytest.raises(UserError, match="misses a goal"):
        offer(run.project, run.id, "en")


def test_who_only_reviews_releases_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    releasable(run, tmp_path / "made")
    give(run.project, "ana")
    with pytest.raises(UserError, match="Only the owner"):
        list(release(run.project, offer(run.project, run.id, "en"), "bo", "en"))
    assert entries(home) == []
