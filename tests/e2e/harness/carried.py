"""What a page takes over the network."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def count_carried(page: Page) -> dict[str, int]:
    """Count the bytes from now on: of films, and else. The counts go on; set them back as you like."""
    carried = {"film": 0, "else": 0}
    urls: dict[str, str] = {}

    def loaded(event: dict[str, Any]) -> None:
        what = "film" if "/ipymedia/file/" in urls.get(event["requestId"], "") else "else"
        carried[what] += max(0, int(event["encodedDataLength"]))

    def frame(event: dict[str, Any]) -> None:
        carried["else"] += len(event["response"]["payloadData"])

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]})
    )
    session.on("Network.loadingFinished", loaded)
    session.on("Network.webSocketFrameReceived", frame)
    return carried
