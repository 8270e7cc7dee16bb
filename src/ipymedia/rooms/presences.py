"""Whose presence is known, and of which not even a note is taken.

Whoever recorded a room's presences can tell all of them again, for ever: each opens, since it is authentic. So what
they make is bounded, in number and in time. Who is kept out so is not lost: they see this side's presence, and greet.
"""

from __future__ import annotations

import time
from collections import OrderedDict

MOST_PRESENCES = 64
"""Ten times as many as a room has; those not heard for the longest time make way."""

NEW_PER_S = 4.0
NEW_AT_ONCE = 24


class Presences:
    """The participants whose presence was heard: hints, no more."""

    AGAIN_WITHIN_S = 5.0
    """How long after a new connection a broker may take to tell what it retained."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._expected: set[str] = set()
        self._allowed = float(NEW_AT_ONCE)
        self._allowed_at = time.monotonic()

    def here(self, participant: str, number: int) -> str | None:
        """Note a presence; tells why it is not to be heeded, or None."""
        known = self._numbers.get(participant)
        if known is None:
            if not self._allows_new():
                return "unknown"
            self._numbers[participant] = number
            if len(self._numbers) > MOST_PRESENCES:
                oldest, _ = self._numbers.popitem(last=False)
                self._expected.discard(oldest)
            return None
        is_expected = participant in self._expected
        self._expected.discard(participant)
        if number <= known and not is_expected:
            return "replayed"
        self._numbers[participant] = max(known, number)
        self._numbers.move_to_end(participant)
        return None

    def gone(self, participant: str) -> bool:
        """Note that a presence was taken back; tells whether it was known."""
        self._expected.discard(participant)
        return self._numbers.pop(participant, None) is not None

    def expect_all_again(self) -> None:
        """The broker will tell again what it retains: who is not among that has left meanwhile."""
        self._expected = set(self._numbers)

    def take_missing(self) -> list[str]:
        """Those who were expected and not heard; they are forgotten."""
        missing = [participant for participant in self._numbers if participant in self._expected]
        for participant in missing:
            self.gone(participant)
        return missing

    def _allows_new(self) -> bool:
        now = time.monotonic()
        self._allowed = min(float(NEW_AT_ONCE), self._allowed + (now - self._allowed_at) * NEW_PER_S)
        self._allowed_at = now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True
