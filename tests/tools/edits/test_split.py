"""What the model is tested on is real, and nothing like it is in what it learns from."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.split import Split
from workspace.errors import UserError
from workspace.sample import Finding, Origin, Raw, Sample, sample

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


def places(rows: list[Sample], home: Path, **options: object) -> list[Sample]:
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


def many(count: int) -> list[Sample]:
    """Unlike one another; 12 labels of different sizes."""
    rng = random.Random(3)
    rows = []
    for n in range(count):
        words = " ".join("".join(rng.choices("abcdefghijklmnop", k=7)) for _ in range(5))
        rows.append(said(words, f"label {int(rng.random() ** 2 * 12)}", id=f"m{n}"))
    return rows


def shares(rows: list[Sample]) -> Counter[str | None]:
    return Counter(row.split for row in rows if row.kept)


@pytest.mark.parametrize("count", [40, 137, 1000])
def test_eight_one_one_in_each_label_within_rounding(tmp_path: Path, count: int) -> None:
    out = places(many(count), tmp_path, shares=(8, 1, 1))
    for label in {row.label for row in out}:
        found = shares([row for row in out if row.label == label])
        size = sum(found.values())
        assert abs(found["test"] - size / 10) <= 1
        assert abs(found["validation"] - size / 10) <= 1
    assert places(out, tmp_path, shares=(8, 1, 1)) == out


def test_the_test_is_later_than_all_else(tmp_path: Path) -> None:
    rng = random.Random(5)
    days = [f"2024-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}" for _ in range(600)]
    rows = [row.model_copy(update={"fields": {"day": day}}) for row, day in zip(many(600), days, strict=True)]
    early, late = (
        said("where is the card that I lost", id=f"f{day}", fields={"day": day}) for day in ("2024-01-05", "2024-12-30")
    )
    undated = said("no day at all in this row", id="undated", fields={"day": ""})
    out = places([*rows, early, late, undated], tmp_path, time="day", shares=(8, 1, 1))
    at = {
        part: sorted(row.fields["day"] for row in out if row.kept and row.split == part and row.fields["day"])
        for part in ("train", "validation", "test")
    }
    assert at["train"][-1] < at["validation"][0]
    assert at["validation"][-1] < at["test"][0]
    assert 45 <= len(at["test"]) <= 75
    assert 45 <= len(at["validation"]) <= 75
    assert [row.id for row in out if not row.kept] == [late.id]
    assert out[-1].split == "train"


def test_a_column_of_years_gives_the_last_year(tmp_path: Path) -> None:
    rows = [row.model_copy(update={"fields": {"year": 2015 + n % 10}}) for n, row in enumerate(many(200))]
    out = places(rows, tmp_path, time="year", test_share=0.1, validation_share=0)
    assert {row.fields["year"] for row in out if row.split == "test"} == {2024}


def test_one_file_or_one_customer_is_never_parted(tmp_path: Path) -> None:
    rows = [
        row.model_copy(update={"fields": {"customer": n % 40}, "origin": Origin(source="files", file=f"{n % 25}.csv")})
        for n, row in enumerate(many(400))
    ]
    for name, of in (("customer", lambda row: row.fields["customer"]), ("file", lambda row: row.origin.file)):
        out = places(rows, tmp_path, together=name, stratify="none", shares=(8, 1, 1))
        assert len({(of(row), row.split) for row in out}) == len({of(row) for row in out})
        assert 20 <= shares(out)["test"] <= 60


def test_by_difficulty(tmp_path: Path) -> None:
    rows = [
        row.model_copy(update={"fields": {"difficulty": "hard" if n % 5 else "easy"}})
        for n, row in enumerate(many(500))
    ]
    out = places(rows, tmp_path, stratify="difficulty", shares=(8, 1, 1))
    assert Counter(row.fields["difficulty"] for row in out if row.split == "test") == {"hard": 40, "easy": 10}


def test_five_folds(tmp_path: Path) -> None:
    rows = [*many(500), *written("label 3", 20, parent="m7")]
    out = places(rows, tmp_path, folds=5)
    assert {row.split for row in out} == {None}
    for label in {row.label for row in out}:
        sizes = Counter(
            row.fields["fold"] for row in out if row.label == label and row.origin.parent is None and row.id != "m7"
        )
        assert max(sizes.values()) - min(sizes[n] for n in range(1, 6)) <= (
            21 if label in ("label 3", out[7].label) else 1
        )
    assert len({row.fields["fold"] for row in out if row.id == "m7" or row.origin.parent == "m7"}) == 1
    assert places(out, tmp_path, folds=5) == out


@pytest.mark.parametrize("options", [{}, {"shares": (8, 1, 1)}, {"folds": 5}, {"together": "group"}, {"time": "day"}])
def test_no_family_is_parted_whatever_the_options(tmp_path: Path, options: dict[str, object]) -> None:
    for seed in range(4):
        rng = random.Random(seed)
        rows = many(120)
        for n, row in enumerate(rows[::3]):
            origin = Origin(source="generate", slot=str(n), parent=row.id)
            rows.append(sample(f"another way to say {row.question}", row.label, origin, label=row.label))
            rows.append(row.model_copy(update={"id": f"near{n}", "messages": said(row.question + "s").messages}))
        fields = [{"group": rng.randrange(50), "day": f"2024-0{rng.randint(1, 9)}-11"} for _ in rows]
        rows = [row.model_copy(update={"fields": of}) for row, of in zip(rows, fields, strict=True)]
        rng.shuffle(rows)
        out = [row for row in places(rows, tmp_path, **options) if row.kept]
        by_id = {row.id: row for row in out}
        for n in range(40):
            first, near = by_id.get(f"m{n * 3}"), by_id.get(f"near{n}")
            assert (
                not first
                or not near
                or (first.split, first.fields.get("fold")) == (near.split, near.fields.get("fold"))
            )
        for row in out:
            parent = by_id.get(row.origin.parent or "")
            assert not parent or (parent.split, parent.fields.get("fold")) == (row.split, row.fields.get("fold"))


def test_a_column_that_is_not_there_is_said(tmp_path: Path) -> None:
    for options in ({"time": "day"}, {"together": "customer"}):
        with pytest.raises(UserError):
            places(many(5), tmp_path, **options)


def test_the_record_that_a_row_was_read_from_comes_through(tmp_path: Path) -> None:
    row = said("where is it")
    raw = Raw(values={"q": "where is it"}, parts={}, row=row)
    (out,) = places([row.model_copy(update={"raw": raw})], tmp_path)
    assert out.raw.values == raw.values
    assert out.raw.row.messages is out.messages
