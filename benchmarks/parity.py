"""Export parity: the same 50 greedy prompts through the adapter and each form that would be shipped, side by side.

    python -m benchmarks.parity MODEL_FOLDER [OUT]

The goal: the merged model exact on 48 of 50 or more; INT8, INT4 and GGUF are reported. Asked again it goes on where it
was, so a limit on its time loses nothing.
"""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from finetune.base import cores
from finetune.shipping.compress import FORMS, compress
from finetune.shipping.tables import heads, rows, verdict
from workspace.results import Compressed

GOAL = 0.96


def main(folder: Path, out: Path) -> int:
    work = compress(folder, FORMS, out)
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            found = end.value
            break
        if step.done % 10 == 0:
            print(f"{step.doing.en} {step.done}/{step.total}", file=sys.stderr, flush=True)
    for row in (heads(found, "en"), *rows(found, "en")):
        print(" | ".join(row))
    merged = found.forms["bf16"].exact
    print(f"\n{verdict(found, 'en')}")
    print(
        f"merged: exact on {merged} of {found.prompts}; goal {GOAL:.0%}: {'met' if met(merged, found) else 'not met'}"
    )
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {cores()} cores, {found.model} in {folder}")
    return 0 if met(merged, found) else 1


def met(merged: int, found: Compressed) -> bool:
    return merged >= GOAL * found.prompts


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    sys.exit(main(given[0], given[1] if len(given) > 1 else given[0] / "shipped"))
