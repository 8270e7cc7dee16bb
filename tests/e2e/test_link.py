"""The link in a real browser: connections that break, come back, and are thin."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.harness import JupyterServer, Meter, NotebookPage, Relay
from tests.e2e.harness.relay import CutMode

#: What the page waits for an answer, and a frame on the comm; twice that on a loaded machine.
GONE_MS = 3500
#: An offer, a dial through the proxy.
BACK_S = 3.0
#: The share of its rate that a stream must keep, on a machine where others are at work too.
LOADED = 0.5

IDENTITY = """
from ipymedia import CameraStream
camera = CameraStream()
@camera.map
def same(image):
    return image
same
"""


@pytest.fixture
def relay(lab: JupyterServer) -> Iterator[Relay]:
    with Relay(lab.port) as relay:
        yield relay


@pytest.fixture
def live(
    lab: JupyterServer,
    relay: Relay,
    barcode_context: BrowserContext,
    open_notebook: Callable[..., NotebookPage],
) -> tuple[NotebookPage, Meter]:
    """A mapped stream that a page shows, reached through the relay, on the socket."""
    notebook = open_notebook([IDENTITY], server=lab.through(relay.port))
    notebook.run_cell(0)
    canvas = notebook.output(0).locator("canvas.ipymedia-picture")
    canvas.wait_for()
    meter = Meter(canvas)
    meter.wait_for_new_frame()
    wait_for_carrier(notebook, "socket")
    return notebook, meter


def carrier(notebook: NotebookPage) -> str:
    return notebook.evaluate("same.stats.carrier")


def wait_for_carrier(notebook: NotebookPage, expected: str, *, timeout_s: float = 15.0) -> float:
    """Seconds until the kernel's figures name the carrier."""
    began_s = time.monotonic()
    while carrier(notebook) != expected:
        assert time.monotonic() - began_s < timeout_s, f"still not on the {expected} after {timeout_s} s"
        notebook.page.wait_for_timeout(50)
    return time.monotonic() - began_s


@pytest.mark.parametrize("mode", ["drop", "stall"])
def test_a_socket_that_is_cut_is_replaced_by_the_comm_and_comes_back(
    live: tuple[NotebookPage, Meter], relay: Relay, mode: CutMode
) -> None:
    notebook, meter = live
    before = meter.measure(2)
    cut_ms = notebook.page.evaluate("__barcode.epochNow()")
    relay.cut(mode, only="/proxy/")
    wait_for_carrier(notebook, "comm", timeout_s=5)
    notebook.page.wait_for_timeout(max(0, 3000 - (notebook.page.evaluate("__barcode.epochNow()") - cut_ms)))
    during = meter.take()
    since_cut = [at for at, _, _ in during.series if at > cut_ms]
    assert max(b - a for a, b in pairwise([cut_ms, *since_cut])) < GONE_MS
    assert len(since_cut) >= 3, "frames go on over the comm"
    relay.restore()
    assert wait_for_carrier(notebook, "socket", timeout_s=6) < BACK_S
    assert meter.measure(2).fps > before.fps * LOADED
    assert notebook.evaluate("same.error is None and camera.error is None")


def test_a_socket_that_is_cut_for_good_leaves_the_comm(
    live: tuple[NotebookPage, Meter], relay: Relay
) -> None:
    notebook, meter = live
    before = meter.measure(2)
    relay.cut("drop", only="/proxy/")
    wait_for_carrier(notebook, "comm", timeout_s=5)
    seen = meter.measure(4)
    assert seen.fps > before.fps * LOADED / 2
    assert carrier(notebook) == "comm"
    assert notebook.evaluate("camera.snapshot(timeout=10).shape") == [480, 640, 3]


def test_a_long_and_thin_line_is_used_up_and_not_overfilled(
    live: tuple[NotebookPage, Meter], relay: Relay
) -> None:
    notebook, meter = live
    before = meter.measure(3)
    relay.shape(delay_ms=80, rate_bps=4_000_000)
    seen = meter.measure(5, settle_s=5)
    assert seen.fps >= before.fps * LOADED, f"{seen}, before: {before}"
    assert seen.median_ms < before.median_ms + 200, f"{seen}, before: {before}"
    assert seen.size[0] >= 480, seen  # a loaded machine may take it a step down
    relay.shape(delay_ms=80, rate_bps=1_000_000)
    first = meter.measure(6, settle_s=4)
    last = meter.measure(6, settle_s=6)
    for seen in (first, last):
        assert seen.fps >= before.fps / 2, f"{seen}, before: {before}"
        assert seen.p95_ms <= 600 + before.p95_ms, f"{seen}, before: {before}"
    assert last.median_ms < first.median_ms + 100, "the latency does not grow"
    assert carrier(notebook) == "socket"


IMPOSTOR = '''
import asyncio, threading
from types import SimpleNamespace
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler
from ipymedia.frames.hub import get_hub
from ipymedia.protocol.framing import join
from ipymedia.protocol.messages import LinkProof, LinkReady, StreamCaptured

heard = {"127.0.0.1": [], "::1": []}
tokens = []

class Impostor(WebSocketHandler):
    """Does not know the token; says in turn that all is well, and a proof that it made up."""
    def initialize(self, address):
        self.heard = heard[address]
    def check_origin(self, origin):
        return True
    def open(self):
        self.heard.append([])
        if len(self.heard) % 2:
            self.write_message(join(LinkReady()), binary=True)
    def on_message(self, frame):
        self.heard[-1].append(bytes(frame).decode("latin-1"))
        self.write_message(join(LinkProof(nonce="0" * 32, proof="0" * 64)), binary=True)
        self.write_message(join(LinkReady()), binary=True)

def listen(address, port):
    sockets = bind_sockets(port, address=address)
    HTTPServer(Application([(".*", Impostor, {"address": address})])).add_sockets(sockets)
    return sockets[0].getsockname()[1]

def serve():
    asyncio.set_event_loop(asyncio.new_event_loop())
    port = listen("127.0.0.1", 0)
    try:
        listen("::1", port)
    except OSError:
        pass  # a machine without IPv6
    link._server = SimpleNamespace(port=port, stop=lambda: None)
    started.set()
    asyncio.get_event_loop().run_forever()

link, started = get_hub().link, threading.Event()
make = link.offers.make
def make_and_tell(page, origin):
    offer = make(page, origin)
    tokens.append(offer.token)
    return offer
link.offers.make = make_and_tell
threading.Thread(target=serve, daemon=True).start()
assert started.wait(5)
'''


def test_an_impostor_on_the_port_learns_nothing(
    barcode_context: BrowserContext, open_notebook: Callable[..., NotebookPage]
) -> None:
    """Through the proxy and straight: the page is on loopback, and takes both ways in turn."""
    notebook = open_notebook([IMPOSTOR, IDENTITY], context=barcode_context)
    notebook.run_cell(0)
    notebook.run_cell(1)
    canvas = notebook.output(1).locator("canvas.ipymedia-picture")
    canvas.wait_for()
    meter = Meter(canvas)
    meter.wait_for_new_frame()
    deadline_s = time.monotonic() + 15
    while len(notebook.evaluate("heard['127.0.0.1']")) < 3:
        assert time.monotonic() < deadline_s, "the page gave up after its first attempts"
        notebook.page.wait_for_timeout(100)
    heard, tokens = notebook.evaluate("heard"), notebook.evaluate("tokens")
    assert heard["::1"] == []
    said = [frame for connection in heard["127.0.0.1"] for frame in connection]
    assert said, "the page dialled"
    for frame in said:
        assert json.loads(frame[4:]).keys() == {"type", "offer", "page", "nonce"}
        assert not any(token in frame for token in tokens)
    assert all(len(connection) <= 1 for connection in heard["127.0.0.1"])
    assert carrier(notebook) == "comm"
    meter.wait_for_new_frame()
    notebook.save()
    text = (notebook.server.root / notebook.name).read_text()
    assert "CameraStream" in text
    assert not any(token in text for token in tokens), "the saved notebook holds no token"
