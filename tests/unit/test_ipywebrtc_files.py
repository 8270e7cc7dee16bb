"""ipywebrtc's `VideoStream`, `AudioStream` and `ImageStream`: names, arguments, defaults. One test for each."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from traitlets import TraitError

from ipymedia import AudioStream, HostError, ImageStream, MediaStream, Reason, VideoStream
from ipymedia.streams.file_backed import FileBacked

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
CASES = [
    (VideoStream, "video", ipywidgets.Video, "film.mp4", "mp4"),
    (AudioStream, "audio", ipywidgets.Audio, "sound.ogg", "ogg"),
    (ImageStream, "image", ipywidgets.Image, "picture.png", "png"),
]
each = pytest.mark.parametrize(("cls", "trait", "player", "name", "format"), CASES, ids=[c[1] for c in CASES])


@each
def test_from_file(cls: Any, trait: str, player: type, name: str, format: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(PNG)
    with cls.from_file(str(path)) as stream, path.open("rb") as opened, cls.from_file(opened) as other:
        for made in (stream, other):
            inner = getattr(made, trait)
            assert isinstance(made, MediaStream)
            assert isinstance(inner, player)
            assert inner.format == format
            assert bytes(inner.value) == PNG
            if cls is not ImageStream:
                assert (inner.autoplay, inner.controls) == (False, False)
                assert "value" not in inner.get_state(), "the file does not cross as a whole"
    with cls.from_file(path, playing=False) as paused:
        assert paused.playing is False
    with pytest.raises(HostError, match="was not opened") as error:
        cls.from_file(tmp_path / "nowhere")
    assert error.value.reason is Reason.NO_FILE


@each
def test_from_url(cls: Any, trait: str, player: type, name: str, format: str) -> None:
    with cls.from_url(f"https://media.example/{name}") as stream:
        inner = getattr(stream, trait)
        assert isinstance(inner, player)
        assert (inner.format, bytes(inner.value)) == ("url", f"https://media.example/{name}".encode())


@each
def test_from_download(cls: Any, trait: str, player: type, name: str, format: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path.endswith(name) else 404)
            self.end_headers()
            self.wfile.write(PNG)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            with cls.from_download(f"{address}/{name}") as stream:
                inner = getattr(stream, trait)
                assert (inner.format, bytes(inner.value)) == (format, PNG)
            for wrong in (f"{address}/nothing", "file:///etc/passwd", "nonsense"):
                with pytest.raises(HostError, match="was not downloaded") as error:
                    cls.from_download(wrong)
                assert error.value.reason is Reason.NO_FILE
        finally:
            server.shutdown()
            thread.join()


@each
def test_the_player_is_required_and_may_be_given(
    cls: Any, trait: str, player: type, name: str, format: str
) -> None:
    with pytest.raises(TraitError, match=f"needs {trait}="):
        cls()
    with pytest.raises(TraitError, match=f"needs {trait}="):
        cls(**{trait: "a.mp4"})
    inner = player(value=PNG)
    with cls(**{trait: inner}) as stream:
        assert getattr(stream, trait) is inner
        assert stream.playing is True
        assert getattr(cls, trait).metadata["sync"] is True


def test_what_a_film_has_beyond() -> None:
    with VideoStream(video=ipywidgets.Video(value=b"", loop=False)) as film:
        assert (film.time, film.duration, film.rate, film.loop, film.muted) == (0.0, 0.0, 1.0, False, False)
        film.time = 3
        for name, wrong in {"time": -1, "rate": 0, "rate ": 11}.items():
            with pytest.raises(TraitError):
                setattr(film, name.strip(), wrong)
        with pytest.raises(TraitError):
            film.duration = 5  # type: ignore[misc]


def test_a_files_value_is_told_to_its_observers_once(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a")
    with VideoStream.from_file(tmp_path / "a.mp4") as film:
        told: list[bytes] = []
        film.video.observe(lambda change: told.append(bytes(change["new"])), "value")
        assert isinstance(film.video, FileBacked)
        film.video.value = b"b"
        assert (told, bytes(film.video.value)) == ([b"b"], b"b")
