"""How long texts are: a histogram whose bars double, and what is far longer than the rest."""

from __future__ import annotations

from array import array

from tools.health.report import Bar, Spread
from workspace.words import Words

FIRST = 10  # characters up to which the first bar goes; each further one goes to twice that
# Lengths are spread as their logarithms: what is this many quartile ranges above the upper quartile is no chance.
FENCE = 3.0
TIMES = 4.0


def spread(name: Words, lengths: array[int]) -> Spread:
    import numpy as np

    values = np.array(lengths)
    edges = [0, FIRST]
    while edges[-1] <= values.max():
        edges.append(edges[-1] * 2)
    counts, _ = np.histogram(values, edges)
    bars = [Bar(low=a, high=b, rows=int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)]
    while len(bars) > 1 and not bars[0].rows:
        bars.pop(0)
    median, p95 = np.percentile(values, (50, 95))
    return Spread(
        name=name, least=int(values.min()), median=int(median), p95=int(p95), most=int(values.max()), bars=tuple(bars)
    )


def far_out(lengths: array[int]) -> list[int]:
    """The lengths themselves of those far above the rest (Tukey's outer fence, on logarithms)."""
    import numpy as np

    if len(lengths) < 50:
        return []
    values = np.log(np.maximum(np.array(lengths), 1))
    lower, upper = np.percentile(values, (25, 75))
    fence = max(upper + FENCE * (upper - lower), upper + np.log(TIMES))
    return [int(n) for n in np.array(lengths)[values > fence]]
