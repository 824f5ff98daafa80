"""What the sources beyond this machine's files are tried on: a kit without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.base import Kit
from workspace.project import Project
from workspace.spec import Spec


@pytest.fixture
def bare(home: Path) -> Kit:
    """No goal, no model: the kit of whoever only fetches."""
    return Kit(spec=Spec(), project=Project(home, "test"))
