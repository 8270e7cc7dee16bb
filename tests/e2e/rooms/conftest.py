"""Fixtures: people, at the notebooks of one server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.rooms.people import SMALL_CAMERA, Person


@pytest.fixture
def person(open_notebook) -> Callable[..., Person]:
    """``person(name, source=SMALL_CAMERA, **open_notebook's)``: somebody at a new notebook, who has not joined."""

    def person(name: str, source: str = SMALL_CAMERA, **where: object) -> Person:
        notebook = open_notebook([source], **where)
        notebook.run_cell(0)
        return Person(notebook, name)

    return person
