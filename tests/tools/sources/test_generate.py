"""Rows are asked for several at a time, in slots that repeat, with real rows as examples and nothing held back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scripted import Call, Say, Scripted
from tools.base import Kit
from tools.grid import lacking
from tools.llm import open_chat
from tools.sources.generate import Generate, plan
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec

Kits = Callable[..., Kit]


@pytest.fixture
def kit(home: Path, scripted: Scripted) -> Iterator[Kits]:
    """Specification fields in, a kit out whose chat is the scripted endpoint."""
    project = Project(home, "test")
    chat = open_chat(project.journal)
    yield lambda **more: Kit(spec=spec(**more), project=project, chat=chat)
    chat.close()


def spec(**more: object) -> Spec:
    raw: dict[str, object] = {
        "goal": "tell what a customer wants",
        "task": "classification",
        "labels": [{"name": "lost_card", "definition": "card is gone"}, {"name": "fees"}],
        "languages": ["en"],
        "rows": 40,
    }
    return Spec.model_validate({**raw, **more}).filled()


def real(text: str, label: str, **more: object) -> Sample:
    return sample(text, label, Origin(source="files", row=1), label=label).model_copy(update=more)


def test_every_row_has_its_slot_label_and_cell(kit: Kits, scripted: Scripted) -> None:
    rows = list(Generate().read(kit()))
    assert len(rows) == 40
    assert len({row.origin.slot for row in rows}) == 40
    assert rows[0].origin.slot == "r1/lost_card/en/0/0"
    assert all(row.answer == row.label and row.question and row.cell.language == "en" for row in rows)


def test_calls_share_their_rows_evenly() -> None:
    wants = lacking(spec(rows=34), [])
    assert [len(call.cells) for call in plan(wants, 1, 8)] == [5, 6, 6, 5, 6, 6]


def test_examples_are_real_training_rows_of_the_label(kit: Kits, scripted: Scripted) -> None:
    rows = [
        real("my purse was taken", "lost_card"),
        real("what does it cost", "fees"),
        real("secret test text", "lost_card", split="test"),
    ]
    list(Generate().read(dataclasses.replace(kit(), rows=rows)))
    for call in scripted.calls:
        examples, asked = call.prompt.split("They are never about")
        assert ("my purse was taken" in examples) != ("what does it cost" in examples)
        assert "secret test text" not in call.prompt
        # The other label's row may stand only where it says what is not wanted.
        assert asked.count("what does it cost") == asked.count("- what does it cost (fees)")
    first = next(call.prompt for call in scripted.calls if "my purse" in call.prompt)
    assert "lost card (card is gone)" in first
    assert "tell what a customer wants" in first
    assert any("NOT wanted" in call.prompt for call in scripted.calls)


def test_a_short_reply_counts_the_missing_rows(kit: Kits, scripted: Scripted) -> None:
    scripted.script = lambda call: {"texts": ["the first", "the second"]}
    rows = list(Generate().read(kit(rows=16)))
    assert [row.dropped_by.check if row.dropped_by else "" for row in rows] == ["", "", *["missing"] * 6] * 2


def test_a_model_that_repeats_the_request_is_found_out(kit: Kits, scripted: Scripted) -> None:
    scripted.script = lambda call: {"texts": ["My purse was TAKEN", "My purse was taken on a bus"]}
    own = dataclasses.replace(kit(rows=17), rows=[real("my purse was taken", "lost_card")])
    echoed, new = list(Generate().read(own))[:2]
    assert echoed.dropped_by
    assert echoed.dropped_by.check == "echo"
    assert new.kept


def test_a_reply_that_stays_bad_counts_all_its_rows(kit: Kits, scripted: Scripted) -> None:
    scripted.script = lambda call: Say({"texts": ["cut"]}, finish="length") if '"lost card' in call.prompt else "prose"
    rows = list(Generate().read(kit(rows=16)))
    assert [row.dropped_by.check for row in rows if row.dropped_by] == ["unfinished"] * 8 + ["malformed"] * 8


def test_the_same_round_asks_the_same_again_and_another_round_does_not(kit: Kits, scripted: Scripted) -> None:
    own = kit()
    first = list(Generate().read(own))
    paid = len(scripted.calls)
    assert list(Generate().read(own)) == first
    assert len(scripted.calls) == paid
    assert list(Generate(round=2).read(own)) != first
    assert len(scripted.calls) == 2 * paid


def test_the_schema_says_how_many_and_how_long(kit: Kits, scripted: Scripted) -> None:
    list(Generate().read(kit(rows=16)))
    texts = scripted.calls[0].schema["properties"]["texts"]
    assert (texts["minItems"], texts["maxItems"]) == (8, 8)
    assert texts["items"]["maxLength"] == 240


@pytest.mark.parametrize("task", ["question-answering", "extraction", "rewriting", "writing", "dialogue"])
def test_tasks_without_labels_give_questions_and_answers(kit: Kits, scripted: Scripted, task: str) -> None:
    rules = [{"sentence": "Never name a price."}]
    rows = list(Generate().read(kit(task=task, labels=None, rows=6, rules=rules)))
    assert len(rows) == 6
    assert all(row.kept and row.question and row.answer and row.label is None for row in rows)
    assert all("Never name a price." in call.prompt for call in scripted.calls)


def test_a_chinese_cell_is_asked_for_in_chinese(kit: Kits, scripted: Scripted) -> None:
    def reply(call: Call) -> dict[str, list[str]]:
        return {"texts": ["卡丢了怎么办"]}

    scripted.script = reply
    list(Generate().read(kit(languages=["zh"], rows=2)))
    assert all("请用中文写" in call.prompt for call in scripted.calls)


def test_text_with_braces_is_never_a_template(kit: Kits, scripted: Scripted) -> None:
    list(Generate().read(dataclasses.replace(kit(), rows=[real("pay {{goal}} now", "fees")])))
    assert any("pay {{goal}} now" in call.prompt for call in scripted.calls)
