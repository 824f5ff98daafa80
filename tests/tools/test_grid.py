"""The grid wants exactly the specification's rows, in its shares, and nothing that is already there."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.grid import lacking, portions
from workspace.sample import Finding, Origin, Sample, sample
from workspace.spec import Spec


def spec(**more: object) -> Spec:
    raw: dict[str, object] = {
        "goal": "sort messages",
        "task": "classification",
        "labels": [{"name": "loss"}, {"name": "fees"}, {"name": "pin"}],
        "languages": ["en"],
        "rows": 100,
    }
    return Spec.model_validate({**raw, **more}).filled()


def real(label: str, number: int) -> Sample:
    return sample(f"text {number}", label, Origin(source="files", row=number), label=label)


@pytest.mark.parametrize(("total", "shares"), [(10, [1, 1, 1]), (7, [0.5, 0.3, 0.2]), (0, [1, 2]), (1, [1, 1])])
def test_portions_add_up_and_stay_within_one_of_their_share(total: int, shares: list[float]) -> None:
    parts = portions(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share / sum(shares)) < 1 for part, share in zip(parts, shares, strict=True))


def test_shares_need_not_add_up_to_one() -> None:
    assert portions(10, [30, 20]) == portions(10, [0.6, 0.4]) == [6, 4]


def test_an_empty_grid_wants_every_row_in_its_shares() -> None:
    mix = [{"name": "everyday", "share": 0.7}, {"name": "odd", "share": 0.3}]
    wants = lacking(spec(rows=300, scenarios=mix), [])
    by_label, by_scenario = Counter[str | None](), Counter[str | None]()
    for want in wants:
        by_label[want.label] += want.count
        by_scenario[want.cell.scenario] += want.count
    assert by_label == {"loss": 100, "fees": 100, "pin": 100}
    assert by_scenario == {"everyday": 210, "odd": 90}


def test_a_real_row_lessens_its_own_label_alone() -> None:
    wants = Counter[str | None]()
    for want in lacking(spec(rows=300), [real("loss", i) for i in range(40)]):
        wants[want.label] += want.count
    assert wants == {"loss": 60, "fees": 100, "pin": 100}


def test_rows_held_back_or_rejected_fill_nothing() -> None:
    held_back = real("loss", 1).model_copy(update={"split": "test"})
    rejected = real("loss", 2).judged(Finding(check="form", verdict="fail", reason="empty", drops=True))
    assert lacking(spec(), [held_back, rejected]) == lacking(spec(), [])


def test_what_was_written_fills_its_cell_until_nothing_lacks() -> None:
    wants = lacking(spec(), [])
    rows = [
        sample(f"text {i}", "x", Origin(source="generate", slot=f"{n}/{i}"), label=want.label, cell=want.cell)
        for n, want in enumerate(wants)
        for i in range(want.count)
    ]
    assert len(rows) == 100
    assert [(want.cell, want.count) for want in lacking(spec(), rows[1:])] == [(rows[0].cell, 1)]
    assert lacking(spec(), rows) == []


def test_a_task_without_labels_has_one_column() -> None:
    wants = lacking(spec(task="writing", rows=12, labels=None), [])
    assert {want.label for want in wants} == {None}
    assert sum(want.count for want in wants) == 12


def test_few_rows_in_many_cells_do_not_all_fall_in_the_first_ones() -> None:
    wants = lacking(spec(rows=24), [])
    difficulties = Counter[str | None]()
    for want in wants:
        difficulties[want.cell.tone] += want.count
    assert min(difficulties.values()) >= 6
