"""What a benchmark gives: named rows of figures."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.harness import Latency

Figure = float | int | str


@dataclass
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
        ``"640×480 @30, socket: identity"``; bars refer to it.
    figures : dict
        Each with its unit in its name; ``fps``, ``median_ms`` and ``p95_ms`` have columns of their own.
    error : str
        What went wrong instead.
    """

    name: str
    figures: dict[str, Figure] = field(default_factory=dict)
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the row as it stands in the result file."""
        return {"name": self.name, "figures": self.figures, "error": self.error}


def figures_of(latency: Latency) -> dict[str, Figure]:
    """Give what a meter saw, as figures."""
    return {
        "fps": round(latency.fps, 2),
        "median_ms": round(latency.median_ms, 1),
        "p95_ms": round(latency.p95_ms, 1),
        "max_gap_ms": round(latency.max_gap_ms),
        "skipped": latency.skipped,
        "width": latency.size[0],
        "height": latency.size[1],
    }


def growth_of(latency: Latency, part_s: float) -> dict[str, Figure]:
    """Compare the latencies of the first and the last `part_s` seconds of a measurement."""
    start, end = latency.series[0][0], latency.series[-1][0]
    first = [age for at, age, _ in latency.series if at < start + 1000 * part_s]
    last = [age for at, age, _ in latency.series if at > end - 1000 * part_s]
    return {
        "seconds": round((end - start) / 1000),
        "first_median_ms": round(statistics.median(first), 1),
        "last_median_ms": round(statistics.median(last), 1),
        "first_p95_ms": round(_p95(first), 1),
        "last_p95_ms": round(_p95(last), 1),
        "growth_ms": round(statistics.median(last) - statistics.median(first), 1),
    }


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]
