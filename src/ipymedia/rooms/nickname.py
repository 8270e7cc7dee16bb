"""What people call themselves."""

from __future__ import annotations

LONGEST_NICKNAME = 64


def nickname_of(given: object) -> str:
    """Make a nickname of what was given: one line, `LONGEST_NICKNAME` characters at most; “anonymous” of nothing."""
    return " ".join(str(given).split())[:LONGEST_NICKNAME] or "anonymous"
