"""`VideoStream`, `AudioStream`, `ImageStream`: a file that the page plays is a stream like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import av
from playwright.sync_api import expect

from tests.e2e.harness import browser_context, chromium, count_carried, shows
from tests.media import long_film

FILM = """
from ipymedia import VideoStream
film = VideoStream.from_file({film!r}, loop=False, muted=True)
film
"""


def test_a_film_plays_seeks_and_ends(open_notebook, film) -> None:
    notebook = open_notebook([FILM.format(film=str(film))])
    notebook.run_cell(0)
    view = notebook.output(0)
    shows(view.locator("video"))
    notebook.wait_for("film.state == 'live' and film.time > 0.5")
    assert abs(notebook.evaluate("film.duration") - _duration_s(film)) < 0.1
    assert notebook.evaluate("film.snapshot().shape") == list(_size(film))
    # Where Python wants it, and no further while it is paused; who comes then gets pictures too.
    notebook.run("film.playing = False\nfilm.time = 3")
    notebook.wait_for("abs(film.time - 3) < 0.05")
    assert notebook.evaluate("[f.shape for f, _ in zip(film.frames(), range(2))]") == [list(_size(film))] * 2
    assert abs(notebook.evaluate("film.time") - 3) < 0.05
    # From the page: the slider, and the keys.
    slider = view.get_by_role("slider", name="Time")
    assert slider.get_attribute("aria-valuetext").startswith("0:03 / ")
    view.get_by_role("group", name="Film").press("ArrowLeft")
    notebook.wait_for("film.time == 0")
    # Its end is an end: loops end too; a new time begins again.
    notebook.run("film.rate = 4\nfilm.playing = True")
    assert notebook.evaluate("sum(1 for _ in film.frames())", timeout_s=60) > 20
    assert notebook.evaluate("(film.state, film.error)") == ["stopped", None]
    expect(view.get_by_text("The film is over")).to_be_visible()
    notebook.run("film.time = 1")
    notebook.wait_for("film.state == 'live' and film.time > 1.2")


def _duration_s(path: Path) -> float:
    with av.open(str(path)) as file:
        assert file.duration is not None
        return file.duration / av.time_base


def _size(path: Path) -> tuple[int, int, int]:
    with av.open(str(path)) as file:
        picture = next(file.decode(video=0))
        return picture.height, picture.width, 3


def test_a_large_film_starts_at_once_and_is_not_sent_as_a_whole(open_notebook, film, tmp_path) -> None:
    large = long_film(film, tmp_path / "large.mp4", megabytes=500)
    cell = f"from ipymedia import VideoStream\nfilm = VideoStream.from_file({str(large)!r}, muted=True)\nfilm"
    notebook = open_notebook([cell])
    carried = count_carried(notebook.page)
    notebook.run("import ipymedia.streams.video")
    began = notebook.evaluate("__import__('time').time()")
    notebook.run_cell(0)
    shows(notebook.output(0).locator("video"))
    assert notebook.page.evaluate("Date.now()") / 1000 - began < 10  # half a gigabyte takes longer
    notebook.wait_for("film.time > 1")
    assert "value" not in notebook.evaluate("list(film.video.get_state())")
    assert carried["film"] < 20e6
    notebook.save()
    carried.update({"film": 0, "else": 0})
    notebook.reload()
    shows(notebook.output(0).locator("video"))
    notebook.wait_for("film.state == 'live' and film.time > 1")  # where it was
    assert carried["else"] < 1e6
    assert carried["film"] < 20e6  # its index, and the first seconds


def test_a_sound_an_image_and_players_of_ipywidgets(open_notebook, film, tmp_path) -> None:
    notebook = open_notebook(
        [
            f"""
import io, ipywidgets, numpy, PIL.Image
from ipymedia import AudioRecorder, AudioStream, ImageStream, VideoStream
def png(color, size=(64, 48)):
    file = io.BytesIO()
    PIL.Image.new("RGB", size, color).save(file, "png")
    return file.getvalue()
open({str(tmp_path / "red.png")!r}, "wb").write(png("red"))
image = ImageStream.from_file({str(tmp_path / "red.png")!r})
sound = AudioStream.from_file({str(film)!r})
player = ipywidgets.Video.from_file({str(film)!r}, autoplay=False, controls=False)
film = VideoStream(video=player, muted=True)
ipywidgets.VBox([image, sound, film, ipywidgets.HBox([film.video])])
"""
        ]
    )
    notebook.run_cell(0)
    notebook.wait_for("image.state == sound.state == film.state == 'live'")
    assert notebook.evaluate("image.snapshot().mean((0, 1)).tolist()") == [255, 0, 0]
    # Python pushes pictures through it, of another size too.
    notebook.run("image.image.value = png((0, 0, 255), (80, 40))")
    notebook.run(
        "pictures = image.frames()\nwhile (shot := image.snapshot()).shape != (40, 80, 3): next(pictures)"
    )
    assert notebook.evaluate("shot.mean((0, 1)).tolist()") == [0, 0, 255]
    # The picture of a player's bytes, and of its other views.
    assert notebook.evaluate("film.snapshot().shape") == list(_size(film))
    # The sound is there to be recorded.
    notebook.run("recorder = AudioRecorder(stream=sound)\nrecorder.recording = True")
    notebook.wait_for("recorder.seconds > 2")
    notebook.run("recorder.recording = False")
    notebook.wait_for("recorder.state == 'done'")
    notebook.run("import av\nblocks = list(av.open(io.BytesIO(bytes(recorder.audio.value))).decode(audio=0))")
    assert notebook.evaluate("max(float(abs(block.to_ndarray()).max()) for block in blocks)") > 0.005
    assert notebook.evaluate("(sound.time > 1, sound.duration > 5)") == [True, True]
    # What is no picture says so; the next picture is shown.
    notebook.run("image.image.value = b'no picture'")
    asked = "try:\n    image.snapshot()\nexcept Exception as error:\n    print(error.reason.value)"
    assert "not_media" in notebook.run(asked)
    notebook.run(
        "image.image.value = png('red')\nassert image.snapshot().mean((0, 1)).tolist() == [255, 0, 0]"
    )


def test_addresses(open_notebook, film, tmp_path) -> None:
    """What the browser finds, what it may not read, and what the kernel downloads."""
    with _server(film.parent) as other:
        notebook = open_notebook(
            [
                f"""
from IPython.display import display
from ipymedia import ImageStream, VideoStream
missing = VideoStream.from_url("/files/not-there.mp4")
foreign = VideoStream.from_url("{other}/{film.name}")
fetched = VideoStream.from_download("{other}/{film.name}", muted=True)
page = VideoStream.from_url("/static/favicons/favicon.ico")
display(missing, foreign, fetched, page)
"""
            ]
        )
        notebook.set_size(1280, 2600)  # each in sight: what is not seen rests
        notebook.run_cell(0)
        notebook.wait_for("missing.error and foreign.error and page.error and fetched.state == 'live'")
    assert notebook.evaluate("[s.error.reason.value for s in (missing, foreign, page)]") == [
        "load_failed",
        "cross_origin",
        "not_media",
    ]
    expect(notebook.output(0).get_by_text("from_download()")).to_be_visible()
    assert "no_file" in notebook.run(
        "try:\n    VideoStream.from_file('nowhere.mp4')\nexcept Exception as e:\n    print(e.reason.value, e)"
    )


def test_a_film_comes_in_parts_where_there_is_only_the_comm(
    open_notebook, lab_without_proxy, playwright, camera, page_log, film
) -> None:
    # From another machine, without the proxy, nothing but the comm leads to the kernel. And, as in Safari, elements
    # can't be captured: their pictures are drawn, their sound goes through Web Audio.
    server = lab_without_proxy.known_as("lab.example")
    flags = ["--host-resolver-rules=MAP lab.example 127.0.0.1"]
    with (
        chromium(playwright, camera=camera, extra_args=flags) as browser,
        browser_context(browser, permission=None, log=page_log) as context,
    ):
        context.add_init_script("delete HTMLMediaElement.prototype.captureStream")
        notebook = open_notebook([FILM.format(film=str(film))], server=server, context=context)
        notebook.run_cell(0)
        notebook.wait_for("film.state == 'live' and film.time > 0.5")
        assert notebook.evaluate("film.stats.carrier") == "comm"
        shows(notebook.output(0).locator("video"))
        assert notebook.evaluate("film.snapshot().shape") == list(_size(film))
        # A picture that stands still is there for who comes late.
        notebook.run("film.playing = False")
        assert notebook.evaluate("film.snapshot().shape") == list(_size(film))


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A server of another origin, which says nothing of CORS."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
