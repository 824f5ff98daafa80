"""Every tool keeps the promises of its shape, ours and any that another package brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tests.scripted import Scripted
from tools.base import Check, Edit, Export, Kit, Source, Tool, registry, tool
from tools.calibration import agreement
from tools.checks.judge import Judge, criteria, keep
from tools.llm import open_chat
from tools.sources.files import Files
from workspace.errors import UserError
from workspace.sample import Finding
from workspace.words import language_of

SHAPES: tuple[type[Tool], ...] = (Source, Edit, Check, Export)
TOOLS = [found for shape in SHAPES for found in registry(shape).values()]
DROPPED = Finding(check="form", verdict="fail", reason="no good", drops=True)
NEEDS = {
    "files": {"paths": ()},
    "database": {"connection": "shop", "table": "orders"},
    "hub": {"dataset": "owner/name", "files": ["data/*.parquet"]},
    "http": {"url": "https://example.com/rows", "paging": {"kind": "page", "param": "p"}},
}


def made(found: type[Tool]) -> Tool:
    return found.model_validate(NEEDS.get(found.name, {}))


@pytest.mark.parametrize("found", TOOLS, ids=lambda found: found.name)
class TestEveryTool:
    def test_has_words_for_people_in_both_languages(self, found: type[Tool]) -> None:
        assert found.words.en
        assert language_of(found.words.en) == "en"
        assert language_of(found.words.zh) == "zh"

    def test_has_options_that_survive_json(self, found: type[Tool]) -> None:
        first = made(found)
        assert found.model_validate_json(first.model_dump_json()) == first
        assert found.model_json_schema()["additionalProperties"] is False

    def test_says_why_it_exists(self, found: type[Tool]) -> None:
        assert found.__doc__


@pytest.fixture
def judging(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kit]:
    """The judge is the one check that is nothing without a model; ours was compared with a person."""
    usual = kit(tmp_path)
    if request.node.callspec.params["check"] is not Judge:
        yield usual
        return
    scripted: Scripted = request.getfixturevalue("scripted")
    scripted.script = lambda call: {"reason": "as it is", "score": 1 if "Pay Anna" in call.prompt else 5}
    chat = open_chat(usual.project.journal)
    asked = replace(usual, chat=chat)
    keep(usual.project, agreement(criteria(asked), [5, 1] * 20, [True, False] * 20))
    yield asked
    chat.close()


@pytest.mark.parametrize("check", registry(Check).values(), ids=lambda check: check.name)
class TestEveryCheck:
    def test_lets_its_passing_example_through(self, check: type[Check], judging: Kit) -> None:
        assert check.passing.judged(*check().check(check.passing, judging)).kept

    def test_drops_its_failing_example_and_says_why(self, check: type[Check], judging: Kit) -> None:
        row = check.failing.judged(*check().check(check.failing, judging))
        assert not row.kept
        assert row.dropped_by.check == check.name
        assert row.dropped_by.reason


@pytest.mark.parametrize("edit", registry(Edit).values(), ids=lambda edit: edit.name)
class TestEveryEdit:
    ROWS = [
        said("I lost my card"),
        said("  i LOST my card! "),
        said("\u200b"),
        said("How much is in it?", "balance"),
        *(said(f"{name} asks for a new account", "open_account") for name in ("Anna", "Bogdan", "Christina", "Dmitri")),
    ]

    def test_hands_on_as_many_rows_as_it_got(self, edit: type[Edit], tmp_path: Path) -> None:
        out = list(edit().apply(iter(self.ROWS), kit(tmp_path)))
        assert len(out) == len(self.ROWS)
        assert all(row.dropped_by.reason for row in out if not row.kept)

    def test_gives_the_same_rows_twice(self, edit: type[Edit], tmp_path: Path) -> None:
        first, second = (list(edit().apply(iter(self.ROWS), kit(tmp_path))) for _ in range(2))
        assert first == second


@pytest.mark.parametrize("export", registry(Export).values(), ids=lambda export: export.name)
def test_an_export_writes_the_kept_rows_alone(export: type[Export], tmp_path: Path) -> None:
    path = tmp_path / f"rows{export.suffix}"
    rows = [said("I lost my card"), said("gone").judged(DROPPED), said("Pay Anna", "transfer")]
    export().write(iter(rows), path)
    back = list(Files(paths=(str(path),)).read(kit(tmp_path)))
    assert [(row.question, row.answer, row.label) for row in back] == [
        (row.question, row.answer, row.label) for row in rows if row.kept
    ]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UserError) as caught:
        tool(Check, "vibes")  # type: ignore[type-abstract]
    assert "form" in caught.value.fix.en
