"""Which code this is, so that a version can say by what it was made."""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workspace.sample import Frozen

ROOT = Path(__file__).parents[1]
PACKAGES = ("workspace", "tools", "agent", "finetune", "ui")


class Code(Frozen):
    """`source`: 12 digits over every file of code and wording; `commit` where it runs out of its own repository."""

    version: str = ""
    commit: str = ""
    source: str = ""

    def __str__(self) -> str:
        named = " ".join(part for part in (self.version, self.commit) if part)
        return f"{named} ({self.source})" if self.source else named or "?"


@cache
def this_code() -> Code:
    digest = hashlib.sha256()
    for path in sorted(p for name in PACKAGES for kind in ("*.py", "*.md") for p in (ROOT / name).rglob(kind)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return Code(version=_version(), commit=_commit(), source=digest.hexdigest()[:12])


def _version() -> str:
    try:
        return version("tunesmith")
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    if not (ROOT / ".git").exists():
        return ""
    try:
        found = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
