"""`CameraStream` in a real browser: what it shows, what Python and a click change in it, what it says when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Playwright, expect

from tests.e2e.harness import (
    Camera,
    Capture,
    JupyterServer,
    NotebookPage,
    PageLog,
    browser_context,
    chromium,
    fail_capture,
    shows,
    watch_capture,
)

CAMERA = "from ipymedia import CameraStream\ncamera = CameraStream()\ncamera"


@pytest.fixture
def two_cameras(browser_with_two_cameras: Browser, page_log: PageLog) -> Iterator[BrowserContext]:
    """A profile with two cameras and a microphone, which notes what its pages open."""
    with browser_context(browser_with_two_cameras, log=page_log) as context:
        watch_capture(context)
        yield context


def cameras_of(notebook: NotebookPage) -> list[str]:
    notebook.wait_for("len([d for d in camera.devices if d['kind'] == 'videoinput']) == 2")
    return notebook.evaluate("[d['label'] for d in camera.devices if d['kind'] == 'videoinput']")


def picture(output: Locator) -> Locator:
    return output.locator(".ipymedia-picture")


def button(output: Locator, name: str) -> Locator:
    output.locator(".ipymedia-player").hover()
    return output.get_by_role("button", name=name)


def test_python_changes_the_running_camera(two_cameras: BrowserContext, open_notebook) -> None:
    notebook = open_notebook([CAMERA], context=two_cameras)
    notebook.run_cell(0)
    output, capture = notebook.output(0), Capture(notebook.page)
    shows(picture(output))
    first, second = cameras_of(notebook)
    notebook.wait_for("camera.state == 'live' and camera.error is None")

    notebook.run(f"camera.device = {second!r}")
    capture.wait_video(second)
    shows(picture(output))
    notebook.run("camera.device = 'no such camera'")
    assert "no such camera" in notebook.wait_for("camera.error and camera.error.message")
    assert notebook.evaluate("[camera.error.reason, type(camera.error).__name__]") == [
        "no_device",
        "CaptureError",
    ]
    expect(output.locator(".ipymedia-bar")).to_contain_text("no such camera")
    capture.wait_video(second)  # it goes on
    shows(picture(output))
    notebook.run(f"camera.device = {first!r}")
    notebook.wait_for("camera.error is None and camera.state == 'live'")
    capture.wait_video(first)
    expect(output.locator(".ipymedia-bar")).to_have_count(0)

    notebook.run("camera.constraints = {'audio': False, 'video': {'width': 320, 'height': 240}}")
    notebook.page.wait_for_function(
        "() => __capture.tracks.filter(t => t.readyState === 'live').map(t => t.getSettings().width).join() === '320'"
    )
    output.locator("video").evaluate(
        "v => v.videoWidth === 320 || new Promise(done => v.addEventListener('resize', done, { once: true }))"
    )
    assert shows(picture(output)) == (320, 240)
    notebook.run("camera.constraints = {'video': {'width': {'exact': 9999}}}")
    notebook.wait_for("camera.error and camera.error.reason == 'constraints_unmet'")
    assert "width" in notebook.evaluate("camera.error.message")
    assert notebook.evaluate("camera.state") == "live"
    shows(picture(output))
    notebook.run("camera.constraints = {'audio': False, 'video': True}")
    notebook.wait_for("camera.error is None")
    assert "'audio' and 'video'" in notebook.run("camera.constraints = {'width': 5}", expect_error=True)
    assert "constraints" in notebook.run("camera.constraints = 5", expect_error=True)
    assert capture.live("video") != []


def test_the_controls(two_cameras: BrowserContext, open_notebook, tmp_path: Path) -> None:
    notebook: NotebookPage = open_notebook(
        [CAMERA, "another = CameraStream(constraints={'video': True})\nanother"], context=two_cameras
    )
    notebook.run_cell(0)
    page, output, capture = notebook.page, notebook.output(0), Capture(notebook.page)
    shows(picture(output))
    first, second = cameras_of(notebook)
    running = capture.live("video")[0]["label"]
    other = second if running == first else first

    button(output, "Choose camera and microphone").click()
    page.get_by_role("menuitemradio", name=other).click()
    capture.wait_video(other)
    device = notebook.wait_for("camera.device")
    assert notebook.evaluate(f"next(d['label'] for d in camera.devices if d['id'] == {device!r})") == other
    notebook.run_cell(1)  # a camera that names no device takes the user's last choice
    shows(picture(notebook.output(1)))
    assert {track["label"] for track in capture.live("video")} == {other}

    output = notebook.output(0)
    button(output, "Mute the microphone").click()
    notebook.wait_for("camera.muted")
    assert [track["enabled"] for track in capture.live("audio")] == [False]
    button(output, "Unmute the microphone").click()
    notebook.wait_for("not camera.muted")
    assert [track["enabled"] for track in capture.live("audio")] == [True]

    button(output, "Mirror the view").click()
    notebook.wait_for("camera.mirrored")
    # A matrix whose first number is negative flips left and right.
    flipped = "e => new DOMMatrix(getComputedStyle(e).transform).a"
    assert output.locator(".ipymedia-stage").evaluate(flipped) == -1
    button(output, "Show the figures").click()
    notebook.wait_for("camera.badge")
    expect(output.locator(".ipymedia-badge")).to_contain_text("640 × 480")

    with page.expect_download() as download:
        button(output, "Save a snapshot").click()
    saved = Image.open(download.value.path())
    assert (saved.format, saved.size) == ("PNG", (640, 480))
    assert any(low < high for low, high in saved.convert("RGB").getextrema())

    button(output, "Full screen").click()
    page.wait_for_function("document.fullscreenElement?.matches('.ipymedia-player')")
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("document.fullscreenElement === null")

    button(output, "Pause").click()
    notebook.wait_for("not camera.playing")
    assert output.locator("video").evaluate("v => v.paused")
    # The keyboard of a focused player is its own: in a notebook "m" makes a cell Markdown, space scrolls.
    output.locator(".ipymedia-player").focus()
    page.keyboard.press("Space")
    notebook.wait_for("camera.playing")
    page.keyboard.press("m")
    notebook.wait_for("camera.muted")
    page.keyboard.press("i")
    notebook.wait_for("not camera.badge")
    assert notebook.evaluate("camera.page_writes_refused") == 0
    notebook.run_cell(0)  # it is still a code cell


def test_a_busy_camera(context: BrowserContext, open_notebook) -> None:
    watch_capture(context)
    notebook = open_notebook([CAMERA], context=context)
    fail_capture(notebook.page, "NotReadableError")
    notebook.run_cell(0)
    output = notebook.output(0)
    expect(output.locator(".ipymedia-card")).to_contain_text("another program uses it")
    notebook.wait_for("camera.state == 'failed' and camera.error.reason == 'device_busy'")
    assert "device_busy" in notebook.run(
        "try: camera.snapshot()\nexcept Exception as error: print(error.reason.value, type(error).__name__)"
    )
    fail_capture(notebook.page, None)
    output.get_by_role("button", name="Try again").click()
    shows(picture(output))
    notebook.wait_for("camera.state == 'live' and camera.error is None")


def test_permission_denied(denying_context: BrowserContext, open_notebook) -> None:
    notebook = open_notebook([CAMERA], context=denying_context)
    notebook.run_cell(0)
    expect(notebook.output(0).locator(".ipymedia-card")).to_contain_text("Allow it in the site's settings")
    notebook.wait_for("camera.state == 'failed' and camera.error.reason == 'permission_denied'")


def test_a_page_that_is_not_secure(
    playwright: Playwright, lab: JupyterServer, camera: Camera, page_log: PageLog, open_notebook
) -> None:
    name = "lab.example"
    rules = f"--host-resolver-rules=MAP {name} 127.0.0.1"
    with (
        chromium(playwright, camera=camera, extra_args=[rules]) as browser,
        browser_context(browser, log=page_log) as context,
    ):
        notebook = open_notebook([CAMERA], server=lab.known_as(name), context=context)
        assert notebook.page.evaluate("[location.hostname, isSecureContext]") == [name, False]
        notebook.run_cell(0)
        card = notebook.output(0).locator(".ipymedia-card")
        expect(card).to_contain_text(f"http://{name}:{lab.port}")
        expect(card).to_contain_text("https")
        notebook.wait_for("camera.state == 'failed' and camera.error.reason == 'insecure_context'")


def test_no_camera(browser_without_camera: Browser, page_log: PageLog, open_notebook) -> None:
    with browser_context(browser_without_camera, log=page_log) as context:
        notebook = open_notebook([CAMERA], context=context)
        notebook.run_cell(0)
        expect(notebook.output(0).locator(".ipymedia-card")).to_contain_text("PatternStream()")
        notebook.wait_for("camera.state == 'failed' and camera.error.reason == 'no_device'")
        assert notebook.evaluate("camera.devices") == []
