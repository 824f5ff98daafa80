"""What answering costs: milliseconds, queries and tokens a second, memory, money."""

from __future__ import annotations

import sys
from pathlib import Path

from finetune.judging.exam import Sheet
from workspace.memory import most_held
from workspace.results import Efficiency

CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # see proc(5)


def efficiency(sheet: Sheet, price_per_hour: float | None) -> Efficiency:
    """From a sheet whose rows are all answered and whose single queries are timed."""
    import numpy

    ms, seconds = sheet.ms or [0.0], sum(batch.seconds for batch in sheet.batches)
    tokens, rows = (sum(getattr(batch, name) for batch in sheet.batches) for name in ("tokens", "rows"))
    speed = rows / seconds if seconds else None
    return Efficiency(
        ms_p50=float(numpy.percentile(ms, 50)),
        ms_p99=float(numpy.percentile(ms, 99)),
        queries_per_second=speed,
        tokens_per_second=tokens / seconds if tokens and seconds else None,
        memory_mb=sheet.memory_mb,
        cost_per_1000=1000 * price_per_hour / (3600 * speed) if speed and price_per_hour is not None else None,
    )


def forget_peak() -> None:
    """From here on `peak_mb` counts, where the system can do that; else since the process began."""
    if CLEAR.exists():
        CLEAR.write_text(RESET_PEAK)
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def peak_mb() -> float:
    """The most memory that was held: on the card where there is one, else by the whole process."""
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated() / 2**20)
    return most_held() / 2**20
