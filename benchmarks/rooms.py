"""Rooms: how soon, how fast and how late people see each other, by each way; and how soon who is gone is gone."""

from __future__ import annotations

import os
import signal
import statistics
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from benchmarks.rows import Row, figures_of
from benchmarks.stage import Setting, Stage
from tests.e2e.harness import (
    Camera,
    FirstFrame,
    JupyterServer,
    Meter,
    NotebookPage,
    browser_context,
    chromium,
)
from tests.e2e.rooms.coturn import SECRET, coturn
from tests.e2e.rooms.people import OTHERS, Person
from tests.unit.rooms.mosquitto import Mosquitto

VGA, QVGA = Setting(), Setting(320, 240, 24)
NO_UDP = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
REMOTE = f"{OTHERS} .ipymedia-tile-picture > *"
SETTLE_S = 4.0
JUNK_PER_S = 1000
#: A browser takes a tone for noise otherwise.
AS_IT_IS = "{'echoCancellation': False, 'noiseSuppression': False, 'autoGainControl': False}"

#: How many pictures each video element of others took, since it is there.
_FRAMES = f"""() => [...document.querySelectorAll('{OTHERS} video')].map((video) =>
  video.getVideoPlaybackQuality().totalVideoFrames)"""

_ALL_THREE = f"""() => {{
  const taken = ({_FRAMES})();
  return taken.length === 3 && taken.every((frames) => frames > 0);
}}"""


def measure_rooms(stage: Stage) -> None:
    """All rows about rooms."""
    stage.row("room: first remote picture", lambda row: _first_picture(stage, row))
    stage.row("room: 640×480, two", lambda row: _two(stage, row))
    stage.row("room: 320×240, four", lambda row: _four(stage, row))
    for name, go in {
        "kernel killed": _kill_kernel,
        "tab closed": _close_tab,
        "all stand still": _stand_still,
    }.items():
        stage.row(f"room: dropped, {name}", lambda row, go=go: _dropped(stage, row, go))
    stage.row("room: page reload", lambda row: _reload(stage, row))
    stage.row("room: broker restarts", lambda row: _broker_restarts(stage, row))
    stage.row("room: strangers", lambda row: _strangers(stage, row))
    stage.row("room: relayed, 320×240", lambda row: _relayed(stage, row))
    stage.row("room: TURN only", lambda row: _turn(stage, row))


class Party:
    """People in a room of the bar-code camera, or of the browser's own, which costs the pages nothing."""

    def __init__(self, stage: Stage, stack: ExitStack, setting: Setting, own_camera: Browser | None) -> None:
        self.stage = stage
        self.stack = stack
        self.setting = setting
        self.own_camera = own_camera
        self.people: list[Person] = []

    def sit(self, name: str) -> Person:
        """Open a notebook, with a profile of its own, and make the camera."""
        own = self.own_camera
        opened = self.stage.context(self.setting) if own is None else browser_context(own)
        context = self.stack.enter_context(opened)
        server = self.stage.server
        width, height, fps = self.setting.width, self.setting.height, self.setting.fps
        source = (
            "import time\nfrom ipymedia import *\n"
            f"camera = CameraStream(constraints={{'audio': {AS_IT_IS}, 'video': "
            f"{{'width': {width}, 'height': {height}, 'frameRate': {fps}}}}})"
        )
        notebook = NotebookPage(context, server, server.write_notebook([source]), timeout_s=60)
        self.stack.callback(_shut_down, notebook, server)
        notebook.run_cell(0)
        person = Person(notebook, name)
        self.people.append(person)
        return person

    def gather(self, room: str, *names: str, more: str = "") -> list[Person]:
        """Sit down and join."""
        # All sit before the first one joins: a page is slow to open beside others whose cameras run.
        people = [self.sit(name) for name in names]
        for person in people:
            person.join(repr(room), more)
        return people

    def meet(self, room: str, *names: str, more: str = "") -> list[Person]:
        """Sit down and join, and wait until each sees all others."""
        people = self.gather(room, *names, more=more)
        for person in people:
            for other in people:
                if other is not person:
                    person.sees(other.name, timeout_s=40)
        return people


@contextmanager
def _party(stage: Stage, setting: Setting = QVGA, *, own_camera: Browser | None = None) -> Iterator[Party]:
    with ExitStack() as stack:
        yield Party(stage, stack, setting, own_camera)


def _first_picture(stage: Stage, row: Row) -> None:
    taken = []
    with _party(stage, VGA) as party:
        party.sit("Ann").join("'first'")
        for number in range(stage.durations.repeats):
            bob = party.sit(f"Bob {number}")
            bob.cell = bob.notebook.add_cell(f"room = chat('first', camera, nickname={bob.name!r})")
            bob.notebook.wait_idle()
            first = FirstFrame(bob.notebook.page, REMOTE)
            bob.notebook.run_cell(bob.cell, wait=False)
            taken.append((first.wait() - first.started_ms) / 1000)
            bob.notebook.wait_cell(bob.cell)
            bob.notebook.run("room.close()")
            bob.notebook.page.close()
    row.figures["taken_s"] = " ".join(f"{seconds:.2f}" for seconds in taken)
    row.figures["median_s"] = round(statistics.median(taken), 2)


def _two(stage: Stage, row: Row) -> None:
    with _party(stage, VGA) as party:
        ann, _ = party.meet("two", "Ann", "Bob")
        ann.notebook.page.bring_to_front()
        row.figures.update(_seen(stage, ann, "Bob"))


def _seen(
    stage: Stage, person: Person, name: str, settle_s: float = SETTLE_S
) -> dict[str, float | int | str]:
    meter = Meter(person.picture_of(name))
    try:
        return figures_of(meter.measure(stage.durations.watch_s, settle_s=settle_s))
    finally:
        meter.stop()


def _four(stage: Stage, row: Row) -> None:
    # Four people share the machine here, so their cameras should cost it as little as a camera does.
    with (
        chromium(stage.playwright, camera=Camera(fps=30)) as browser,
        _party(stage, QVGA, own_camera=browser) as party,
    ):
        people = party.gather("four", "Ann", "Bob", "Cem", "Dee")
        for person in people:  # without reading pixels, which would hold the busy pages up
            person.notebook.page.wait_for_function(_ALL_THREE, timeout=120_000)
        people[0].notebook.page.wait_for_timeout(1000 * SETTLE_S)
        began_s = time.monotonic()
        before = [person.notebook.page.evaluate(_FRAMES) for person in people]
        people[0].notebook.page.wait_for_timeout(1000 * max(8.0, stage.durations.watch_s))
        seconds = time.monotonic() - began_s
        after = [person.notebook.page.evaluate(_FRAMES) for person in people]
        rates = [
            (b - a) / seconds
            for then, now in zip(before, after, strict=True)
            for a, b in zip(then, now, strict=True)
        ]
    row.figures.update(
        streams=len(rates), fps=round(min(rates), 1), median_fps=round(statistics.median(rates), 1)
    )


def _kill_kernel(person: Person) -> None:
    os.kill(person.notebook.evaluate("__import__('os').getpid()"), signal.SIGKILL)


def _close_tab(person: Person) -> None:
    person.notebook.page.close()


def _stand_still(person: Person) -> None:
    """As with a network that is cut: neither page nor kernel says anything for 8 s."""
    pid = person.notebook.evaluate("__import__('os').getpid()")
    person.notebook.page.evaluate(
        "() => { setTimeout(() => { const end = Date.now() + 8000; while (Date.now() < end); }, 0); }"
    )
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(8.0, os.kill, [pid, signal.SIGCONT]).start()


def _dropped(stage: Stage, row: Row, go: Callable[[Person], None]) -> None:
    with _party(stage) as party:
        ann, bob = party.meet(f"gone by {go.__name__}", "Ann", "Bob")
        began_s = time.monotonic()
        go(bob)
        ann.waits_for(timeout_s=20)
        row.figures["dropped_s"] = round(time.monotonic() - began_s, 2)
        if go is _stand_still:
            ann.waits_for("Bob", timeout_s=30)
            ann.notebook.page.wait_for_timeout(2000)
            row.figures["ghosts"] = len(ann.others()) - 1


def _reload(stage: Stage, row: Row) -> None:
    taken = []
    with _party(stage) as party:
        ann, bob = party.meet("reload", "Ann", "Bob")
        for _ in range(stage.durations.repeats):
            bob.notebook.save()
            bob.notebook.page.reload(wait_until="domcontentloaded")
            bob.notebook.wait_until_ready()
            bob.view.wait_for()
            began_s = time.monotonic()
            first = FirstFrame(bob.notebook.page, REMOTE)
            first.wait()
            taken.append(time.monotonic() - began_s)
            ann.sees("Bob")
        row.figures["same_name"] = int(ann.others() == ["Bob"])
    row.figures["taken_s"] = " ".join(f"{seconds:.2f}" for seconds in taken)
    row.figures["median_s"] = round(statistics.median(taken), 2)


def _broker_restarts(stage: Stage, row: Row) -> None:
    broker = Mosquitto(stage.folder / f"mosquitto-{time.monotonic_ns()}")
    more = f", server={broker.url!r}"
    try:
        with _party(stage) as party:
            ann, bob = party.meet("restart", "Ann", "Bob", more=more)
            broker.stop()
            ann.view.get_by_text("The broker is away").wait_for()
            row.figures.update(_seen(stage, ann, "Bob"))
            broker.start()
            eve = party.sit("Eve").join("'restart'", more)
            began_s = time.monotonic()
            for person in (ann, bob):
                person.waits_for(*({"Ann", "Bob", "Eve"} - {person.name}), connected=False)
            row.figures["seen_s"] = round(time.monotonic() - began_s, 2)
            eve.sees("Ann")
    finally:
        broker.stop()


def _strangers(stage: Stage, row: Row) -> None:
    import paho.mqtt.client as mqtt

    broker = Mosquitto(stage.folder / f"mosquitto-{time.monotonic_ns()}")
    heard: list[tuple[str, bytes]] = []
    stranger = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    stranger.on_message = lambda *got: heard.append((got[2].topic, got[2].payload))
    stranger.connect("127.0.0.1", broker.port)
    stranger.subscribe("ipymedia/#")
    stranger.loop_start()
    ended = threading.Event()
    sent = 0

    def disturb() -> None:
        nonlocal sent
        while not ended.wait(0.1):
            for number in range(JUNK_PER_S // 10):
                topic, payload = heard[(sent + number) % len(heard)]
                stranger.publish(topic, payload if number % 2 else payload[:-1] + b"x" if payload else b"x")
            sent += JUNK_PER_S // 10

    try:
        with _party(stage) as party:
            ann, _ = party.meet("strangers", "Ann", "Bob", more=f", server={broker.url!r}")
            quiet = _seen(stage, ann, "Bob")
            # It has enough; what its own junk costs it is nobody's concern.
            stranger.unsubscribe("ipymedia/#")
            thread = threading.Thread(target=disturb, daemon=True)
            thread.start()
            row.figures.update(_seen(stage, ann, "Bob"))
            ended.set()
            thread.join()
            row.figures["fps_ratio"] = round(float(row.figures["fps"]) / float(quiet["fps"]), 2)
            row.figures["sent"] = sent
            row.figures["refused"] = sum(ann.notebook.evaluate("room.refused").values())
    finally:
        ended.set()
        stranger.loop_stop()
        broker.stop()


def _relayed(stage: Stage, row: Row) -> None:
    with ExitStack() as stack:
        playwright_browser = stack.enter_context(
            chromium(stage.playwright, camera=Camera(sound=_tone(stage.folder)), extra_args=[NO_UDP])
        )
        with stage.in_browser(playwright_browser), _party(stage) as party:
            ann, _ = party.meet("relayed", "Ann", "Bob")
            ann.notebook.page.bring_to_front()
            row.figures["relayed"] = int(ann.notebook.evaluate("room.peers[0].relayed"))
            row.figures.update(_seen(stage, ann, "Bob"))
            row.figures.update(_sound_gaps(stage, ann))


def _tone(folder: Path) -> Path:
    """A tone without an end: whole periods, which the browser plays again and again."""
    path, rate, seconds = folder / "tone.wav", 48_000, 5
    samples = 12_000 * np.sin(2 * np.pi * 440 * np.arange(seconds * rate) / rate)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def _sound_gaps(stage: Stage, person: Person) -> dict[str, float | int | str]:
    """How much of the other's tone is missing in half a minute, where it comes into Python: gaps are silence there."""
    seconds = max(30.0, stage.durations.watch_s)
    person.notebook.run("sound = iter(room.streams[1].audio_blocks(seconds=0.5))\nnext(sound)")
    text = person.notebook.run(
        f"end = time.monotonic() + {seconds}\nsilent = count = 0\n"
        "for block in room.streams[1].audio_blocks(seconds=0.02):\n"
        "    count += 1\n    silent += not block.samples.any()\n    if time.monotonic() > end: break\n"
        "print(silent, count)",
        timeout_s=seconds + 20,
    )
    silent, count = map(int, text.split())
    return {"sound_s": seconds, "silent_frames": silent, "sound_frames": count}


def _turn(stage: Stage, row: Row) -> None:
    folder = stage.folder / f"coturn-{time.monotonic_ns()}"
    folder.mkdir()
    with coturn(folder) as turn, _party(stage) as party:
        more = f", ice_servers=[{turn.url!r}], turn_secret={SECRET!r}, relay_only=True"
        ann, _ = party.meet("turn", "Ann", "Bob", more=more)
        row.figures["way"] = str(ann.notebook.evaluate("room.peers[0].way"))
        row.figures.update(_seen(stage, ann, "Bob"))


def _shut_down(notebook: NotebookPage, server: JupyterServer) -> None:
    if not notebook.page.is_closed():
        notebook.page.close()
    server.shut_down_kernel(notebook.name)
