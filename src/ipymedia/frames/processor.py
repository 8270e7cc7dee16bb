"""The worker of a mapped stream: takes the newest frame, calls the user's function, emits what it returned.

The function may be replaced while it runs, and may fail: the failure is reported, the worker goes on with the next
frame (rule 10). A slow function lowers the frame rate and never adds delay: what came meanwhile was replaced in the
outlet's one slot.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

from ..errors import MediaError, ProcessingError, Reason
from .flow import Bounds, Flowing, FrameSource, Outlet, OutletClosedError
from .formats import picture_for
from .function import Caller, failure_of
from .results import to_result

logger = logging.getLogger("ipymedia.frames")

Surroundings = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class _Call:
    """A frame that an executor works on."""

    frame: Flowing
    began_s: float
    format: str
    future: Future[Any]
    caller: Caller


_SOURCE_CLOSED = "The stream that these pictures are made of was closed. Run its cell again, then this one."


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
        surroundings: Surroundings,
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
        self._worker: threading.Thread | None = None
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
        surroundings: Surroundings,
    ) -> None:
        """Use another function from the next frame on, in the same worker."""
        self._retired.append(self._task[0])
        self._task, self._bounds, self._surroundings = (caller, format), bounds, surroundings
        inlet = self._inlet
        if inlet is not None and inlet.bounds != bounds:
            inlet.bounds = bounds
            self.reconnect()

    def shown(self) -> None:
        """A page showed a result: who pushed what it was made of may wait for that."""
        self._upstream().shown()

    def reconnect(self) -> None:
        """Subscribe to the source anew: it, or the bounds, changed."""
        with self._outlets_lock:
            if self._inlet is not None:
                old, self._inlet = self._inlet, self._connect()
                old.close()

    def _start(self) -> None:
        self._inlet = self._connect()
        # The last worker may still be in the user's function: it goes on then, so that there is never a second one.
        if self._worker is None:
            self._worker = threading.Thread(target=self._run, name="ipymedia-map", daemon=True)
            self._worker.start()

    def _connect(self) -> Outlet:
        inlet = self._upstream().subscribe(self._bounds)
        inlet.on_finish = self.finish
        return inlet

    def _stop(self) -> None:
        inlet, self._inlet = self._inlet, None
        if inlet is not None:
            inlet.close()

    def _run(self) -> None:
        pending: list[_Call] = []
        with ExitStack() as surroundings:
            entered: Surroundings | None = None
            for frame in self._inputs():
                if self._surroundings is not entered:
                    surroundings.close()
                    entered = self._surroundings
                    surroundings.enter_context(entered())
                while self._retired:
                    self._retired.pop().close()
                self._process(frame, pending)
        for call in pending:
            call.future.cancel()
        if self._inlet is not None and self._inlet.closed and self.used:
            # Nobody left, the source did: without a word the view would wait for ever.
            self._report(MediaError(_SOURCE_CLOSED, Reason.CLOSED))
            self.close_outlets()

    def _inputs(self) -> Iterator[Flowing]:
        """The newest frames, over reconnections, until nobody looks any more."""
        inlet = self._next_inlet(None)
        while inlet is not None:
            frame = self._input(inlet)
            if frame is not None:
                yield frame
            elif inlet.closed:
                inlet = self._next_inlet(inlet)

    def _next_inlet(self, closed: Outlet | None) -> Outlet | None:
        """The inlet that took a closed one's place; None when there is none, and this worker therefore ends."""
        with self._outlets_lock:
            if self._inlet is None or self._inlet is closed:
                self._worker = None
                return None
            return self._inlet

    def _input(self, inlet: Outlet) -> Flowing | None:
        try:
            return inlet.take()
        except OutletClosedError:
            return None
        except MediaError as error:
            self._failed(error)
            self.fail(error)
            return None

    def _process(self, frame: Flowing, pending: list[_Call]) -> None:
        caller, format = self._task
        if caller.executor is not None:
            self._submit(frame, caller, format, pending)
            return
        began_s = time.perf_counter()
        try:
            value = caller(picture_for(frame.picture, format))
            self._took(time.perf_counter() - began_s)
            self._finish(frame, value, format)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the user's code may raise anything; the view shows it)
            self._failed(failure_of(error, caller.function))

    def _submit(self, frame: Flowing, caller: Caller, format: str, pending: list[_Call]) -> None:
        """Keep the executor busy; emit what is done, in order; when all workers are, wait for any one."""
        try:
            future = caller.submit(picture_for(frame.picture, format))
        except Exception as error:  # noqa: BLE001 (a broken pool, a function that does not pickle, a lost cluster)
            failure = failure_of(error, caller.function)
            message = f"The executor refused a frame: {failure.message}"
            self._failed(ProcessingError(message, Reason.EXECUTOR_FAILED, failure.detail))
            return
        pending.append(_Call(frame, time.perf_counter(), format, future, caller))
        while pending:
            newest = next((call for call in reversed(pending) if call.future.done()), None)
            if newest is not None:
                self._collect(newest, pending)
            elif len(pending) < caller.parallel:
                return  # what is done meanwhile is emitted with the next frame
            else:
                wait([call.future for call in pending], return_when=FIRST_COMPLETED)

    def _collect(self, newest: _Call, pending: list[_Call]) -> None:
        """In order, late ones dropped: what is older than the newest result is not shown any more."""
        cut = pending.index(newest)
        for call in pending[:cut]:
            self.late += 1
            call.future.cancel()
        del pending[: cut + 1]
        try:
            value = newest.future.result()
            self._took(time.perf_counter() - newest.began_s)
            self._finish(newest.frame, value, newest.format)
        except Exception as error:  # noqa: BLE001 (as in `_process`)
            self._failed(failure_of(error, newest.caller.function))

    def _finish(self, frame: Flowing, value: Any, format: str) -> None:
        result = to_result(value, format, frame.picture)
        overlays = (*result.overlays,)
        if result.picture is None:
            out = Flowing(
                frame.picture, frame.index, frame.time_us, frame.origin, (*frame.overlays, *overlays)
            )
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
