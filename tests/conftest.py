"""Fixtures for every kind of test: the film."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media import film_path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film that plays the camera: the shared one, or one of our own."""
    return film_path(tmp_path_factory.mktemp("film"))
