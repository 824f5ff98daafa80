"""A child is not charged with the memory of whoever started it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workspace.memory import STATUS, most_held

SMALL = "from workspace.memory import most_held; print(most_held())"


@pytest.mark.skipif(not STATUS.exists(), reason="this system tells it by rusage alone")
def test_a_small_child_of_a_large_parent_is_small() -> None:
    large = bytearray(b"x") * 300_000_000
    child = subprocess.run([sys.executable, "-c", SMALL], capture_output=True, text=True, check=True)
    assert int(child.stdout) < 100_000_000 < len(large) < most_held()
