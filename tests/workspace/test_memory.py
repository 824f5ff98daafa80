"""A child is not charged with the memory of whoever started it; what was freed can be handed back."""

from __future__ import annotations

import platform
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


HOLES = (
    "import re; from workspace.memory import STATUS, give_back\n"
    "def held(): return int(re.search(r'VmRSS:\\s+(\\d+)', STATUS.read_text())[1]) // 1000\n"
    "pieces = [bytearray(100_000) for _ in range(3000)]; del pieces[:-1]; before = held(); give_back()\n"
    "print(before, held())"
)


@pytest.mark.skipif(sys.platform != "linux" or not platform.libc_ver()[0], reason="another C library keeps no holes")
def test_what_was_freed_goes_back_to_the_system() -> None:
    """One small piece at the end keeps all before it from going by itself."""
    child = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True)
    before, after = map(int, child.stdout.split())
    assert before > 300 > 100 > after
