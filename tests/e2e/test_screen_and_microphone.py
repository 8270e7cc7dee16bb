"""`ScreenStream` and `MicrophoneStream`: asked for by a click, ended by the user, a stream without a picture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from tests.e2e.harness import (
    Camera,
    Capture,
    JupyterServer,
    PageLog,
    browser_context,
    chromium,
    shows,
    watch_capture,
)
from tests.e2e.test_examples import ROOT, open_example

# Headless Chromium has no bar with "Stop sharing": the tracks are kept, to be ended as the bar ends them. And whatever
# Playwright evaluates counts as a click of the user: here only true clicks and keys do, for the usual five seconds.
KEEP_SHARED = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  let clickedMs = -Infinity;
  for (const type of ["mousedown", "keydown"]) {
    addEventListener(type, (event) => { if (event.isTrusted) clickedMs = performance.now(); }, true);
  }
  const activation = { hasBeenActive: true, get isActive() { return performance.now() - clickedMs < 5000; } };
  Object.defineProperty(navigator, "userActivation", { value: activation });
  const ask = media.getDisplayMedia.bind(media);
  window.__shared = { streams: [], asked: [] };
  media.getDisplayMedia = async (options) => {
    __shared.asked.push(options);
    const stream = await ask(options);
    __shared.streams.push(stream);
    return stream;
  };
})()"""
STOP_SHARING = """() => { for (const track of __shared.streams.at(-1).getTracks()) {
  track.stop(); track.dispatchEvent(new Event("ended")); } }"""
SCREEN = """
from ipymedia import ScreenStream
screen = ScreenStream(surface="window", constraints={"frameRate": 20})
screen
"""


@pytest.fixture(scope="session")
def browser_with_screen(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that answers its own question for the screen: a whole one of 1280×720, with sound."""
    with chromium(playwright, camera=Camera(), extra_args=["--use-fake-ui-for-media-stream"]) as browser:
        yield browser


@pytest.fixture
def screen_context(browser_with_screen: Browser, page_log: PageLog) -> Iterator[BrowserContext]:
    with browser_context(browser_with_screen, log=page_log) as context:
        context.add_init_script(KEEP_SHARED)
        yield context


def test_a_screen_is_shared_by_a_click_and_ended_by_the_user(open_notebook, screen_context) -> None:
    notebook = open_notebook([SCREEN], context=screen_context)
    notebook.run_cell(0)  # by no key: the browser would open no question now
    view = notebook.output(0)
    share = view.get_by_role("button", name="Share …")
    share.wait_for()
    notebook.wait_for("screen.needs_click and screen.state == 'starting'")
    share.click()
    assert shows(view.locator("video")) == (1280, 720)
    notebook.wait_for("screen.state == 'live' and not screen.needs_click")
    asked = notebook.page.evaluate("() => __shared.asked")
    assert asked[0]["video"] == {"frameRate": 20, "displaySurface": "window"}
    assert asked[0]["audio"] is True
    assert notebook.run("print(screen.snapshot().shape)") == "(720, 1280, 3)\n"

    # The user stops: that is an end and no error; a loop over the pictures ends too.
    loop = notebook.start("seen = 0\nfor image in screen.frames(): seen += 1\nprint('over', seen > 0)")
    notebook.wait_for("seen > 2", subshell=True)
    notebook.page.evaluate(STOP_SHARING)
    notebook.wait_cell(loop)
    assert notebook.output_text(loop) == "over True\n"
    view.get_by_text("Sharing ended").wait_for()
    assert notebook.run("print(screen.state, screen.error)") == "stopped None\n"
    view.get_by_role("button", name="Share again").click()
    shows(view.locator("video"))

    # Running the cell is a key pressed: no further click is needed. Other settings count when it is shared again.
    notebook.run("screen.close()")
    notebook.set_source(0, SCREEN.replace("ScreenStream(", "ScreenStream(audio=False, "))
    notebook.page.locator(".jp-Cell").first.locator(".cm-content").click()
    notebook.page.keyboard.press("Shift+Enter")
    shows(notebook.output(0).locator("video"))
    assert notebook.page.evaluate("() => __shared.asked.at(-1).audio") is False
    notebook.run("screen.close()")
    assert notebook.page.evaluate(
        "() => __shared.streams.every(s => s.getTracks().every(t => t.readyState === 'ended'))"
    )


def test_a_refused_screen_says_so_and_can_be_asked_for_again(open_notebook, screen_context) -> None:
    notebook = open_notebook([SCREEN], context=screen_context)
    notebook.page.evaluate(
        """() => { const media = navigator.mediaDevices, ask = media.getDisplayMedia; let first = true;
        media.getDisplayMedia = async (options) => {
          if (first) { first = false; throw new DOMException("Permission denied", "NotAllowedError"); }
          return ask(options); }; }"""
    )
    notebook.run_cell(0)
    view = notebook.output(0)
    view.get_by_role("button", name="Share …").click()
    view.get_by_text("The screen is not allowed").wait_for()
    notebook.wait_for("screen.error is not None and screen.error.reason.value == 'permission_denied'")
    view.get_by_role("button", name="Try again").click()
    shows(view.locator("video"))
    notebook.wait_for("screen.state == 'live' and screen.error is None")


def test_a_microphone_is_a_stream_without_a_picture(open_notebook, context: BrowserContext) -> None:
    watch_capture(context)
    notebook = open_notebook(
        ["from ipymedia import MicrophoneStream\nmicrophone = MicrophoneStream()\nmicrophone"],
        context=context,
    )
    notebook.run_cell(0)
    capture = Capture(notebook.page)
    notebook.wait_for("microphone.state == 'live'")
    assert capture.live("video") == []
    assert len(capture.live("audio")) == 1
    notebook.wait_for("any(d['kind'] == 'audioinput' for d in microphone.devices)")
    assert notebook.evaluate("{d['kind'] for d in microphone.devices} == {'audioinput'}")

    view = notebook.output(0)
    view.get_by_role("button", name="Mute the microphone").click()
    notebook.wait_for("microphone.muted")
    assert not capture.live("audio")[0]["enabled"]
    notebook.run("microphone.muted = False")
    expect(view.get_by_role("button", name="Mute the microphone")).to_be_visible()
    notebook.page.wait_for_function("() => __capture.tracks.at(-1).enabled")

    for call in ("map(print)", "snapshot()", "frames()"):
        said = notebook.run(
            f"try:\n    microphone.{call}\nexcept Exception as e:\n    print(type(e).__name__, e)"
        )
        assert said.startswith("CaptureError ")
        assert "map_audio()" in said

    notebook.run("microphone.constraints = {'echoCancellation': False}")
    notebook.page.wait_for_function(
        "() => __capture.tracks.some(t => t.readyState === 'live' && t.getSettings().echoCancellation === false)"
    )
    notebook.clear_output(0)
    capture.wait_dark()


def test_screen_example(lab: JupyterServer, screen_context: BrowserContext) -> None:
    notebook, code = open_example(lab, screen_context, "screen.ipynb", ROOT / "examples" / "screen.ipynb")
    first, *others = code
    notebook.run_cell(first)
    notebook.output(first).get_by_role("button", name="Share …").click()
    printed = "".join(notebook.run_cell(index, timeout_s=60) for index in others[:-1])
    assert "(720, 1280, 3)" in printed
    assert "screen.mp4" in printed
    assert "pictures" in printed
    assert notebook.evaluate("[str(each.error) for each in (screen, changes)]") == ["None"] * 2
    mapped = next(index for index, source in code.items() if source.endswith("changes"))
    assert notebook.output(mapped).locator(".ipymedia-message").count() == 0
    notebook.run_cell(others[-1])
    notebook.shut_down()
