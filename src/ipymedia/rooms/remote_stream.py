"""What somebody else in a room shows, as a stream of this notebook: shown, recorded, mapped like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from ..frames.tap import Tap
from ..streams.media_stream import MediaStream
from ..streams.page_stream import PageStream

if TYPE_CHECKING:
    from ..link.link import PageEvent
    from ..link.page import Page


class RemoteStream(PageStream):
    """A participant's picture and sound. Made by the room, and closed when they leave.

    Attributes
    ----------
    nickname : str
        What they call themselves.
    """

    _frame_kind = "remote"

    nickname = Unicode().tag(sync=True)
    _room = Unicode(help="The room's id.").tag(sync=True)
    _peer = Unicode(help="The participant.").tag(sync=True)

    def __new__(cls, *_: Any, **__: Any) -> RemoteStream:
        """Make a new one: no cell makes it."""
        stream: RemoteStream = MediaStream.__new__(cls)
        return stream

    def __init__(self, *, room: str, peer: str, nickname: str, client: str, page: str) -> None:
        self._tap = Tap(self)
        MediaStream.__init__(
            self, _room=room, _peer=peer, nickname=nickname, _capture_client=client, _capture_page=page
        )

    def come_in(self, page_id: str) -> None:
        """The call moved to this page."""
        if page_id != self._capture_page:
            self._capture_page = page_id
            self._restart_taps()

    def page_event(self, page: Page, event: PageEvent) -> None:
        """A page came, or is gone; in which one the call is says the room."""
        if self._capture_page:
            super().page_event(page, event)

    def page_take(self, page: Page) -> None:
        """The whole call moves, not this stream alone."""
        from .desk import get_desk

        get_desk().take(self._room, page)
