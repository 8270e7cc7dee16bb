"""The kernel's CPU time for a frame, against bare PyAV with the same frames."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.functions import IDENTITY
from benchmarks.rows import Row
from benchmarks.stage import Notebook, Setting, Stage

# Keeps what the page sends, so that PyAV alone gets the very same frames: those of the decoder that is in use, for
# others tried which codecs there are.
_RECORD = """import pickle
from ipymedia.frames.codec.decoder import Decoder
recorded, users = [], []
decode = Decoder.decode
def keep(self, data, color=None):
    if users[-1:] != [self]:
        users.append(self)
        recorded.clear()
    recorded.append(bytes(data))
    return decode(self, data, color)
Decoder.decode = keep"""


def measure_cost(stage: Stage, settings: tuple[Setting, ...]) -> None:
    """Measure the cost of identity in the kernel, then that of decoding, converting and encoding alone."""
    for setting in settings:
        stage.row(
            f"{setting}: kernel's cost of a frame", lambda row, setting=setting: _cost(stage, row, setting)
        )


def _cost(stage: Stage, row: Row, setting: Setting) -> None:
    file = stage.folder / f"frames-{setting.width}.pickle"
    with stage.notebook(setting) as notebook:
        notebook.page.run(_RECORD)
        meter = notebook.show_function(IDENTITY, "identity")
        notebook.pass_time(1)
        first, before_s = _count(notebook), notebook.kernel_cpu_s()
        seen = meter.measure(2 * stage.durations.watch_s, settle_s=0)
        last, after_s = _count(notebook), notebook.kernel_cpu_s()
        notebook.hide()
        notebook.page.run(f"with open({str(file)!r}, 'wb') as file: pickle.dump(recorded[:{last}], file)")
    frames = last - first
    kernel_ms = 1000 * (after_s - before_s) / frames
    bare = _bare(file, setting, first)
    row.figures.update(
        fps=round(seen.fps, 2),
        frames=frames,
        kernel_ms_a_frame=round(kernel_ms, 2),
        bare_pyav_ms_a_frame=round(bare["flat_out_ms"], 2),
        bare_pyav_in_step_ms_a_frame=round(bare["in_step_ms"], 2),
        ratio=round(kernel_ms / bare["flat_out_ms"], 2),
        ratio_in_step=round(kernel_ms / bare["in_step_ms"], 2),
    )


def _count(notebook: Notebook) -> int:
    return int(notebook.page.evaluate("len(recorded)"))


def _bare(file: Path, setting: Setting, skip: int) -> dict[str, float]:
    arguments = [str(part) for part in (file, setting.width, setting.height, setting.fps, skip)]
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_pyav", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise RuntimeError(f"bare PyAV failed: {result.stderr.strip().splitlines()[-1]}")
    figures: dict[str, float] = json.loads(result.stdout)
    return figures
