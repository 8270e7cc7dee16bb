"""The exception tree, and what crosses the wire and process pools."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from ipymedia import errors
from ipymedia.errors import (
    CaptureError,
    HostError,
    MediaError,
    ProcessingError,
    ProtocolError,
    Reason,
    error_of,
)

CLASSES = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, MediaError)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_a_media_error_with_a_reason_and_survives_a_process(cls: type[MediaError]) -> None:
    error = cls("It failed.", Reason.TIMED_OUT, "more")
    assert isinstance(error, MediaError)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert (str(again), again.reason, again.detail) == ("It failed.", Reason.TIMED_OUT, "more")


@pytest.mark.parametrize("reason", list(Reason))
def test_reasons_cross_the_wire_and_come_back_as_their_class(reason: Reason) -> None:
    error = error_of(reason.value, "It failed.", "detail")
    assert (error.reason, error.message, error.detail) == (reason, "It failed.", "detail")
    assert (type(error) is MediaError) == (reason in (Reason.CLOSED, Reason.UNKNOWN))


@pytest.mark.parametrize(
    ("reason", "cls"),
    [
        ("permission_denied", CaptureError),
        ("blocked_while_running", HostError),
        ("bad_result", ProcessingError),
        ("too_large", ProtocolError),
    ],
)
def test_classes_of_reasons(reason: str, cls: type[MediaError]) -> None:
    assert type(error_of(reason, "")) is cls


def test_a_reason_of_a_later_version_is_unknown() -> None:
    assert error_of("struck_by_lightning", "It failed.").reason is Reason.UNKNOWN
    assert MediaError("It failed.", "struck_by_lightning").reason is Reason.UNKNOWN


def test_the_docstring_names_every_class() -> None:
    assert errors.__doc__ is not None
    for cls in CLASSES:
        assert cls.__name__ in errors.__doc__


def test_the_words_of_the_page_are_reasons() -> None:
    """What the page says goes by the generated type; this finds words that no type checker saw."""
    source = Path(__file__).parents[2] / "frontend" / "src" / "protocol" / "messages.gen.ts"
    line = next(
        line for line in source.read_text("utf-8").splitlines() if line.startswith("export type Reason")
    )
    assert {word.strip(' ";') for word in line.split("=")[1].split("|")} == {
        reason.value for reason in Reason
    }
