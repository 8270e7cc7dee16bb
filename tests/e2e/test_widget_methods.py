"""How often a widget is captured, and by which method: as it was asked for, or with the reason why not."""

from __future__ import annotations

import pytest

from tests.e2e.harness import browser_context, chromium
from tests.widgets.likeness import view_of

# Draws in each frame of the page.
MOVING = """
import time
import anywidget
from ipymedia import WidgetStream
class Moving(anywidget.AnyWidget):
    _esm = '''
    export default { render({ el }) {
      el.innerHTML = '<canvas width="320" height="240" style="display:block"></canvas>';
      const context = el.firstChild.getContext("2d");
      let n = 0;
      const draw = () => {
        context.fillStyle = `hsl(${n++ % 360} 80% 50%)`;
        context.fillRect(0, 0, 320, 240);
        requestAnimationFrame(draw);
      };
      draw();
    } };'''
w = Moving()
def rate(seconds=4):
    "Pictures a second that come to the kernel, after the first ones."
    pictures = iter(stream.frames(timeout=10))
    for _ in range(5):
        next(pictures)
    began_s, count = time.monotonic(), 0
    while time.monotonic() - began_s < seconds:
        next(pictures)
        count += 1
    return count / (time.monotonic() - began_s)
"""


@pytest.mark.parametrize("bound", [2, 10, 17])
def test_max_fps_is_an_upper_bound(open_notebook, bound: int) -> None:
    notebook = open_notebook([MOVING, "w", f"stream = WidgetStream(w, max_fps={bound})"])
    notebook.run_all()
    rate = float(notebook.run("print(rate())"))
    assert 0.8 * bound <= rate <= 1.05 * bound
    # Set while it runs.
    notebook.run("stream.max_fps = 5")
    assert 4 <= float(notebook.run("print(rate())")) <= 5.25


def test_another_method_is_chosen_while_it_runs(open_notebook) -> None:
    notebook = open_notebook([MOVING, "w", "stream = WidgetStream(w)\nstream"])
    notebook.run_all()
    notebook.output(2).locator("video").wait_for()
    notebook.wait_for("stream.state == 'live'")
    assert notebook.evaluate("[stream.method, stream.method.why]") == [
        "compositor",
        "the widget gives no stream of its own",
    ]
    notebook.evaluate("setattr(stream, 'method', 'compositor')")
    notebook.wait_for("stream.state == 'live' and stream.method.why == 'you chose it'")
    notebook.evaluate("setattr(stream, 'method', 'auto')")
    notebook.wait_for(
        "stream.state == 'live' and stream.method == 'compositor' and 'no stream' in stream.method.why"
    )
    assert "TraitError" in notebook.run("stream.method = 'magic'", expect_error=True)
    assert notebook.evaluate("stream.method") == "compositor"


def test_a_browser_without_element_capture_says_so(open_notebook, context) -> None:
    context.add_init_script("delete window.RestrictionTarget")
    notebook = open_notebook([MOVING, "w", "stream = WidgetStream(w, method='tab')\nstream"], context=context)
    notebook.run_all()
    notebook.output(2).get_by_text("this browser has no Element Capture").wait_for()
    notebook.wait_for("stream.error is not None and stream.error.reason == 'no_device'")


def test_a_tab_says_when_it_waits(open_notebook, playwright, page_log) -> None:
    with (
        chromium(playwright, camera=None, extra_args=["--auto-accept-this-tab-capture"]) as browser,
        browser_context(browser, log=page_log) as context,
    ):
        far = "# " + "\n# ".join("space" for _ in range(60))
        notebook = open_notebook(
            [MOVING, "w", far, far, "stream = WidgetStream(w, method='tab')\nstream"], context=context
        )
        notebook.run_all()
        output = notebook.output(4)
        # The widget is scrolled away already.
        share = output.get_by_role("button", name="Share")
        output.get_by_text("out of sight").or_(share).first.wait_for()
        if share.count() > 0:
            share.click()
        waits = output.get_by_text("out of sight")
        waits.wait_for()
        notebook.output(1)
        view_of(notebook.output(1)).scroll_into_view_if_needed()
        waits.wait_for(state="detached")
        notebook.output(4)
        waits.wait_for()
        # It goes on from there by the other method.
        notebook.run("stream.method = 'compositor'")
        waits.wait_for(state="detached")
        notebook.wait_for("stream.state == 'live' and stream.method == 'compositor'")
