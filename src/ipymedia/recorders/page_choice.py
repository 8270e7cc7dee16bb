"""Which page records a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import HostError, Reason, RecordingError
from ..frames.hub import get_hub
from ..streams.media_stream import MediaStream

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

    from ..link.page import Page

_NO_PAGE = (
    "The recording was not started: no page of this notebook is connected. "
    "Open the notebook in a browser and show the stream."
)


def page_for(stream: DOMWidget | None, client: str) -> Page:
    """The page that makes the stream's pictures, else one that shows them, else the one in which the cell was run.

    Raises
    ------
    RecordingError
        ``no_stream``: there is nothing to record.
    HostError
        ``no_page``: the notebook is open nowhere.
    """
    if stream is None:
        raise RecordingError(
            "The recording was not started: the recorder has no stream. Set its `stream`.", Reason.NO_STREAM
        )
    found = page_of(stream, client)
    if found is None:
        raise HostError(_NO_PAGE, Reason.NO_PAGE)
    return found


def page_of(stream: DOMWidget, client: str) -> Page | None:
    """As `page_for`; None where no page is connected."""
    hub = get_hub()
    found: Page | None = None
    if isinstance(stream, MediaStream):
        watching = hub.downlinks(stream.stream_id)
        found = stream.capturing_page() or (watching[0].page if watching else None)
    pages = hub.link.pages
    return found or hub.link.page_of_client(client) or (pages[0] if pages else None)
