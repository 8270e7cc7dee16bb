"""The cell that runs now: who runs it, which one it is, and where what is printed goes.

A stream made again by the same cell *is* the same stream, so a cell run again neither blinks nor leaves an old stream
behind. JupyterLab, Notebook 7 and VS Code send the cell's id with each request; where there is none, nothing is
reused.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One execution of a cell."""

    id: str = ""
    """Stays when the cell is run again; empty where the host does not say."""
    execution: str = ""
    """The id of the execute request."""
    client: str = ""
    """The Jupyter client session that asked for it."""
    parent: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)


def current_cell() -> Cell:
    """The cell that runs now; an empty one outside of a notebook."""
    kernel = _kernel()
    if kernel is None:
        return Cell()
    parent = kernel.get_parent("shell")
    header = parent.get("header") or {}
    if header.get("msg_type") != "execute_request":
        return Cell()
    cell_id = (parent.get("metadata") or {}).get("cellId") or ""
    return Cell(str(cell_id), str(header.get("msg_id", "")), str(header.get("session", "")), parent)


def in_running_cell() -> bool:
    """Whether the caller blocks the thread that runs cells."""
    return _kernel() is not None and threading.current_thread() is threading.main_thread()


def prints_below(cell: Cell) -> Callable[[], AbstractContextManager[None]]:
    """A context in which the calling thread's prints appear below `cell`."""

    @contextmanager
    def surroundings() -> Iterator[None]:
        outputs = [
            stream for stream in (sys.stdout, sys.stderr) if cell.parent and hasattr(stream, "set_parent")
        ]
        for stream in outputs:
            # ipykernel keeps the parent in a context variable, so this thread alone is meant; only newer versions have
            # the setter that leaves the global fallback alone.
            setter = getattr(stream, "set_thread_parent", None) or stream.set_parent
            setter(cell.parent)
        yield

    return surroundings


class CellMemory:
    """Which object a cell made as its n-th of a kind, over its executions."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Any] = {}
        self._counts: dict[tuple[Any, ...], int] = {}
        self._execution: dict[str, str] = {}

    def key(self, cell: Cell, *what: Any) -> tuple[Any, ...] | None:
        """The name of the next object that this execution makes; None where cells have no id."""
        if not cell.id:
            return None
        if self._execution.get(cell.id) != cell.execution:
            self._execution[cell.id] = cell.execution
            for key in [key for key in self._counts if key[0] == cell.id]:
                del self._counts[key]
        base = (cell.id, *what)
        self._counts[base] = self._counts.get(base, -1) + 1
        return (*base, self._counts[base])

    def get(self, key: tuple[Any, ...] | None) -> Any:
        """What was made under this name, or None."""
        return None if key is None else self._made.get(key)

    def put(self, key: tuple[Any, ...] | None, made: Any) -> None:
        """Remember it."""
        if key is not None:
            self._made[key] = made

    def forget(self, made: Any) -> None:
        """It was closed: the next run makes a new one."""
        for key in [key for key, value in self._made.items() if value is made]:
            del self._made[key]


MEMORY = CellMemory()


def _kernel() -> Any:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)
