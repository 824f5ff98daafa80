"""The same thing entered twice is pointed out, and taken out where that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.records import Records
from workspace.sample import Origin, Sample

NAMES = "Anna Berg,Bogdan Cerny,Christina Dahl,Dmitri Egorov,Esther Falk,Farid Ghani,Giulia Hess,Henrik Ilves".split(
    ","
)


def record(number: int, **fields: str) -> Sample:
    return Sample(id=f"r{number}", messages=(), origin=Origin(source="files", row=number), fields=fields)


@pytest.mark.parametrize("drops", [False, True])
def test_the_first_stands_for_all(tmp_path: Path, drops: bool) -> None:
    rows = [record(n, name=name, tel=f"030 {n}5512{n}9") for n, name in enumerate(NAMES)]
    rows += [record(8, name="Falk, Esther", tel="030-455-1249"), said("Esther Falk 030 4551249")]
    out = list(Records(drops=drops).apply(rows, kit(tmp_path)))
    found = [row for row in out if row.findings]
    assert [row.id for row in found] == ["r8"]
    assert found[0].kept is not drops
    assert found[0].findings[0].evidence.document == "row r4"
