"""How much memory this process has held at most: told the same way wherever it is reported, and given back."""

from __future__ import annotations

import ctypes
import re
import resource
import sys
from contextlib import suppress
from pathlib import Path

STATUS = Path("/proc/self/status")


def most_held() -> int:
    """Bytes, since the process began. Linux hands on what rusage knows of a parent, hence its own file."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text()) if STATUS.exists() else None
    if found:
        return int(found[1]) * 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 2**10


def give_back() -> None:
    """Hand what was freed to the system: tensors of every size leave holes that glibc keeps, and over a hundred
    batches of different lengths a training came to hold half as much again as any of them needs."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library, which keeps no such holes
            ctypes.CDLL(None).malloc_trim(0)
