"""Pictures on demand: `snapshot()` and `frames()`, also in the cell that runs now.

Where the host delivers nothing while a cell runs (a comm on an old kernel), they fail at once and say so: never hang.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

from ..errors import HostError, MediaError, Reason
from ..frames.flow import Bounds, Outlet, OutletClosedError
from ..frames.formats import check_format, picture_for
from ..frames.hub import get_hub
from ..protocol.messages import SnapshotRequest
from .cell import in_running_cell

if TYPE_CHECKING:
    from ..link.page import Page
    from .media_stream import MediaStream

JPEG_QUALITY = 0.95
_HELLO_PATIENCE_S = 3.0
_SLICE_S = 0.5

_BLOCKED = (
    "{what} was asked for inside of a running cell, and this host delivers no messages to "
    "the kernel while a cell runs. Show a stream in one cell and ask in a later one (then the socket carries), "
    "or use JupyterLab 4.4 or later with ipykernel 7 or later."
)
_NO_PAGE = (
    "{what} was asked for, but no page of this notebook is connected. "
    "Open the notebook in a browser and show the stream."
)


def page_that_answers(
    stream: MediaStream, what: str, timeout_s: float, choose: Callable[[], Page | None] | None = None
) -> Page:
    """The page that captures, or that `choose` gives, once it can be heard. Blocks.

    Raises
    ------
    HostError
        With reason ``blocked_while_running`` at once when nothing could ever arrive in this cell, and after some
        seconds when the page's socket did not come; with ``no_page`` when no page came within `timeout_s`.
    """
    link = get_hub().link
    blocked = in_running_cell()
    choose = choose or stream.capturing_page

    def audible(page: Page) -> bool:
        return page is choose() and (not blocked or page.during_cells or page.carrier == "socket")

    for page in link.pages:
        if audible(page):
            return page
    if blocked:
        known = choose()
        if known is not None and (known.dialled or link.offers.knows_page(known.id)):
            # Its socket was idle and therefore closed, or it has only just come, and one way of two may have failed.
            # What the kernel sends goes out while a cell runs, and the page dials by itself.
            link.offer(known, known.origin)
        elif not host_has_subshells():
            raise HostError(_BLOCKED.format(what=what), Reason.BLOCKED_WHILE_RUNNING)
        timeout_s = min(timeout_s, max(_HELLO_PATIENCE_S, timeout_s / 2))
    found = link.wait_for_page(audible, timeout_s)
    if found is not None:
        return found
    if blocked and link.pages:
        raise HostError(_BLOCKED.format(what=what), Reason.BLOCKED_WHILE_RUNNING)
    raise HostError(_NO_PAGE.format(what=what), Reason.NO_PAGE)


def host_has_subshells() -> bool:
    """Whether this kernel can handle messages while a cell runs, if the front end asks it to."""
    import sys

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return bool(getattr(getattr(shell, "kernel", None), "_supports_kernel_subshells", False))


def snapshot(stream: MediaStream, timeout_s: float, format: str, lossless: bool) -> Any:
    """A still at full size; see `MediaStream.snapshot`."""
    from ..frames.codec.still import decode_still
    from ..frames.video_frame import VideoFrame

    check_format(format)
    began_s = time.monotonic()
    if not stream.takes_stills():
        for frame in Frames(stream, Bounds(), "frame", timeout_s):
            return picture_for(frame, format)
    hub = get_hub()
    page = page_that_answers(stream, "A snapshot", timeout_s)
    request = uuid.uuid4().hex
    answer = hub.expect(request, stream.stream_id)
    try:
        page.send(
            SnapshotRequest(
                request=request,
                stream=stream.stream_id,
                format="png" if lossless else "jpeg",
                quality=1.0 if lossless else JPEG_QUALITY,
            )
        )
        while True:
            left_s = began_s + timeout_s - time.monotonic()
            if left_s <= 0:
                raise stream.error or timed_out("The snapshot", began_s)
            try:
                _, data = answer.result(min(left_s, _SLICE_S))
                break
            except FutureTimeout:
                continue
            except CancelledError as error:  # the stream was closed meanwhile
                raise HostError(
                    "The snapshot was not taken: the stream was closed.", Reason.CLOSED
                ) from error
    finally:
        hub.forget(request)
    image = decode_still(data)
    return picture_for(VideoFrame(image, time=time.time(), index=0), format)


def timed_out(what: str, started_s: float) -> HostError:
    """The error of a wait that took too long."""
    return HostError(
        f"{what} did not come within {time.monotonic() - started_s:.0f} s. Is the notebook open in a browser, and is "
        "its page allowed to use the camera? Look at the stream's view.",
        Reason.TIMED_OUT,
    )


class Frames:
    """The pictures of a stream, newest first; iterate with ``for`` or ``async for``.

    Each iteration is a consumer of its own, and stops being one when it ends.
    """

    def __init__(self, stream: MediaStream, bounds: Bounds, format: str, timeout_s: float) -> None:
        check_format(format)
        self._stream = stream
        self._bounds = bounds
        self._format = format
        self._timeout_s = timeout_s

    def __iter__(self) -> Iterator[Any]:
        root = self._stream.root()
        if root.needs_page():
            page_that_answers(root, "A frame", self._timeout_s)
        outlet = self._subscribe()
        try:
            while True:
                try:
                    frame = self._next(outlet)
                except OutletClosedError:
                    return
                yield picture_for(frame, self._format)
        finally:
            outlet.close()

    async def __aiter__(self) -> AsyncIterator[Any]:
        loop = asyncio.get_running_loop()
        root = self._stream.root()
        if root.needs_page():
            # Blocking is right: nothing else of this page can be awaited before it is there.
            await loop.run_in_executor(None, page_that_answers, root, "A frame", self._timeout_s)
        outlet = self._subscribe()
        ready = asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(ready.set)

        outlet.listen(tell)
        try:
            while True:
                began_s = time.monotonic()
                frame = None
                while frame is None:
                    try:
                        frame = outlet.take(0)
                    except OutletClosedError:
                        return
                    if frame is None:
                        left_s = began_s + self._timeout_s - time.monotonic()
                        if left_s <= 0:
                            raise self._failure(began_s)
                        ready.clear()
                        # Not asyncio.wait_for: before Python 3.12 it swallows an interrupt that comes with a frame.
                        timer = loop.call_later(left_s, ready.set)
                        try:
                            await ready.wait()
                        finally:
                            timer.cancel()
                yield picture_for(frame.picture, self._format)
        finally:
            outlet.close()

    def _subscribe(self) -> Outlet:
        outlet = self._stream.source().subscribe(self._bounds)
        outlet.on_finish = outlet.end
        return outlet

    def _next(self, outlet: Outlet) -> Any:
        began_s = time.monotonic()
        while True:
            # In slices: an untimed wait can't be interrupted on Windows.
            frame = outlet.take(_SLICE_S)
            if frame is not None:
                return frame.picture
            if time.monotonic() - began_s > self._timeout_s:
                raise self._failure(began_s)

    def _failure(self, began_s: float) -> MediaError:
        return self._stream.error or self._stream.root().error or timed_out("A frame", began_s)
