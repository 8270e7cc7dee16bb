"""The worker of a mapped stream: takes the newest frame, calls the user's function, emits what it returned.

The function may be replaced while it runs, and may fail: the failure is reported, the worker goes on with the next
frame (rule 10). A slow function lowers the frame rate and never adds delay: what came meanwhile was replaced in the
outlet's one slot.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any

from ..errors import MediaError, ProcessingError, Reason
from .flow import Bounds, Flowing, FrameSource, Outlet, OutletClosed
from .formats import picture_for
from .function import Caller, failure_of
from .results import to_result
from .video_frame import VideoFrame

logger = logging.getLogger("ipymedia.frames")


class Processor(FrameSource):
    """Source of a mapped stream's frames.

    Parameters
    ----------
    upstream
        Gives the source, anew at each start (the same stream may have another one by then).
    caller, format
        The function, and what it is given.
    bounds
        What is asked of the source.
    report
        Called with an error when the function failed, with None when it worked again.
    surroundings
        Entered by the worker's thread: where prints go.
    """

    def __init__(
        self,
        upstream: Callable[[], FrameSource],
        caller: Caller,
        format: str,
        bounds: Bounds,
        report: Callable[[MediaError | None], None],
        surroundings: Callable[[], AbstractContextManager[None]],
    ) -> None:
        super().__init__()
        self.function_s = 0.0
        self.late = 0
        self._upstream = upstream
        self._task = (caller, format)
        self._bounds = bounds
        self._report = report
        self._surroundings = surroundings
        self._inlet: Outlet | None = None
        self._failing = False
        self._retired: list[Caller] = []

    @property
    def dropped(self) -> int:
        """Frames that came while the function was at work."""
        inlet = self._inlet
        return (inlet.dropped if inlet is not None else 0) + self.late

    def replace(
        self,
        caller: Caller,
        format: str,
        bounds: Bounds,
        surroundings: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Use another function from the next frame on, in the same worker."""
        self._retired.append(self._task[0])
        self._task, self._bounds, self._surroundings = (caller, format), bounds, surroundings
        inlet = self._inlet
        if inlet is not None and inlet.bounds != bounds:
            inlet.bounds = bounds
            self.reconnect()

    def reconnect(self) -> None:
        """Subscribe to the source anew: it, or the bounds, changed."""
        with self._outlets_lock:
            if self._inlet is not None:
                old, self._inlet = self._inlet, self._upstream().subscribe(self._bounds)
                old.close()

    def _start(self) -> None:
        self._inlet = self._upstream().subscribe(self._bounds)
        threading.Thread(target=self._run, name="ipymedia-map", daemon=True).start()

    def _stop(self) -> None:
        inlet, self._inlet = self._inlet, None
        if inlet is not None:
            inlet.close()

    def _run(self) -> None:
        surroundings: Callable[[], AbstractContextManager[None]] | None = None
        context: AbstractContextManager[None] | None = None
        pending: list[tuple[Flowing, VideoFrame, str, Future[Any], Caller]] = []
        inlet = self._inlet
        try:
            while inlet is not None:
                try:
                    frame = inlet.take()
                except OutletClosed:
                    if self._inlet is None or self._inlet is inlet:
                        break
                    inlet = self._inlet  # reconnected
                    continue
                except MediaError as error:
                    self._failed(error)
                    self.fail(error)
                    continue
                if self._surroundings is not surroundings:
                    if context is not None:
                        context.__exit__(None, None, None)
                    surroundings = self._surroundings
                    context = surroundings()
                    context.__enter__()
                while self._retired:
                    self._retired.pop().close()
                if frame is not None:
                    self._process(frame, pending)
        finally:
            if context is not None:
                context.__exit__(None, None, None)
            for *_, future, _caller in pending:
                future.cancel()

    def _process(self, frame: Flowing, pending: list[Any]) -> None:
        caller, format = self._task
        if caller.executor is not None:
            self._submit(frame, caller, format, pending)
            return
        began_s = time.perf_counter()
        try:
            value = caller(picture_for(frame.picture, format))
            self._took(time.perf_counter() - began_s)
            self._finish(frame, value, format)
        except Exception as error:
            self._failed(failure_of(error, caller.function))

    def _submit(self, frame: Flowing, caller: Caller, format: str, pending: list[Any]) -> None:
        """Keep the executor busy; emit what is done, in order; when all workers are, wait for any one."""
        from concurrent.futures import FIRST_COMPLETED, wait

        try:
            future = caller.submit(picture_for(frame.picture, format))
        except Exception as error:
            failure = failure_of(error, caller.function)
            self._failed(
                ProcessingError(
                    f"The executor refused a frame: {failure.message}", Reason.EXECUTOR_FAILED, failure.detail
                )
            )
            return
        pending.append((frame, time.perf_counter(), format, future, caller))
        while pending:
            done = [entry for entry in pending if entry[3].done()]
            if done:
                newest = done[-1]
                # In order, late ones dropped: what is older than the newest result is not shown any more.
                cut = pending.index(newest)
                for entry in pending[:cut]:
                    self.late += 1
                    entry[3].cancel()
                del pending[: cut + 1]
                self._collect(newest)
            elif len(pending) < caller.parallel:
                # Emit results also while no new frame comes: the outlet wakes us when one is done.
                return
            else:
                wait([entry[3] for entry in pending], return_when=FIRST_COMPLETED)

    def _collect(self, entry: Any) -> None:
        frame, began_s, format, future, caller = entry
        try:
            value = future.result()
            self._took(time.perf_counter() - began_s)
            self._finish(frame, value, format)
        except Exception as error:
            self._failed(failure_of(error, caller.function))

    def _finish(self, frame: Flowing, value: Any, format: str) -> None:
        result = to_result(value, format, frame.picture)
        overlays = (*result.overlays,)
        if result.picture is None:
            out = Flowing(frame.picture, frame.index, frame.time_us, frame.origin, (*frame.overlays, *overlays))
        else:
            out = Flowing(result.picture, frame.index, frame.time_us, None, overlays)
        if self._failing:
            self._failing = False
            self._report(None)
        self.emit(out)

    def _took(self, seconds: float) -> None:
        self.function_s = seconds if self.function_s == 0 else 0.9 * self.function_s + 0.1 * seconds

    def _failed(self, error: MediaError) -> None:
        self._failing = True
        self._report(error)
