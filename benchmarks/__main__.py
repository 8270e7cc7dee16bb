"""``python -m benchmarks``: measure, write a result file, print the table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.arrays import measure_arrays
from benchmarks.cases import COST, CUTS, LIVE, THIN
from benchmarks.cost import measure_cost
from benchmarks.endurance import measure_endurance
from benchmarks.films import measure_films
from benchmarks.lines import measure_cuts, measure_thin
from benchmarks.live import measure_live
from benchmarks.recordings import measure_recordings, measure_snapshots
from benchmarks.report import as_json, environment, table, write_into_readme
from benchmarks.rooms import measure_rooms
from benchmarks.sounds import measure_in_step, measure_sounds
from benchmarks.stage import FULL, QUICK, Stage
from benchmarks.start import (
    measure_bundle,
    measure_first_picture,
    measure_import,
    measure_large_film,
    measure_slow_function,
)
from benchmarks.widget_changes import measure_widget_changes
from benchmarks.widget_motion import measure_widget_motion
from benchmarks.widgets import measure_widgets

RESULTS = Path(__file__).parent / "results"

GROUPS: dict[str, Callable[[Stage], None]] = {
    **{name: lambda stage, case=case: measure_live(stage, case) for name, case in LIVE.items()},
    "cut": lambda stage: measure_cuts(stage, CUTS),
    "thin": lambda stage: measure_thin(stage, THIN),
    "slow": measure_slow_function,
    "cost": lambda stage: measure_cost(stage, COST),
    "arrays": measure_arrays,
    "process": measure_films,
    "recording": measure_recordings,
    "snapshot": measure_snapshots,
    "sound": measure_sounds,
    "in-step": measure_in_step,
    "widgets": measure_widgets,
    "widget-motion": measure_widget_motion,
    "widget-changes": measure_widget_changes,
    "rooms": measure_rooms,
    "first-picture": measure_first_picture,
    "large-film": measure_large_film,
    "import": measure_import,
    "bundle": measure_bundle,
    "memory": measure_endurance,
}
LONG_ONLY = ("memory",)
FULL_ONLY = ("comm-720", "comm-1080", "comm-60")


def main() -> int:
    """Run the groups that were asked for; gives the exit status: 1 when a row could not be measured."""
    arguments = _arguments()
    if arguments.write_readme is not None:
        files = arguments.write_readme or [_newest()]
        write_into_readme([json.loads(Path(file).read_text("utf-8")) for file in files])
        return 0
    left_out = (() if arguments.long else LONG_ONLY) + (() if arguments.full else FULL_ONLY)
    names = arguments.only or [name for name in GROUPS if name not in left_out]
    mode = "full" if arguments.full else "quick"
    began_s, taken_at = time.monotonic(), datetime.now(timezone.utc)
    with ExitStack() as stack:
        stage = Stage(stack, FULL if arguments.full else QUICK, long=arguments.long)
        about = environment(stage.browser.version, mode + (" --long" if arguments.long else ""))
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{taken_at:%Y%m%d-%H%M%S}.json"
        result: dict[str, Any] = {}
        for name in names:
            print(f"{name} ({time.monotonic() - began_s:.0f} s)", flush=True)
            GROUPS[name](stage)
            # After each group: a run that is cut short keeps what it measured.
            when = taken_at.strftime("%Y-%m-%d %H:%M UTC")
            result = as_json(stage.rows, about, when, time.monotonic() - began_s)
            file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
        failed = any(row.error for row in stage.rows)
    print(f"\n{table(result)}\n{file}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="look for seconds (the default)")
    length.add_argument("--full", action="store_true", help="look for a quarter of a minute, or a whole one")
    parser.add_argument("--long", action="store_true", help="also run for ten minutes and look at the memory")
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=", ".join(GROUPS))
    parser.add_argument(
        "--write-readme",
        nargs="*",
        metavar="FILE",
        help="put the table of a result (by default the newest one) into README.md; rows of later files replace "
        "those of earlier ones",
    )
    return parser.parse_args()


def _newest() -> Path:
    return max(RESULTS.glob("*.json"))


if __name__ == "__main__":
    sys.exit(main())
