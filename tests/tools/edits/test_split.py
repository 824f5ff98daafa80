"""What the model is tested on is real, and nothing like it is in what it learns from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.split import Split
from workspace.sample import Finding, Origin, Sample, sample

THINGS = "card wallet key passport phone ticket umbrella letter parcel bag".split()


def real(label: str, count: int) -> list[Sample]:
    return [
        said(f"{label}: {THINGS[i % 10] * 4} and number {'abcdefghij'[i // 10] * 6}", label, id=f"{label}{i}")
        for i in range(count)
    ]


def written(label: str, count: int, parent: str | None = None) -> list[Sample]:
    rows = []
    for i in range(count):
        origin = Origin(source="generate", slot=f"{label}/{i}", parent=parent)
        rows.append(sample(f"{THINGS[i % 10]} {label} {i * 7919 % 1000}", label, origin, label=label))
    return rows


def places(rows: list[Sample], home: Path, **options: float) -> list[Sample]:
    return list(Split(**options).apply(rows, kit(home)))


@pytest.mark.parametrize(("count", "test"), [(1, 0), (2, 1), (3, 1), (4, 1), (10, 3), (40, 10)])
def test_a_quarter_is_held_back_but_one_at_least_and_never_the_last(tmp_path: Path, count: int, test: int) -> None:
    assert Counter(row.split for row in places(real("a", count), tmp_path))["test"] == test


def test_36_real_rows_in_12_labels(tmp_path: Path) -> None:
    out = places([row for i in range(12) for row in real(f"label {i}", 3)], tmp_path)
    assert Counter(row.split for row in out) == {"train": 24, "test": 12}
    assert len({row.label for row in out if row.split == "test"}) == 12


def test_written_rows_are_never_tested_on(tmp_path: Path) -> None:
    out = places([*real("a", 4), *written("a", 40)], tmp_path)
    assert {row.origin.source for row in out if row.split == "test"} == {"files"}
    assert Counter(row.split for row in out if row.origin.source == "generate") == {"train": 36, "validation": 4}


def test_places_follow_from_rows_and_seed_alone(tmp_path: Path) -> None:
    rows = real("a", 20)
    first = {row.id: row.split for row in places(rows, tmp_path)}
    assert {row.id: row.split for row in places(rows[::-1], tmp_path)} == first
    other = Split().apply(rows, kit(tmp_path, seed=8))
    assert {row.id: row.split for row in other} != first


def test_what_has_a_place_keeps_it_and_a_given_test_is_the_test(tmp_path: Path) -> None:
    given = [said(text, "a", split="test") for text in ("where is the nearest branch", "who runs this bank")]
    out = places([*given, *real("b", 20)], tmp_path)
    assert [row.split for row in out[:2]] == ["test", "test"]
    assert "test" not in {row.split for row in out[2:]}


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    once = places([*real("a", 12), *written("a", 40)], tmp_path)
    assert places(once, tmp_path) == once


def test_near_copies_and_siblings_stay_together(tmp_path: Path) -> None:
    rows = []
    for i, thing in enumerate(THINGS):
        rows.append(said(f"{thing * 3} was stolen from me on Sunday", id=f"a{i}"))
        rows.append(said(f"{thing * 3} was stolen from me on Monday", id=f"b{i}"))
    out = places(rows, tmp_path, test_share=0.5)
    for one, other in zip(out[::2], out[1::2], strict=True):
        assert one.split == other.split
    assert {row.split for row in out} >= {"train", "test"}


def test_what_was_written_from_a_test_row_is_dropped(tmp_path: Path) -> None:
    test = said("I lost my card on the bus", id="seed", split="test")
    out = places([test, *real("b", 3), *written("a", 3, parent="seed")], tmp_path)
    assert [row.kept for row in out] == [True] * 4 + [False] * 3
    assert out[-1].dropped_by.check == "split"


def test_a_real_row_with_children_is_held_back_last(tmp_path: Path) -> None:
    for seed in range(6):
        out = Split().apply([*real("a", 3), *written("a", 9, parent="a1")], kit(tmp_path, seed=seed))
        assert all(row.kept for row in out)


def test_dropped_rows_have_no_place(tmp_path: Path) -> None:
    dropped = said("x").judged(Finding(check="form", verdict="fail", reason="x", drops=True))
    out = places([dropped, *real("a", 4)], tmp_path)
    assert out[0].split is None
    assert not list((kit(tmp_path).project.folder).glob(".split*"))
