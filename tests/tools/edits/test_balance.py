"""Classes come to like sizes, and every row that goes says why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.augment import Augment
from tools.edits.balance import Balance
from workspace.sample import Origin, Sample

SIZES = {"lost_card": 30, "transfer": 12, "balance": 5}


def rows() -> list[Sample]:
    made = [
        said(f"please tell me about {label} as soon as possible, number {n}", label, id=f"{label}{n}")
        for label, size in SIZES.items()
        for n in range(size)
    ]
    written = said("written by a model", "transfer", id="w", origin=Origin(source="generate"))
    return [*made, written, said("held back", "balance", id="t", split="test")]


def sizes(out: list[Sample]) -> dict[str | None, int]:
    return dict(Counter(row.label for row in out if row.kept and row.split != "test"))


@pytest.mark.parametrize(("ratio", "most"), [(1, 5), (2, 10), (100, 30)])
def test_large_classes_shrink(tmp_path: Path, ratio: float, most: int) -> None:
    out = list(Balance(ratio=ratio).apply(rows(), kit(tmp_path)))
    assert sizes(out) == {"lost_card": min(30, most), "transfer": min(13, most), "balance": 5}
    assert [row.id for row in out] == [row.id for row in rows()]
    assert all(row.dropped_by.check == "balance" for row in out if not row.kept)
    assert out[-1].kept
    assert most > 13 or not out[-2].kept


def test_small_classes_grow_by_variants_of_their_own(tmp_path: Path) -> None:
    out = list(Balance(more=Augment(ways=["typing"])).apply(rows(), kit(tmp_path)))
    assert sizes(out) == {"lost_card": 30, "transfer": 30, "balance": 30}
    made = out[len(rows()) :]
    parents = {row.id: row.label for row in rows()}
    assert all(parents[row.origin.parent] == row.label for row in made)
    assert "t" not in {row.origin.parent for row in made}
    assert list(Balance(more=Augment(ways=["typing"])).apply(rows(), kit(tmp_path))) == out
