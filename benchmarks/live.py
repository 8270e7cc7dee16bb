"""Rates and latencies of what is shown, while the kernel is idle and while a cell runs."""

from __future__ import annotations

from benchmarks.cases import LiveCase
from benchmarks.functions import LOADS, SOURCES
from benchmarks.overlays import measure_overlay
from benchmarks.rows import Row, figures_of, growth_of
from benchmarks.stage import Notebook, Stage
from tests.e2e.harness import Meter

SETTLE_S = 1.0


def measure_live(stage: Stage, case: LiveCase) -> None:
    """Measure all rows of a case, the floor first, so that they are of one time."""
    stage.floor(case.setting)
    with stage.notebook(case.setting) as notebook:
        if case.preview:
            stage.row(f"{case.setting}: preview", lambda row: _preview(stage, notebook, row))
        for function in case.functions:
            stage.row(
                f"{case.setting}: {function}",
                lambda row, name=function: _function(stage, notebook, row, name),
            )
            if function != case.functions[0]:
                continue
            for load in case.loads:
                name = f"{case.setting}: {function}, during {load}"
                stage.row(name, lambda row, load=load: _loaded(stage, notebook, row, load))
            if case.minute:
                name = f"{case.setting}: {function}, a minute"
                stage.row(name, lambda row: _minute(stage, notebook, row))


def _preview(stage: Stage, notebook: Notebook, row: Row) -> None:
    meter = notebook.show_camera()
    row.figures.update(figures_of(meter.measure(stage.durations.watch_s)))
    meter.stop()


def _function(stage: Stage, notebook: Notebook, row: Row, name: str) -> None:
    meter = notebook.show_function(SOURCES[name], name)
    cpu_s = notebook.kernel_cpu_s()
    seen = meter.measure(stage.durations.watch_s, settle_s=SETTLE_S)
    cpu_s = notebook.kernel_cpu_s() - cpu_s
    row.figures.update(figures_of(seen))
    row.figures["kernel_cpu_share"] = round(cpu_s / (stage.durations.watch_s + SETTLE_S), 3)
    row.figures["carrier"] = notebook.page.evaluate("stream.stats.carrier")
    if name == "overlay":
        row.figures.update(measure_overlay(notebook, stage.durations.watch_s))
    meter.stop()


def _loaded(stage: Stage, notebook: Notebook, row: Row, load: str) -> None:
    meter = _shown(notebook)
    watch_s = stage.durations.watch_s
    busy = notebook.page.start(LOADS[load].format(seconds=watch_s + SETTLE_S + 2))
    seen = meter.measure(watch_s, settle_s=SETTLE_S)
    if not notebook.page.is_running(busy):
        raise AssertionError("the cell that was to keep the kernel busy ended before the measurement")
    row.figures.update(figures_of(seen))
    notebook.page.wait_cell(busy, timeout_s=60)
    row.figures["carrier"] = notebook.page.evaluate("stream.stats.carrier")
    meter.stop()


def _minute(stage: Stage, notebook: Notebook, row: Row) -> None:
    meter = _shown(notebook)
    seen = meter.measure(stage.durations.minute_s)
    row.figures.update(figures_of(seen) | growth_of(seen, stage.durations.part_s))
    meter.stop()


def _shown(notebook: Notebook) -> Meter:
    """Give a meter of the stream that is shown already."""
    return Meter(notebook.shown.locator("canvas").first)
