"""The one AnyWidget base class: carries the stub, not the bundle, and guards what a page may set.

The front end's bundle crosses the connection once for a page, with the runtime widget (`link.channel`); every other
widget's `_esm` is a stub of a few lines that waits for it.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict, Unicode

from .errors import HostError, MediaError, Reason, error_of

logger = logging.getLogger("ipymedia.widget")

_STATIC = Path(__file__).parent / "static"
_ALWAYS_ALLOWED = frozenset({"_view_count"})


def static_text(name: str) -> str:
    """Text of a built file of the front end.

    Raises
    ------
    HostError
        When the package was not built (a checkout on the path instead of an installation).
    """
    try:
        return (_STATIC / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise HostError(
            f"The front end ({name}) is not there: the package was not built. Run `pip install .` or `make build`.",
            Reason.UNKNOWN,
        ) from error


def chunk_text(name: str) -> str | None:
    """Text of a part of the bundle that is sent when it is first used; None where there is none of this name."""
    names = {path.stem: path for path in (_STATIC / "chunks").glob("*.js")}
    return names[name].read_text(encoding="utf-8") if name in names else None


class MediaWidget(anywidget.AnyWidget):
    """Base of all widgets of this package.

    A trait that a page may set is tagged ``page_may_set=True``; a page's write to any other one is dropped and counted
    in `page_writes_refused`.
    """

    _kind = Unicode(help="Which class of the front end shows this widget.").tag(sync=True)
    _own_id = Unicode(
        help="The model's id: traits name widgets by it, and anywidget tells a model not its own."
    ).tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        if "_esm" not in type(self).__dict__ and not hasattr(type(self), "_esm"):
            type(self)._esm = static_text("stub.js")  # noqa: SLF001 (anywidget's name)
        self.page_writes_refused = 0
        super().__init__(**kwargs)

    def open(self) -> None:
        """Open the comm; the model's id is chosen before, so that it is part of the first state."""
        if self.comm is None:
            self._own_id = uuid.uuid4().hex
            self._model_id = self._own_id  # where ipywidgets takes the id of a new comm from
        super().open()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a page set; called for every update that arrives."""
        allowed = {
            name: value
            for name, value in sync_data.items()
            if name in _ALWAYS_ALLOWED or self.trait_metadata(name, "page_may_set", False)
        }
        refused = sync_data.keys() - allowed.keys()
        if refused:
            self.page_writes_refused += len(refused)
            logger.warning("a page tried to set %s of %s: refused", sorted(refused), type(self).__name__)
        if allowed:
            super().set_state(allowed)


class KernelWidget(MediaWidget):
    """A widget that a kernel's process stands behind, and that tells what went wrong."""

    _error = Dict(help="What went wrong: reason, message, detail.").tag(sync=True)
    _session = Unicode(help="The kernel process that this widget belongs to.").tag(sync=True)

    @property
    def error(self) -> MediaError | None:
        """What went wrong last, or None; gone again when it works again."""
        if not self._error:
            return None
        return error_of(self._error["reason"], self._error["message"], self._error.get("detail", ""))

    def set_error(self, error: MediaError | None) -> None:
        """Keep an error for the user, in the view and in `error`; None clears it."""
        self._error = (
            {}
            if error is None
            else {"reason": error.reason.value, "message": error.message, "detail": error.detail[-20_000:]}
        )
