"""Files over the link's own server: short ranges, known origins, nothing that was not registered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from ipymedia.link.files import MAX_RANGE_BYTES
from ipymedia.link.link import Link
from ipymedia.protocol.messages import FILE_PART_BYTES, FilePart, FileRead

from .dialler import ORIGIN, offer_for, run

Comms = list[dict[str, Any]]
SIZE = 3 * MAX_RANGE_BYTES + 7


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.webm"
    path.write_bytes(bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256))
    return path


def get(link: Link, comms: Comms, file: str, method: str = "GET", **headers: str) -> HTTPResponse:
    offer_for(link, comms)
    url = f"http://127.0.0.1:{link.port}/ipymedia/file/{file}"
    request = HTTPRequest(url, method=method, headers=headers)

    async def fetch() -> HTTPResponse:
        return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)

    return run(fetch())


def test_a_file_comes_in_short_ranges(link: Link, comms: Comms, film: Path) -> None:
    file = link.files.add(film, "video/webm", "my film.webm")
    first = get(link, comms, file, Range="bytes=0-")
    assert first.code == 206
    assert first.headers["Content-Range"] == f"bytes 0-{MAX_RANGE_BYTES - 1}/{SIZE}"
    assert first.body == film.read_bytes()[:MAX_RANGE_BYTES]
    part = get(link, comms, file, Range=f"bytes={SIZE - 5}-")
    assert part.body == film.read_bytes()[-5:]
    assert get(link, comms, file, Range="bytes=10-19").body == film.read_bytes()[10:20]
    assert get(link, comms, file, Range=f"bytes={SIZE}-").code == 416
    head = get(link, comms, file, method="HEAD")
    assert (head.headers["Content-Type"], int(head.headers["Content-Length"])) == ("video/webm", SIZE)
    assert "sandbox" in head.headers["Content-Security-Policy"]
    assert "my%20film.webm" in head.headers["Content-Disposition"]


def test_what_is_not_handed_out_is_not_there(link: Link, comms: Comms, film: Path) -> None:
    file = link.files.add(film, "video/webm", "film.webm")
    for other in ("0" * 32, "../" + file, f"{file}/../..", str(film), "%2e%2e%2fetc%2fpasswd"):
        assert get(link, comms, other).code == 404
    link.files.remove(file)
    assert get(link, comms, file).code == 404


def test_another_origin_gets_nothing_and_a_page_goes_on_getting_it(
    link: Link, comms: Comms, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = link.files.add(film, "video/webm", "film.webm")
    assert get(link, comms, file, Origin="http://evil.example").code == 403
    offer_for(link, comms)
    monkeypatch.setattr(
        link.offers, "knows_origin", lambda _: False
    )  # offers end after seconds, pages do not
    answer = get(link, comms, file, Origin=ORIGIN, Range="bytes=0-9")
    assert (answer.code, answer.headers["Access-Control-Allow-Origin"]) == (206, ORIGIN)


class Page:
    def __init__(self) -> None:
        self.said: list[tuple[Any, bytes]] = []

    def send(self, message: Any, buffer: bytes) -> None:
        self.said.append((message, buffer))


def test_parts_over_the_link(link: Link, film: Path) -> None:
    file = link.files.add(film, "video/webm", "film.webm")
    page: Any = Page()
    for asked in (
        FileRead(file=file, offset=5, length=10),
        FileRead(file=file, offset=0, length=2**50),
        FileRead(file=file, offset=2**52, length=10),
        FileRead(file="nothing", offset=0, length=10),
    ):
        page.send(FilePart(file=asked.file, offset=asked.offset), link.files._part(asked))
    data = film.read_bytes()
    assert [buffer for _, buffer in page.said] == [data[5:15], data[:FILE_PART_BYTES], b"", b""]
    assert all(isinstance(message, FilePart) for message, _ in page.said)
