"""A notebook rendered by Voila: every cell has been run, there is nothing but outputs."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page

from tests.e2e.harness.jupyter_server import JupyterServer


class VoilaPage:
    """A notebook that Voila ran.

    On a ``"voila"`` server it is the stand-alone application (no jupyter-server-proxy there); on a ``"lab"``
    server it is Voila's server extension, beside whatever else the server has.

    Parameters
    ----------
    context : BrowserContext
    server : JupyterServer
    name : str
        The notebook's file name, from `JupyterServer.write_notebook`.

    Attributes
    ----------
    page : playwright.sync_api.Page
    """

    def __init__(
        self, context: BrowserContext, server: JupyterServer, name: str, *, timeout_s: float = 60.0
    ) -> None:
        self.server = server
        self.name = name
        self.page: Page = context.new_page()
        self.page.goto(f"{server.url}voila/render/{name}?token={server.token}", timeout=timeout_s * 1000)
        self.page.locator("#rendered_cells").wait_for(state="visible", timeout=timeout_s * 1000)

    def output(self, index: int) -> Locator:
        """Give the locator of the code cell's output; Voila hides the sources, and keeps the cells' order."""
        return self.page.locator(".jp-Cell").nth(index)

    def output_text(self, index: int) -> str:
        return self.output(index).inner_text().strip()

    def shut_down(self) -> None:
        """Close the page; Voila ends the kernel of a closed page by itself."""
        self.page.close()
