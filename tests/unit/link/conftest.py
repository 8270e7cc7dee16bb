"""A real link with a real server, and a stand-in for what is not ours: the comm that ipykernel would open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from ipymedia.link.link import Link
from ipymedia.protocol.messages import CODECS, Capabilities


class RecordingComm(BaseComm):
    """Keeps what the kernel says over its comms."""

    sent: list[dict[str, Any]]

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any
    ) -> None:
        type(self).sent.append({"type": msg_type, "data": data, "buffers": buffers})


@pytest.fixture
def comms(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """All that was said over any comm."""
    RecordingComm.sent = []
    monkeypatch.setattr(comm, "create_comm", RecordingComm)
    return RecordingComm.sent


@pytest.fixture
def link(comms: list[dict[str, Any]]) -> Iterator[Link]:
    link = Link(lambda: Capabilities(encode=list(CODECS), decode=list(CODECS)))
    link.open()
    yield link
    if link._server is not None:
        link._server.stop()
    assert link._channel is not None
    link._channel.close()
