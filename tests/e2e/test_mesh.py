"""The pages' half of a room: connections between real pages, with a script in the place of their kernels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright

from tests.e2e.harness import (
    Camera,
    Capture,
    Meter,
    PageLog,
    browser_context,
    chromium,
    shows,
    watch_capture,
)
from tests.e2e.harness.mesh import MeshPage

SILENT_S = 2.5
RELAY_AFTER_S = 4.0

Meet = Callable[..., tuple[MeshPage, MeshPage]]

# Headless Chromium has no bar with "Stop sharing": the tracks are kept, to be ended as the bar ends them.
KEEP_SHARED = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getDisplayMedia.bind(media);
  window.__shared = [];
  media.getDisplayMedia = async (options) => {
    const stream = await ask(options);
    __shared.push(...stream.getTracks());
    return stream;
  };
})()"""
STOP_SHARING = (
    """() => { for (const track of __shared) { track.stop(); track.dispatchEvent(new Event("ended")); } }"""
)
# Width by height of what is sent: the number of pixels follows the way's and the machine's means.
CAMERA, PATTERN, SCREEN = 4 / 3, 1.0, 16 / 9
SHAPE = """([peer, ratio]) => { const video = document.querySelector(`#remote-${peer} video`);
  return video?.videoWidth > 0 && Math.abs(video.videoWidth / video.videoHeight - ratio) < 0.03; }"""
# What is relayed is drawn, what comes straight is not.
BY_RELAY = """([peer, made]) => document.querySelector(`#remote-${peer} video`)?.srcObject?.getVideoTracks()
  .every(track => (track instanceof MediaStreamTrackGenerator) === made) === true"""
LIGHT_IS_OUT = "__capture.tracks.every(track => track.kind !== 'video' || track.readyState === 'ended')"
# How much of the peer's picture arrived, and of their sound, since the page was loaded; of connections that are open.
RECEIVED = """async kind => {
  let bytes = 0;
  for (const connection of __mesh.connections) {
    if (connection.connectionState === "closed") continue;
    for (const one of (await connection.getStats()).values()) {
      if (one.type === "inbound-rtp" && one.kind === kind) bytes += one.bytesReceived;
    }
  }
  return bytes;
}"""


@pytest.fixture(scope="session")
def browser_for_rooms(playwright: Playwright, camera: Camera) -> Iterator[Browser]:
    """Chromium with its own test pictures and the film's sound, which answers its own questions for a screen."""
    heard = Camera(sound=camera.sound)
    with chromium(playwright, camera=heard, extra_args=["--use-fake-ui-for-media-stream"]) as browser:
        yield browser


@pytest.fixture
def profile(browser_for_rooms: Browser, page_log: PageLog) -> Iterator[BrowserContext]:
    with browser_context(browser_for_rooms, log=page_log) as context:
        watch_capture(context)
        context.add_init_script(KEEP_SHARED)
        yield context


@pytest.fixture
def meet(profile: BrowserContext) -> Meet:
    """``meet(...)``: two pages that are connected; the second one is the polite one."""

    def meet(**how: Any) -> tuple[MeshPage, MeshPage]:
        ada, bob = MeshPage(profile, "ada", **how), MeshPage(profile, "bob", **how)
        connected(ada, bob)
        return ada, bob

    return meet


def connected(*people: MeshPage) -> None:
    for one in people:
        for other in people:
            if one is not other:
                one.wait_for_state(other, "connected")


def received(page: MeshPage, kind: str) -> int:
    return int(page.evaluate(RECEIVED, kind))


def wait_received(page: MeshPage, kind: str, more_than: int) -> None:
    page.page.wait_for_function(
        f"([kind, least]) => ({RECEIVED})(kind).then(bytes => bytes > least)", arg=[kind, more_than]
    )


def descriptions(page: MeshPage) -> int:
    """Give how many session descriptions the page sent."""
    return int(
        page.evaluate(
            "__mesh.kernel.said.filter(one => one.type === 'room.signal' && one.description).length"
        )
    )


def wait_flag(page: MeshPage, other: MeshPage, name: str, value: bool) -> None:
    page.page.wait_for_function(
        "([peer, name, value]) => __mesh.live.people.find(one => one.peer === peer)?.[name] === value",
        arg=[other.name, name, value],
    )


def wait_shape(page: MeshPage, other: MeshPage, ratio: float) -> None:
    page.page.wait_for_function(SHAPE, arg=[other.name, ratio])


def test_two_see_and_hear_each_other(meet: Meet) -> None:
    ada, bob = meet(sound=True)
    for one, other in ((ada, bob), (bob, ada)):
        shows(one.picture(other))
        wait_shape(one, other, CAMERA)
        wait_received(one, "audio", 2000)
        told = one.told(other)
        assert [one["state"] for one in told][:2] == ["connecting", "connected"]
        assert told[-1]["way"].split("/")[0] in {"host", "prflx"}
        assert (told[1]["at"] - told[0]["at"]) < 1500
        wait_flag(one, other, "microphone", True)
        assert one.evaluate("__mesh.live.soundBlocked") is False
    # The one side offers, the other one answers: nobody had to give way.
    assert (descriptions(ada), descriptions(bob)) == (1, 1)


def test_three_are_connected_each_with_each(profile: BrowserContext) -> None:
    people = [MeshPage(profile, name) for name in ("ada", "bob", "eve")]
    connected(*people)
    for one in people:
        assert [person["peer"] for person in one.evaluate("__mesh.live.people.map(({ peer }) => ({ peer }))")]
        for other in people:
            if one is not other:
                one.page.bring_to_front()
                shows(one.picture(other))
                wait_shape(one, other, CAMERA)
    # What each sends is bounded by how many it is sent to.
    rates = """__mesh.connections.flatMap(connection => connection.getSenders())
      .filter(sender => sender.track?.kind === "video").map(sender => sender.getParameters().encodings[0].maxBitrate)"""
    assert all(500_000 < rate <= 5_000_000 / 2 for rate in people[0].evaluate(rates))


def test_the_picture_is_quick(barcode_context: BrowserContext) -> None:
    ada, bob = MeshPage(barcode_context, "ada"), MeshPage(barcode_context, "bob")
    connected(ada, bob)
    bob.page.bring_to_front()
    shows(bob.picture(ada))
    seen = Meter(bob.picture(ada)).measure(4, settle_s=3)
    assert seen.fps >= 25, seen
    assert seen.median_ms <= 120, seen


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_a_page_is_reloaded(meet: Meet, who: str) -> None:
    ada, bob = meet()
    reloaded, other = (ada, bob) if who == "ada" else (bob, ada)
    call = other.told(reloaded)[-1]["call"]
    reloaded.reload()
    begun = time.monotonic()
    connected(ada, bob)
    assert time.monotonic() - begun < 2
    assert other.told(reloaded)[-1]["call"] != call
    other.page.bring_to_front()
    shows(other.picture(reloaded))
    reloaded.page.bring_to_front()
    shows(reloaded.picture(other))
    assert other.evaluate("__mesh.open()") == 1


def test_a_connection_is_made_anew(meet: Meet) -> None:
    ada, bob = meet()
    ada.evaluate("__mesh.kernel.renew('bob')")
    for one, other in ((ada, bob), (bob, ada)):
        one.page.wait_for_function(
            "peer => { const { attempt, state } = __mesh.kernel.states(peer).at(-1);"
            " return attempt === 1 && state === 'connected'; }",
            arg=other.name,
        )
        assert one.evaluate("__mesh.open()") == 1
        one.page.bring_to_front()
        shows(one.picture(other))


def test_another_stream_is_shown_without_a_negotiation(meet: Meet) -> None:
    ada, bob = meet()
    shows(bob.picture(ada))
    before = descriptions(ada), descriptions(bob)
    ada.evaluate("__mesh.kernel.show('pattern-model')")
    wait_shape(bob, ada, PATTERN)
    shows(bob.picture(ada))
    Capture(ada.page).wait_dark()
    ada.evaluate("__mesh.kernel.show('camera-model')")
    wait_shape(bob, ada, CAMERA)
    assert (descriptions(ada), descriptions(bob)) == before
    ada.evaluate("__mesh.kernel.show('')")
    wait_flag(bob, ada, "camera", False)
    Capture(ada.page).wait_dark()


def test_a_picture_that_stands_still_is_seen_by_who_comes_later(profile: BrowserContext) -> None:
    ada = MeshPage(profile, "ada", stream="another-library's")
    ada.page.wait_for_function("__mesh.live.own.stream?.getVideoTracks().length === 1")
    bob = MeshPage(profile, "bob", stream="")
    wait_shape(bob, ada, 2.0)
    green = bob.picture(ada).evaluate(
        """video => { const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.drawImage(video, 0, 0, 1, 1); return [...context.getImageData(0, 0, 1, 1).data]; }"""
    )
    assert green[:3] == pytest.approx([0, 128, 0], abs=12)


def test_the_network_changes(meet: Meet) -> None:
    ada, bob = meet()
    fragment = "__mesh.connections[0].localDescription.sdp.match(/ice-ufrag:(.*)/)[1].trim()"
    before = ada.evaluate(fragment), bob.evaluate(fragment)
    bob.evaluate("dispatchEvent(new Event('online'))")
    ada.page.wait_for_function(f"before => {fragment} !== before", arg=before[0])
    bob.page.wait_for_function(f"before => {fragment} !== before", arg=before[1])
    connected(ada, bob)
    at = received(ada, "video")
    wait_received(ada, "video", at + 20_000)
    assert {told["state"] for told in ada.told(bob)} == {"connecting", "connected"}


def test_both_look_for_another_way_at_once(meet: Meet) -> None:
    ada, bob = meet()
    for _ in range(5):
        for one in (ada, bob):
            one.evaluate("dispatchEvent(new Event('online'))")
    for one in (ada, bob):
        one.page.wait_for_function("__mesh.connections[0].signalingState === 'stable'")
    connected(ada, bob)
    at = received(bob, "video")
    wait_received(bob, "video", at + 20_000)


def test_what_gets_lost_on_the_way_is_said_again(profile: BrowserContext) -> None:
    ada = MeshPage(profile, "ada")
    # The first offer, and all candidates: what is said again holds those that were found meanwhile.
    ada.evaluate(
        "() => { let lost = 0; __mesh.kernel.lost = ({ candidate }) => candidate !== undefined || lost++ < 1; }"
    )
    bob = MeshPage(profile, "bob")
    connected(ada, bob)
    shows(bob.picture(ada))


def test_a_tab_that_is_closed_is_noticed_at_once(meet: Meet) -> None:
    ada, bob = meet()
    begun = time.monotonic()
    ada.page.close(run_before_unload=True)
    bob.wait_for_state(ada, "lost", timeout_s=5)
    assert time.monotonic() - begun < 1.5


def test_a_tab_that_crashes_is_noticed(meet: Meet) -> None:
    ada, bob = meet()
    begun = time.monotonic()
    crash(ada.page)
    bob.wait_for_state(ada, "lost", timeout_s=5)
    assert time.monotonic() - begun < SILENT_S + 1


def crash(page: Page) -> None:
    """End the page's process, as a machine does that is switched off."""
    with suppress(Error):
        page.goto("chrome://crash")


def test_who_leaves_is_gone_and_nothing_is_left(meet: Meet) -> None:
    ada, bob = meet()
    shows(bob.picture(ada))
    ada.evaluate("__mesh.live.leave()")
    Capture(ada.page).wait_dark()
    assert ada.evaluate("[__mesh.open(), __mesh.live.here, __mesh.live.people.length]") == [0, False, 0]
    bob.page.wait_for_function("__mesh.live.people.length === 0 && __mesh.open() === 0")
    assert len(bob.page.workers) == len(ada.page.workers) == 0
    ada.evaluate("__mesh.live.rejoin()")
    connected(ada, bob)


def test_twenty_times_there_and_gone(meet: Meet) -> None:
    ada, bob = meet()
    for _ in range(20):
        ada.evaluate("__mesh.live.leave()")
        bob.page.wait_for_function("__mesh.live.people.length === 0")
        ada.evaluate("__mesh.live.rejoin()")
        connected(ada, bob)
    for one in (ada, bob):
        assert one.evaluate("__mesh.open()") == 1
        assert len(one.page.workers) == 1
    ada.evaluate("__mesh.room.abort()")
    Capture(ada.page).wait_dark()
    assert ada.evaluate("[__mesh.open(), __mesh.live.here]") == [0, False]
    assert ada.page.workers == []
    bob.wait_for_state(ada, "lost")


def test_microphone_and_camera_are_switched(meet: Meet) -> None:
    ada, bob = meet(sound=True)
    ada.evaluate("__mesh.live.setCamera(false)")
    wait_flag(bob, ada, "camera", False)
    wait_flag(bob, ada, "microphone", True)
    assert ada.evaluate("__mesh.live.own.stream.getTracks().map(({ kind }) => kind)") == ["audio"]
    ada.page.wait_for_function(LIGHT_IS_OUT)
    at = received(bob, "audio")
    wait_received(bob, "audio", at + 1000)
    ada.evaluate("__mesh.live.setMicrophone(false)")
    wait_flag(bob, ada, "microphone", False)
    Capture(ada.page).wait_dark()
    switches = ada.evaluate("__mesh.kernel.said.filter(one => one.type === 'room.switches')")
    assert [(one["microphone"], one["camera"]) for one in switches] == [(True, False), (False, False)]
    ada.evaluate("__mesh.live.setMicrophone(true)")
    ada.evaluate("__mesh.live.setCamera(true)")
    wait_flag(bob, ada, "camera", True)
    shows(bob.picture(ada))
    at = received(bob, "audio")
    wait_received(bob, "audio", at + 1000)


def test_the_screen_takes_the_camera_s_place(meet: Meet) -> None:
    ada, bob = meet()
    ada.evaluate("__mesh.live.shareScreen()")
    wait_flag(bob, ada, "screen", True)
    wait_shape(bob, ada, SCREEN)
    assert ada.evaluate("__mesh.live.own.screen") is True
    ada.evaluate(STOP_SHARING)
    wait_flag(bob, ada, "screen", False)
    wait_flag(bob, ada, "camera", True)
    wait_shape(bob, ada, CAMERA)
    shows(bob.picture(ada))


def test_who_speaks(meet: Meet) -> None:
    ada, bob = meet(sound=True)
    bob.evaluate("__mesh.live.addEventListener('speaking', () => {})")
    wait_flag(bob, ada, "speaking", True)
    bob.page.wait_for_function("__mesh.live.own.speaking")
    ada.evaluate("__mesh.live.setMicrophone(false)")
    wait_flag(bob, ada, "speaking", False)


def test_without_a_way_it_is_said_and_relayed(profile: BrowserContext) -> None:
    # TURN servers alone, and there is none.
    ada, bob = MeshPage(profile, "ada", sound=True), MeshPage(profile, "bob", sound=True)
    for one in (ada, bob):
        one.evaluate("__mesh.kernel.ice.relay_only = true")
    ada.evaluate("__mesh.kernel.renew('bob')")
    for one, other in ((ada, bob), (bob, ada)):
        one.wait_for_state(other, "blocked", timeout_s=RELAY_AFTER_S + 3)
        told = [one for one in one.told(other) if one["attempt"] == 1]
        assert [one["state"] for one in told] == ["connecting", "blocked"]
        assert told[1]["at"] - told[0]["at"] == pytest.approx(1000 * RELAY_AFTER_S, abs=600)
    for one, other in ((ada, bob), (bob, ada)):
        one.evaluate("peer => __mesh.kernel.relayFor(peer, true)", other.name)
    for one, other in ((ada, bob), (bob, ada)):
        one.wait_for_state(other, "relayed")
        one.page.bring_to_front()
        one.page.wait_for_function(BY_RELAY, arg=[other.name, True])
        shows(one.picture(other))
        one.page.wait_for_function(
            "peer => document.querySelector(`#remote-${peer} video`).srcObject.getAudioTracks().length === 1",
            arg=other.name,
        )
    # A way is found after all: it is said, the picture comes by it, and the relay can end.
    for one in (ada, bob):
        one.evaluate("__mesh.kernel.ice.relay_only = false")
    ada.evaluate("__mesh.kernel.renew('bob')")
    connected(ada, bob)
    for one, other in ((ada, bob), (bob, ada)):
        one.evaluate("peer => __mesh.kernel.relayFor(peer, false)", other.name)
    bob.page.wait_for_function(BY_RELAY, arg=["ada", False])
    shows(bob.picture(ada))


def test_servers_that_the_browser_does_not_take(profile: BrowserContext) -> None:
    ada = MeshPage(profile, "ada")
    ada.evaluate("__mesh.kernel.ice.ice_servers = [{ urls: ['nonsense:here'] }]")
    bob = MeshPage(profile, "bob")
    ada.wait_for_state(bob, "blocked")
    assert "ice_servers" in ada.evaluate("__mesh.live.told")
