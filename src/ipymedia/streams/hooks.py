"""What folders above add to every stream: imports run downwards, so a method finds its work here by name.

`ipymedia/__init__.py` says where each one lives; its module is imported when it is first called.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES: dict[str, str] = {}


def register(name: str, module: str) -> None:
    """Say in which module the function of this name lives."""
    _HOMES[name] = module


def hook(name: str) -> Any:
    """The function of this name.

    Raises
    ------
    LookupError
        No folder registered it.
    """
    return getattr(import_module(_HOMES[name]), name)
