"""The examples, and the README's first one, run as a newcomer runs them."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.harness import JupyterServer, NotebookPage, PageLog, browser_context, shows
from tests.e2e.harness.pixels import pixels, wait_for_pixels
from tests.e2e.rooms.people import Person

ROOT = Path(__file__).parents[2]
LIVE = ROOT / "examples" / "live.ipynb"
# The cells whose last line shows a stream.
STREAMS = {"camera", "edges", "movement", "features", "thick_edges"}


def first_example() -> str:
    """Give the first Python block of the README."""
    found = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1)


def open_example(
    server: JupyterServer, context: BrowserContext, name: str, example: Path = LIVE
) -> tuple[NotebookPage, dict[int, str]]:
    """Open a copy of the example, and give its code cells by their index."""
    shutil.copy(example, server.root / name)
    cells = nbformat.read(example, as_version=4).cells
    code = {index: cell.source for index, cell in enumerate(cells) if cell.cell_type == "code"}
    return NotebookPage(context, server, name, timeout_s=60), code


def assert_live(notebook: NotebookPage, index: int) -> None:
    """Assert that the cell's picture holds more than one colour, and others a moment later."""
    picture = notebook.output(index).locator(".ipymedia-picture")
    first = wait_for_pixels(picture, lambda seen: int(seen.max()) - int(seen.min()) > 100)
    wait_for_pixels(picture, lambda seen: seen.shape != first.shape or bool((seen != first).any()))
    assert notebook.output(index).locator(".ipymedia-message").count() == 0


def run_live_example(server: JupyterServer, context: BrowserContext, name: str) -> str:
    """Run every cell of the live example; give what its first cell printed."""
    notebook, code = open_example(server, context, name)
    printed = {index: notebook.run_cell(index, timeout_s=60) for index in code}
    shown = {index: source.splitlines()[-1] for index, source in code.items()}
    for index, stream in shown.items():
        if stream in STREAMS:
            assert_live(notebook, index)
    assert set(shown.values()) >= STREAMS
    assert any("mean brightness of 20 pictures" in text for text in printed.values())
    assert any(text.startswith("Stats(carrier='socket'") for text in printed.values())
    assert notebook.evaluate("[stream.error is None for stream in (edges, movement, features)]") == [True] * 3
    notebook.shut_down()
    return printed[min(printed)]


@pytest.mark.timeout(180)
def test_live_example(lab: JupyterServer, context: BrowserContext) -> None:
    assert "test card" not in run_live_example(lab, context, "live.ipynb")


@pytest.mark.timeout(180)
def test_live_example_without_a_camera(lab: JupyterServer, browser_without_camera, page_log: PageLog) -> None:
    with browser_context(browser_without_camera, log=page_log) as context:
        printed = run_live_example(lab, context, "live-without-camera.ipynb")
    assert "the browser finds none on this computer" in printed
    assert "a moving test card takes the camera's place" in printed


def is_of_edges(picture: np.ndarray) -> bool:
    """Whether it is Canny's: black and white; what lies between comes from the codec."""
    return bool(((picture < 60) | (picture > 195)).mean() > 0.8)


def test_the_first_example_of_the_readme(open_notebook) -> None:
    notebook = open_notebook([first_example()])
    notebook.run_cell(0)
    assert_live(notebook, 0)
    assert is_of_edges(pixels(notebook.output(0).locator(".ipymedia-picture")))


def test_each_stream_and_recorder_of_the_readme(open_notebook, film: Path) -> None:
    section = (ROOT / "README.md").read_text().partition("## Each in three lines")[2].partition("\n## ")[0]
    examples = re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    names = [example.splitlines()[-1] for example in examples]
    notebook = open_notebook(examples)
    notebook.run(
        "import av, numpy as np, os, tempfile, wave\n"
        "os.chdir(tempfile.mkdtemp())\n"
        f"os.symlink({str(film)!r}, 'film.mp4')\n"
        "import PIL.Image\nPIL.Image.new('RGB', (320, 240), 'teal').save('picture.png')\n"
        "with wave.open('sound.wav', 'wb') as file:\n"
        "    file.setnchannels(1); file.setsampwidth(2); file.setframerate(48000)\n"
        "    file.writeframes(bytes(96000))"
    )
    live = {"camera", "microphone", "film", "sound", "picture", "arrays", "card", "stream"}
    assert set(names) == {*live, "screen", "recorder", "dictaphone", "shutter"}
    for index, name in enumerate(names):
        notebook.run_cell(index)
        if name in live:
            _see_live(notebook, index, name)
    notebook.run("for each in (recorder, dictaphone, shutter): each.recording = True")
    notebook.wait_for("recorder.seconds > 1 and dictaphone.seconds > 1 and shutter.state == 'done'")
    notebook.run("recorder.recording = dictaphone.recording = False\nrecorder.wait(20); dictaphone.wait(20)")
    assert notebook.evaluate("os.path.getsize('card.mp4') > 5000 and len(dictaphone.audio.value) > 50000")


def _see_live(notebook: NotebookPage, index: int, name: str) -> None:
    """Look at a stream until it is live: what is not seen rests, and outputs above may push it out of sight."""
    is_live = f"{name}.state == 'live' and {name}.error is None"
    for _ in range(15):
        notebook.output(index)
        with suppress(AssertionError):
            notebook.wait_for(is_live, timeout_s=3)
            return
    raise AssertionError(f"{name} did not become live while it was looked at")


def test_the_first_example_where_the_camera_is_denied(open_notebook, denying_context) -> None:
    """The views of what functions make of the camera say why there is nothing, whenever they were opened."""
    second = "camera.map(lambda image: image, name='second')"
    notebook = open_notebook([first_example(), second], context=denying_context)
    for index in (0, 1):
        notebook.run_cell(index)
        message = notebook.output(index).locator(".ipymedia-message")
        message.get_by_text("The camera is not allowed").wait_for()
    assert notebook.evaluate("[camera.error.reason, edges.error.reason]") == ["permission_denied"] * 2


def test_arrays_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "arrays.ipynb", ROOT / "examples" / "arrays.ipynb")
    for index, source in code.items():
        if source.startswith("game.close"):
            break
        notebook.run_cell(index, timeout_s=60)
        if source.splitlines()[-1] in ("game", "trail"):
            assert_live(notebook, index)
    assert "120 pictures were shown" in "".join(notebook.output_text(index) for index in code)
    assert notebook.evaluate("[each.error is None for each in (stream, game, trail)]") == [True] * 3
    notebook.shut_down()


def test_opencv_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "opencv.ipynb", ROOT / "examples" / "opencv.ipynb")
    for index, source in code.items():
        loops = "while True" in source
        notebook.run_cell(index, wait=not loops, timeout_s=60)
        if loops:
            edges = notebook.output(index).locator(".ipymedia-player", has_text="edges")
            shows(edges.locator(".ipymedia-picture"))
            edges.click(position={"x": 200, "y": 150})
            notebook.page.keyboard.press("q")
            assert notebook.wait_cell(index).endswith("ended by q\n")
    assert notebook.output_text(max(code)).endswith("(240, 320, 3) 60.0\n")
    notebook.shut_down()


def test_edges_on_a_video_example(lab: JupyterServer, context: BrowserContext) -> None:
    name = "edges_on_a_video.ipynb"
    notebook, code = open_example(lab, context, name, ROOT / "examples" / name)
    *cells, last = code
    for index in cells:
        notebook.run_cell(index, timeout_s=120)
    assert_live(notebook, cells[-1])
    # The new films play in the browser, to the same end.
    made = [notebook.output(index).locator("video") for index in cells[:-1]]
    assert len(made) == 3
    for video in made:
        video.evaluate(
            "video => new Promise(done => video.readyState ? done() : (video.onloadedmetadata = done))"
        )
    lengths = [video.evaluate("video => video.duration") for video in made]
    assert max(lengths) - min(lengths) < 0.1
    notebook.run_cell(last)
    notebook.shut_down()


def test_any_widget_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "any_widget.ipynb", ROOT / "examples" / "any_widget.ipynb")
    printed = ""
    for index, source in code.items():
        printed += notebook.run_cell(index, timeout_s=60)
        if source.splitlines()[-1] in ("stream", "negative"):
            shows(notebook.output(index).locator(".ipymedia-picture"))
    assert "compositor - the widget gives no stream of its own" in printed
    assert re.search(r"^rain.mp4 \d+ kB$", printed, re.MULTILINE)
    assert "(40, 320, 3) uint8" in printed
    notebook.shut_down()


def test_film_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "film.ipynb", ROOT / "examples" / "film.ipynb")
    printed = "".join(notebook.run_cell(index, timeout_s=120) for index in code)
    assert "wave.mp4: 72 pictures" in printed
    assert "wave.gif: 18 pictures" in printed
    notebook.shut_down()


def test_recorders_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "recorders.ipynb", ROOT / "examples" / "recorders.ipynb")
    printed = "".join(notebook.run_cell(index, timeout_s=60) for index in code)
    assert re.search(r"^[345]\.\d s, \d+ kB$", printed, re.MULTILINE)
    assert "True" in printed
    assert ".mp4 None" in printed
    sizes = "[os.path.getsize(n) > 5000 for n in ('film.webm', 'film.mp4', 'shot.jpeg')]"
    notebook.run("import os")
    assert notebook.evaluate(sizes) == [True] * 3
    assert notebook.evaluate("[each.error is None for each in (film, result, sound, shot)]") == [True] * 4
    notebook.shut_down()


def test_films_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "films.ipynb", ROOT / "examples" / "films.ipynb")
    for index, source in code.items():
        notebook.run_cell(index, timeout_s=60)
        if source.splitlines()[-1] in ("film", "kernels"):
            assert_live(notebook, index)
    assert "(240, 320, 3)" in "".join(notebook.output_text(index) for index in code)
    assert (
        notebook.evaluate("[s.error is None for s in (film, difference, tone, still, kernels)]") == [True] * 5
    )
    notebook.shut_down()


def test_sound_example(lab: JupyterServer, context: BrowserContext) -> None:
    notebook, code = open_example(lab, context, "sound.ipynb", ROOT / "examples" / "sound.ipynb")
    printed = "".join(notebook.run_cell(index, timeout_s=60) for index in code)
    assert len(re.findall(r"^\(\d, 12000\) +-?\d+\.\d dB$", printed, re.MULTILINE)) == 4
    assert notebook.evaluate("int(picture.max()) > 20")
    assert notebook.evaluate("[s.error is None for s in (microphone, muffled, spectrogram)]") == [True] * 3
    notebook.shut_down()


@pytest.mark.timeout(180)
def test_chat_example_opened_twice(lab: JupyterServer, context: BrowserContext) -> None:
    people = []
    for name in ("chat.ipynb", "chat-again.ipynb"):
        notebook, code = open_example(lab, context, name, ROOT / "examples" / "chat.ipynb")
        person = Person(notebook, "")
        joins, *rest = code
        person.cell = joins
        notebook.run_cell(joins, timeout_s=60)
        person.name = notebook.evaluate("room.nickname")
        people.append(person)
    first, second = people
    first.sees(second.name)
    second.sees(first.name)
    notebook = second.notebook
    for index in rest:
        printed = notebook.run_cell(index, timeout_s=60)
        last = code[index].splitlines()[-1]
        if last == "room.streams":
            assert f"the others: [{first.name!r}]" in printed
        elif last.startswith("room.streams[-1].map"):
            assert_live(notebook, index)
        elif last == "room.stream = camera.map(edges)":
            wait_for_pixels(first.picture_of(second.name), is_of_edges)
        elif last == "room.stream = camera":
            wait_for_pixels(first.picture_of(second.name), lambda seen: not is_of_edges(seen))
        elif last.startswith("room.send"):
            first.view.get_by_text("hello from Python").wait_for(state="attached")
    first.waits_for()
    for person in people:
        person.notebook.shut_down()
