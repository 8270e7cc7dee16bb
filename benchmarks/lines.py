"""Connections that break, and thin ones."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Literal, cast

from benchmarks.cases import SMALL, CutCase, ThinCase
from benchmarks.functions import IDENTITY
from benchmarks.rows import Figure, Row, figures_of, growth_of
from benchmarks.stage import Notebook, Stage
from tests.e2e.harness import Latency, Meter, Relay

GAP_MS = 250.0
"""No new frame for so long is an interruption."""
FOR_GOOD_S = 5.0


def measure_cuts(stage: Stage, cases: tuple[CutCase, ...]) -> None:
    """Break the socket, as a proxy that restarts or a network that vanishes does; the comm's connection stays."""
    for case in cases:
        stage.row(f"{SMALL}: socket {case.name}", lambda row, case=case: _cut(stage, row, case))


def _cut(stage: Stage, row: Row, case: CutCase) -> None:
    with (
        Relay(stage.server.port) as relay,
        stage.notebook(SMALL, server=stage.server.through(relay.port)) as notebook,
    ):
        meter = notebook.show_function(IDENTITY, "identity")
        notebook.pass_time(2)
        meter.take()
        cut_ms = _page_clock(notebook)
        relay.cut(cast("Literal['drop', 'stall']", case.mode), only="/proxy/")
        if case.seconds is None:
            notebook.pass_time(FOR_GOOD_S)
            row.figures.update(_interruption(meter.take(), cut_ms))
            row.figures["carrier"] = notebook.page.evaluate("stream.stats.carrier")
            row.figures["fps"] = round(meter.measure(stage.durations.watch_s).fps, 2)
            return
        notebook.pass_time(case.seconds)
        during = meter.take()
        relay.restore()
        back_s = notebook.wait_for_carrier("socket", timeout_s=30)
        notebook.pass_time(2)
        after = meter.take()
        row.figures.update(_interruption(during, cut_ms))
        row.figures["socket_back_s"] = round(back_s, 2)
        row.figures["gap_at_return_ms"] = round(after.max_gap_ms)


def _interruption(seen: Latency, cut_ms: float) -> dict[str, Figure]:
    """Give when frames flowed again after a cut: the end of the last gap."""
    shown = [cut_ms, *(at for at, _, _ in seen.series if at >= cut_ms)]
    gaps = [(later - earlier, later) for earlier, later in pairwise(shown)]
    live_again_ms = max((later for gap, later in gaps if gap > GAP_MS), default=cut_ms)
    return {
        "live_again_s": round((live_again_ms - cut_ms) / 1000, 2),
        "max_gap_ms": round(max(gap for gap, _ in gaps)) if gaps else 0,
    }


def measure_thin(stage: Stage, cases: tuple[ThinCase, ...]) -> None:
    """Carry all over a thin line, once the page is open (JupyterLab itself is some megabytes)."""
    stage.floor(SMALL)
    for case in cases:
        stage.row(f"{SMALL}: relay of {case.name}", lambda row, case=case: _thin(stage, row, case))


def _thin(stage: Stage, row: Row, case: ThinCase) -> None:
    with (
        Relay(stage.server.port) as relay,
        stage.notebook(SMALL, server=stage.server.through(relay.port)) as notebook,
    ):
        meter = notebook.show_function(IDENTITY, "identity")
        relay.shape(delay_ms=case.delay_ms, rate_bps=case.rate_bps)
        before, began_s = relay.carried_bytes, time.monotonic()
        seen = _watch(stage, meter, case)
        row.figures.update(figures_of(seen))
        if case.minute:
            row.figures.update(growth_of(seen, stage.durations.part_s))
        carried = [now - then for now, then in zip(relay.carried_bytes, before, strict=True)]
        row.figures["carried_bps"] = round(8 * max(carried) / (time.monotonic() - began_s))
        relay.shape()
        row.figures["carrier"] = notebook.page.evaluate("stream.stats.carrier")


def _watch(stage: Stage, meter: Meter, case: ThinCase) -> Latency:
    seconds = stage.durations.minute_s if case.minute else stage.durations.watch_s * 2
    return meter.measure(seconds, settle_s=case.settle_s)


def _page_clock(notebook: Notebook) -> float:
    return float(notebook.page.page.evaluate("__barcode.epochNow()"))
