"""What `ipywebrtc` 0.6.0 offered of rooms, row by row: names, traits with their defaults, behaviour."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest

from ipymedia import (
    MediaStream,
    PatternStream,
    RoomError,
    WebRTCPeer,
    WebRTCRoom,
    WebRTCRoomLocal,
    WebRTCRoomMqtt,
    chat,
)
from ipymedia.errors import Reason


@pytest.fixture
def stream() -> Iterator[MediaStream]:
    with PatternStream(160, 120) as pattern:
        yield pattern


def test_names() -> None:
    for cls in (WebRTCRoom, WebRTCRoomLocal, WebRTCRoomMqtt, WebRTCPeer):
        assert issubclass(cls, ipywidgets.DOMWidget)
    assert issubclass(WebRTCRoomLocal, WebRTCRoom)
    assert issubclass(WebRTCRoomMqtt, WebRTCRoom)
    assert callable(chat)


def test_the_room_s_traits() -> None:
    defaults = {"room": "room", "stream": None, "nickname": "anonymous", "room_id": ""}
    for name, default in defaults.items():
        trait = getattr(WebRTCRoom, name)
        assert trait.metadata["sync"], name
        assert trait.default() == default, name
    for name in ("peers", "streams"):
        assert getattr(WebRTCRoom, name).metadata["sync"], name
    room = WebRTCRoom()
    with pytest.raises(Exception, match="read-only"):
        room.room_id = "mine"
    assert room.peers == room.streams == []
    room.close()


def test_the_peer_s_traits() -> None:
    defaults = {
        "stream_local": None,
        "stream_remote": None,
        "id_local": "",
        "id_remote": "",
        "connected": False,
        "failed": False,
    }
    for name, default in defaults.items():
        trait = getattr(WebRTCPeer, name)
        assert trait.metadata["sync"], name
        assert trait.default() == default, name
    peer = WebRTCPeer()
    for name in ("connected", "failed"):
        with pytest.raises(Exception, match="read-only"):
            setattr(peer, name, True)
    with pytest.raises(RoomError, match="in no room") as raised:
        peer.connect()
    assert raised.value.reason is Reason.NOT_IN_ROOM
    peer.close()


def test_rooms_of_one_page_meet_and_streams_have_the_own_one_first(stream: MediaStream, wait_until) -> None:
    with WebRTCRoomLocal(room="r", stream=stream) as one, WebRTCRoomLocal(room="r", nickname="two") as two:
        wait_until(lambda: one.peers and two.peers)
        assert one.room_id != two.room_id
        assert one.streams[0] is stream
        assert one.streams[1] is one.peers[0].stream_remote
        assert one.peers[0].id_remote == two.room_id
        assert one.peers[0].nickname == "two"
        assert isinstance(one.streams[1], MediaStream)
        # A box that follows, as `jslink((room, "streams"), (box, "children"))` has it.
        box = ipywidgets.HBox()
        ipywidgets.link((one, "streams"), (box, "children"))
        assert list(box.children) == one.streams
    assert one.peers == []


def test_a_room_without_a_broker_says_what_to_set(monkeypatch, tmp_path, stream: MediaStream) -> None:
    monkeypatch.delenv("IPYMEDIA_BROKER", raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(RoomError, match="IPYMEDIA_BROKER") as raised:
        WebRTCRoomMqtt(room="r", stream=stream)
    assert raised.value.reason is Reason.NO_BROKER


def test_others_are_gone_with_all_that_was_made_for_them(stream: MediaStream, wait_until) -> None:
    with WebRTCRoomLocal(room="r", stream=stream) as one:
        two = WebRTCRoomLocal(room="r")
        wait_until(lambda: one.peers)
        peer, remote = one.peers[0], one.streams[1]
        two.close()
        two.close()
        wait_until(lambda: not one.peers)
        assert one.streams == [stream]
        assert remote.comm is None
        assert peer.comm is None
        assert peer.failed
        with pytest.raises(RoomError):
            peer.connect()
        with pytest.raises(RoomError, match=r"room\.join"):
            two.send("to nobody")
