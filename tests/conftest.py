"""Fixtures for every kind of test: the film."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media import film_path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film that plays the camera: the shared one, or one of our own."""
    return film_path(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., None]:
    """``wait_until(condition, timeout_s=5)``: what other threads do is no event for a test."""

    def wait_until(condition: Callable[[], object], timeout_s: float = 5.0) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline_s, "it did not come true"
            time.sleep(0.01)

    return wait_until
