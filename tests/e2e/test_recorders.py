"""Recorders: what a page records is a finished file in the kernel, whole, in every way that a recording ends."""

from __future__ import annotations

import os
import shutil
import signal
from itertools import pairwise
from pathlib import Path

import av
import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.harness import Relay, read_counter, shows, watch_capture

CAMERA = """
import io, time
from ipymedia import AudioRecorder, CameraStream, ImageRecorder, VideoRecorder
camera = CameraStream(constraints={'audio': True, 'video': {'width': 640, 'height': 480, 'frameRate': 24}})
"""
# What is in a file: read by PyAV in the kernel, frame by frame to the end.
PROBE = """
import av
def probe(data):
    with av.open(io.BytesIO(bytes(data))) as file:
        found = {stream.type: stream.codec_context.name for stream in file.streams}
        found["format"] = file.format.name
        found["duration_s"] = file.duration / 1e6 if file.duration else None
    with av.open(io.BytesIO(bytes(data))) as file:
        found["frames"] = [frame.time for frame in file.decode(video=0)] if file.streams.video else []
    with av.open(io.BytesIO(bytes(data))) as file:
        sound = [frame.samples / frame.sample_rate for frame in file.decode(audio=0)] if file.streams.audio else []
        found["sound_s"] = sum(sound)
    return found
"""


def test_a_film_is_recorded_from_python_and_from_the_page(open_notebook, context: BrowserContext) -> None:
    watch_capture(context)
    notebook = open_notebook(
        [
            CAMERA
            + PROBE
            + "from ipywidgets import HBox\nfilm = VideoRecorder(stream=camera)\nHBox([camera, film])"
        ],
        context=context,
    )
    notebook.run_cell(0)
    view = notebook.output(0)
    shows(view.locator("video").first)
    notebook.run("values = []\nfilm.video.observe(lambda change: values.append(len(change['new'])), 'value')")
    notebook.run("film.recording = True")
    notebook.wait_for("film.state == 'recording' and film.seconds > 4")
    notebook.run("film.recording = False")
    notebook.wait_for("film.state == 'done'")
    found = notebook.evaluate("{k: v for k, v in probe(film.video.value).items() if k != 'frames'}")
    assert (found["video"], found["audio"], found["format"]) == ("vp8", "opus", "matroska,webm")
    assert abs(found["duration_s"] - notebook.evaluate("film.seconds")) < 0.1
    assert abs(found["sound_s"] - found["duration_s"]) < 0.1
    times = notebook.evaluate("probe(film.video.value)['frames']")
    assert abs(len(times) - 24 * found["duration_s"]) <= 0.02 * len(times)
    assert max(b - a for a, b in pairwise(times)) < 0.3
    assert notebook.evaluate("values") == [notebook.evaluate("len(film.video.value)")]
    assert notebook.evaluate("'value' in film.video.get_state()") is False

    # The page shows it, from where the kernel hands it out: it seeks.
    played = view.locator("video.ipymedia-recorder-media")
    played.wait_for()
    notebook.page.wait_for_function("v => v.readyState >= 1 && v.duration > 3", arg=played.element_handle())
    assert abs(played.evaluate("v => v.duration") - found["duration_s"]) < 0.1

    # By its button, with a pause.
    view.get_by_role("button", name="Record", exact=True).click()
    notebook.wait_for("film.state == 'recording' and film.seconds > 1")
    view.get_by_role("group", name="Recorder").get_by_role("button", name="Pause").click()
    notebook.wait_for("film.state == 'paused'")
    at = notebook.evaluate("film.seconds")
    assert notebook.evaluate("(time.sleep(1), film.seconds)[1]") == at
    view.get_by_role("button", name="Go on").click()
    notebook.wait_for(f"film.state == 'recording' and film.seconds > {at + 1}")
    view.get_by_role("button", name="Stop", exact=True).click()
    notebook.wait_for("film.state == 'done' and len(values) == 2")
    duration_s = notebook.evaluate("probe(film.video.value)['duration_s']")
    assert abs(duration_s - notebook.evaluate("film.seconds")) < 0.1

    # Other formats when it is saved; what can't be done leaves the recording as it is.
    notebook.run("film.save('saved'); film.save('saved.mp4')")
    assert notebook.evaluate("probe(open('saved.webm', 'rb').read())['video']") == "vp8"
    mp4 = notebook.evaluate(
        "{k: v for k, v in probe(open('saved.mp4', 'rb').read()).items() if k != 'frames'}"
    )
    assert (mp4["video"], mp4["audio"]) == ("h264", "aac")
    assert abs(mp4["duration_s"] - duration_s) < 0.1
    refused = (
        "try:\n    film.save('no/such/folder/film')\nexcept Exception as e:\n    print(e.reason.value, e)"
    )
    assert notebook.run(refused).startswith("no_file film.webm was not written: the folder no/such/folder")
    assert notebook.evaluate("len(film.video.value) > 10_000")


def test_stills_and_sound(open_notebook, context: BrowserContext) -> None:
    notebook = open_notebook(
        [
            CAMERA
            + PROBE
            + """
inverted = camera.map(lambda image: 255 - image)
still, sound = ImageRecorder(stream=camera), AudioRecorder(stream=camera, format="wav")
camera
"""
        ],
        context=context,
    )
    notebook.run_cell(0)
    shows(notebook.output(0).locator("video"))
    empty = "try:\n    still.save()\nexcept ValueError as e:\n    print(e)"
    assert notebook.run(empty) == "No data, did you record anything?\n"

    # The old live loop, as it was written for ipywebrtc.
    notebook.run(
        """
import PIL.Image
seen = []
def on_picture(change):
    seen.append(PIL.Image.open(io.BytesIO(still.image.value)).size)
    if len(seen) < 10:
        still.recording = True
still.image.observe(on_picture, "value")
began = time.monotonic()
still.recording = True
"""
    )
    notebook.wait_for("len(seen) == 10 and not still.recording")
    assert notebook.evaluate("sorted(set(seen))") == [[640, 356]]
    assert notebook.evaluate("still.image.width") == "640"
    notebook.run("still.format = 'jpeg'; still.stream = inverted; still.recording = True")
    notebook.wait_for("bytes(still.image.value[:3]) == b'\\xff\\xd8\\xff' and still.state == 'done'")
    notebook.run("still.save('shot'); still.save('shot.png')")
    assert notebook.evaluate("[PIL.Image.open(name).format for name in ('shot.jpeg', 'shot.png')]") == [
        "JPEG",
        "PNG",
    ]

    # The sound alone, of a stream that has a picture too.
    notebook.run("sound.recording = True")
    notebook.wait_for("sound.seconds > 2")
    notebook.run("sound.recording = False; sound.wait(20)")
    found = notebook.evaluate("probe(sound.audio.value)")
    assert "video" not in found
    assert (found["audio"], found["format"]) == ("pcm_s16le", "wav")
    assert abs(found["sound_s"] - notebook.evaluate("sound.seconds")) < 0.1


def test_what_hinders_a_recording_is_said(open_notebook) -> None:
    notebook = open_notebook(
        [
            CAMERA
            + """
from ipywidgets import IntSlider
film = VideoRecorder()
film
"""
        ]
    )
    notebook.run_cell(0)
    notebook.run("film.recording = True")
    notebook.wait_for("film.error is not None and not film.recording")
    assert notebook.evaluate("film.error.reason.value") == "no_stream"
    notebook.output(0).get_by_text("the recorder has no stream").wait_for()
    notebook.run("film.stream = IntSlider(); film.recording = True")
    notebook.wait_for("film.state == 'failed' and 'gives no stream' in film.error.message")
    notebook.run("film.stream = camera; film.codecs = 'nonsense'; film.recording = True")
    notebook.wait_for("film.state == 'failed' and film.error.reason.value == 'no_codec'")
    for wrong, error in (("film.stream = 3", "TraitError"), ("film.format = 'exe'", "RecordingError")):
        said = notebook.run(f"try:\n    {wrong}\nexcept Exception as e:\n    print(type(e).__name__)")
        assert said == f"{error}\n"


def test_a_page_that_goes_leaves_a_film_that_plays(open_notebook, context: BrowserContext) -> None:
    notebook = open_notebook(
        [CAMERA + PROBE + "film = VideoRecorder(stream=camera)\nfilm"],
        context=context,
    )
    notebook.run_cell(0)
    notebook.run("film.recording = True")
    notebook.wait_for("film.state == 'recording' and film.seconds > 3")
    seconds = notebook.evaluate("film.seconds")
    notebook.reload()
    notebook.wait_for("film.state == 'failed' and not film.recording")
    assert notebook.evaluate("film.error.reason.value") == "recording_cut"
    duration_s = notebook.evaluate("probe(film.video.value)['duration_s']")
    assert duration_s > seconds - 2
    # The page that came back shows what was kept, and why it ends early.
    view = notebook.output(0)
    view.get_by_text("cut short").wait_for()
    played = view.locator("video.ipymedia-recorder-media")
    notebook.page.wait_for_function("v => v.duration > 1", arg=played.element_handle())

    # It records again, and a kernel that dies leaves what it had not written in the page.
    notebook.run("film.recording = True")
    notebook.wait_for("film.state == 'recording' and film.error is None")
    notebook.restart()
    view.get_by_text("The kernel is gone").wait_for()


@pytest.mark.parametrize("end", ["killed", "restarted"])
def test_a_kernel_that_ends_leaves_a_film_that_plays(
    open_notebook, context: BrowserContext, end: str
) -> None:
    notebook = open_notebook([CAMERA + "film = VideoRecorder(stream=camera)\nfilm"], context=context)
    notebook.run_cell(0)
    notebook.run("film.recording = True")
    notebook.wait_for("film.state == 'recording' and film.seconds > 4")
    seconds = notebook.evaluate("film.seconds")
    if end == "killed":
        os.kill(notebook.evaluate("__import__('os').getpid()"), signal.SIGKILL)
        notebook.page.locator(".jp-Dialog button.jp-mod-accept").click()  # JupyterLab tells of it
    else:
        notebook.restart()
    said = notebook.output(0).get_by_text("The kernel is gone").inner_text()
    part = Path(said.partition(", in ")[2].partition(", and plays")[0])
    try:
        with av.open(str(part)) as file:
            times = [float(frame.time or 0) for frame in file.decode(video=0)]
        assert times[-1] > seconds - 2
        # What the page holds goes on from there.
        with notebook.page.expect_download() as download:
            notebook.output(0).get_by_role("button", name="Save").first.click()
        assert Path(download.value.path()).stat().st_size > 0
    finally:
        shutil.rmtree(part.parent)


def test_nothing_is_lost_while_the_network_is_gone(lab, barcode_context, open_notebook, tmp_path) -> None:
    """The frames' own numbers are read from the film: none twice, none of the cut missing."""
    with Relay(lab.port) as relay:
        notebook = open_notebook(
            [
                CAMERA.replace("'audio': True", "'audio': False").replace("24}", "30}")
                + PROBE
                + "film = VideoRecorder(stream=camera)\nfilm"
            ],
            server=lab.through(relay.port),
            context=barcode_context,
        )
        notebook.run_cell(0)
        notebook.run("film.recording = True")
        notebook.wait_for("film.state == 'recording' and film.seconds > 2")
        relay.cut("stall")
        notebook.page.wait_for_timeout(20_000)  # the cut itself: nothing is awaited
        relay.restore()
        notebook.wait_for("film.size > 0 and film.seconds > 24", timeout_s=90)
        notebook.run("film.recording = False; film.wait(30)")
        notebook.run(f"film.save({str(tmp_path / 'film.webm')!r})")
    with av.open(str(tmp_path / "film.webm")) as file:
        frames = [
            (float(f.time or 0), read_counter(f.to_ndarray(format="gray"))) for f in file.decode(video=0)
        ]
    times = [time for time, _ in frames]
    counters = [counter for _, counter in frames if counter is not None]
    assert times[-1] > 23
    assert len(counters) >= 0.98 * len(times)
    assert counters == sorted(set(counters))
    # A busy machine's camera leaves some out by itself, one here and one there; the cut would be a hole of 600.
    assert max(after - before for before, after in pairwise(counters)) < 30
    assert len(counters) >= 0.7 * (1 + counters[-1] - counters[0])
