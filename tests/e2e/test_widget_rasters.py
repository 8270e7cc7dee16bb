"""What the raster of a widget leaves out, and what it must not leave out."""

from __future__ import annotations

from tests.e2e.test_widgets import ALIKE, captured
from tests.widgets.likeness import likeness, true_picture, view_of

STYLED = """
import anywidget
class Styled(anywidget.AnyWidget):
    _esm = '''
    function render({ el }) {
      const sheet = document.head.appendChild(document.createElement("style"));
      sheet.textContent = `
        @layer late { .menu-x { display: none } .badge-x::after { content: " new"; color: white; background: crimson } }
        @media (min-width: 1px) { .row-x > :nth-child(2) { background: gold } }
        .row-x { display: flex; width: 300px; overflow: hidden; height: 60px }
        .row-x > div { flex: 0 1 auto; font: 20px sans-serif }
        .row-x > div > p { width: 220px; margin: 0; background: teal; color: white }`;
      el.innerHTML = `<h3 class="badge-x">Title</h3>
        <div class="row-x"><div><p>one</p></div><div><p>two</p></div></div>
        <div class="menu-x">${"<p><b>item</b></p>".repeat(2000)}</div>
        <svg width="120" height="40"><defs><linearGradient id="g-x"><stop stop-color="red"/><stop offset="1"
          stop-color="blue"/></linearGradient></defs><rect width="120" height="40" fill="url(#g-x)"/></svg>`;
      // As some libraries put in their rules: no node of the page changes.
      window.addRule = () => sheet.sheet.insertRule(".badge-x { letter-spacing: 6px; text-decoration: underline }");
    }
    export default { render };'''
from ipymedia import WidgetStream
w = Styled()
"""


def test_only_what_is_seen_is_rasterised_and_all_of_it(open_notebook) -> None:
    notebook = open_notebook([STYLED, "w", "stream = WidgetStream(w)"])
    notebook.run_all()
    view = view_of(notebook.output(1))
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    # What was hidden is there as soon as it is shown; a rule that came by itself counts with the next change.
    view.evaluate("() => { window.addRule(); document.querySelector('.row-x').append('more'); }")
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    shown = "display: block; height: 80px; overflow: hidden"
    view.evaluate("(view, style) => { view.querySelector('.menu-x').style.cssText = style; }", shown)
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE


# Each raster becomes an image.
COUNT_RASTERS = """() => {
  window.__rasters = 0;
  const { set, ...rest } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", { ...rest, set(source) {
    if (String(source).startsWith("data:image/svg+xml")) window.__rasters += 1;
    set.call(this, source);
  } });
}"""


def test_of_the_pages_style_sheets_those_count_that_concern_it(open_notebook) -> None:
    notebook = open_notebook([STYLED, "w", "stream = WidgetStream(w)\nstream"])
    notebook.run_all()
    view = view_of(notebook.output(1))
    notebook.page.evaluate(COUNT_RASTERS)
    picture = captured(notebook, "stream.picture()")
    rules = "{ background: lime !important }"
    add = "rules => { document.head.append(Object.assign(document.createElement('style'), { textContent: rules })); }"
    notebook.page.evaluate(add, f".nobody-x {rules}")  # the first is not known to concern nobody
    notebook.page.wait_for_timeout(1500)
    before = notebook.page.evaluate("window.__rasters")
    notebook.page.evaluate(add, f".nobody-y {rules}")
    notebook.page.wait_for_timeout(1500)
    assert notebook.page.evaluate("window.__rasters") == before
    assert likeness(true_picture(view), picture) > ALIKE
    notebook.page.evaluate(add, f".badge-x {rules}")
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    # Of a linked one the rules are there later.
    notebook.run("open('late.css', 'w').write('.row-x { outline: 6px solid purple; border: 9px solid red }')")
    notebook.page.evaluate(
        """async () => {
          const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/files/late.css" });
          const loaded = new Promise((resolve) => (link.onload = resolve));
          document.head.append(link);
          await loaded;
        }"""
    )
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE


COVERED = """
import anywidget
class Covered(anywidget.AnyWidget):
    _esm = '''
    function render({ el }) {
      el.innerHTML = `<div style="position: relative; width: 320px; height: 200px">
        <div style="overflow: hidden; border-radius: 30px; width: 300px; height: 180px">
          <canvas width="320" height="200" style="display: block"></canvas></div>
        <b style="position: absolute; left: 20px; top: 20px; padding: 8px; background: black; color: white">opaque</b>
        <b style="position: absolute; left: 120px; top: 90px; padding: 20px; background: rgb(255 0 0 / 40%)">half</b>
        <input type="range" style="position: absolute; left: 20px; top: 150px; width: 200px">
        <i style="position: absolute; right: 0; bottom: 0">beside</i></div>`;
      const context = el.querySelector("canvas").getContext("2d");
      for (let x = 0; x < 320; x += 20) {
        context.fillStyle = `hsl(${x} 80% 60%)`;
        context.fillRect(x, 0, 20, 200);
      }
    }
    export default { render };'''
from ipymedia import WidgetStream
w = Covered()
"""


def test_what_lies_over_a_surface_and_what_cuts_it(open_notebook) -> None:
    notebook = open_notebook([COVERED, "w", "stream = WidgetStream(w)"])
    notebook.run_all()
    view = view_of(notebook.output(1))
    try:
        for dark in (False, True):
            notebook.set_dark(dark)
            assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE, dark
    finally:
        notebook.set_dark(False)


# Pillow holds a font of its own. The page has one face of it, and never asks for the other, or for what is not there.
LETTERED = """
import anywidget
from PIL import ImageFont
open("lettered.ttf", "wb").write(ImageFont.load_default(20).font_bytes)
class Lettered(anywidget.AnyWidget):
    _esm = '''
    async function render({ el }) {
      const sheet = document.head.appendChild(document.createElement("style"));
      sheet.textContent = `
        @media all { @font-face { font-family: "Lettered"; src: url("/files/none.eot") format("embedded-opentype"),
          url("/files/lettered.ttf") format("truetype") } }
        @font-face { font-family: "Lettered"; font-style: italic; src: url("/files/italic.ttf") }`;
      el.innerHTML = `<p style="font: 40px/1 Lettered, monospace; margin: 8px; width: 500px">Written & drawn in it</p>
        <span style="position: absolute; width: 1px; height: 1px; overflow: hidden">for those who hear</span>`;
    }
    export default { render };'''
from ipymedia import WidgetStream
w = Lettered()
"""


def test_text_is_drawn_in_the_fonts_that_the_page_loaded(open_notebook, context) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    notebook = open_notebook([LETTERED, "w", "stream = WidgetStream(w)"], context=context)
    notebook.run_all()
    view = view_of(notebook.output(1))
    notebook.page.evaluate("() => document.fonts.ready")
    assert notebook.page.evaluate(
        "() => [...document.fonts].some((f) => /Lettered/.test(f.family) && f.status === 'loaded')"
    )
    assert likeness(true_picture(view), captured(notebook, "stream.picture()")) > ALIKE
    assert not [url for url in asked if url.endswith(("none.eot", "italic.ttf"))]
