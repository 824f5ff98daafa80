"""What the sources beyond this machine's files are tried on: a kit without a model, and a PostgreSQL of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import cluster
from tools.base import Kit
from workspace.project import Project
from workspace.spec import Spec


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that holds nothing yet, its password in it."""
    with cluster() as address:
        yield address


@pytest.fixture
def bare(home: Path) -> Kit:
    """No goal, no model: the kit of whoever only fetches."""
    return Kit(spec=Spec(), project=Project(home, "test"))
