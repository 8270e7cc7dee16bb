"""The run as JSON, and as a table with a verdict."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

import ipymedia
from benchmarks.bars import BARS
from benchmarks.rows import Figure, Row

SCHEMA = 1
README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
_COLUMNS = ("fps", "median_ms", "p95_ms")
_PACKAGES = ("anywidget", "av", "ipykernel", "jupyterlab", "jupyter-server", "jupyter-server-proxy",
             "msgspec", "numpy", "tornado")  # fmt: skip
# Said in every row of a kind, or in the JSON only.
_LEFT_OUT = {*_COLUMNS, "width", "height", "skipped", "carrier", "max_gap_ms", "kernel_cpu_share"}


def environment(browser: str, mode: str) -> dict[str, Any]:
    """Give the machine and the versions that the figures hold for."""
    return {
        "mode": mode,
        "machine": platform.machine(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "browser": f"Chromium {browser}",
        "packages": {"ipymedia": ipymedia.__version__, **{name: version(name) for name in _PACKAGES}},
        "revision": _revision(),
    }


def as_json(rows: Sequence[Row], about: dict[str, Any], taken_at: str, seconds: float) -> dict[str, Any]:
    """Give the result file's content: see README.md for the schema."""
    by_name = {row.name: row for row in rows}
    bars = []
    for bar in BARS:
        holds, words = bar.judge(by_name)
        bars.append({"row": bar.row, "figure": bar.figure, "bar": words, "holds": holds})
    return {
        "schema": SCHEMA,
        "taken_at": taken_at,
        "seconds": round(seconds),
        "environment": about,
        "rows": [row.as_json() for row in rows],
        "bars": bars,
    }


def table(result: dict[str, Any], *, head: str = "") -> str:
    """Give a result file's content as Markdown."""
    lines = [
        head or _head(result),
        "",
        "| row | fps | median ms | p95 ms | more | bars | verdict |",
        "|---|---:|---:|---:|---|---|---|",
    ]
    for row in result["rows"]:
        figures: dict[str, Figure] = row["figures"]
        bars = [bar for bar in result["bars"] if bar["row"] == row["name"]]
        more = ", ".join(
            f"{_words(name)} {value}" for name, value in figures.items() if name not in _LEFT_OUT
        )
        cells = [
            row["name"],
            *(str(figures.get(name, "")) for name in _COLUMNS),
            row["error"].replace("|", "\\|") or more,
            "<br>".join(_words(bar["bar"]) for bar in bars),
            _verdict(row, bars),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write_into_readme(results: Sequence[dict[str, Any]]) -> None:
    """Put the table between the markers of README.md; rows measured again count as measured last."""
    rows = {row["name"]: row for result in results for row in result["rows"]}
    measured = {name: Row(name, row["figures"], row["error"]) for name, row in rows.items()}
    whole = as_json(list(measured.values()), results[0]["environment"], results[0]["taken_at"], 0)
    head = _head(results[0])
    for later in results[1:]:
        names = ", ".join(f"*{row['name']}*" for row in later["rows"])
        head += f"\n\nMeasured again: {later['taken_at']}, load {later['environment']['load_average'][0]:g}: {names}."
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    README.write_text(f"{before}{BEGIN}\n{table(whole, head=head)}{END}{after}", "utf-8")


def _head(result: dict[str, Any]) -> str:
    about = result["environment"]
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    return (
        f"{result['taken_at']}, revision {about['revision']}, `{about['mode']}`, {result['seconds']} s; "
        f"{about['processor']}, {about['cores']} cores, {about['memory_bytes'] / 2**30:.0f} GiB, {about['system']}, "
        f"load {about['load_average'][0]:g}; Python {about['python']}, {about['browser']}, {packages}."
    )


def _verdict(row: dict[str, Any], bars: list[dict[str, Any]]) -> str:
    if row["error"]:
        return "**failed**"
    if not bars:
        return ""
    missed = [bar for bar in bars if bar["holds"] is False]
    if missed:
        return "**missed**: " + ", ".join(_words(bar["figure"]) for bar in missed)
    return "reached" if all(bar["holds"] for bar in bars) else "not all measured"


def _words(text: str) -> str:
    return text.replace("_", " ")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def _revision() -> str:
    command = ["git", "describe", "--always", "--dirty", "--tags"]
    found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
