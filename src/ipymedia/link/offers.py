"""Offers: the right to dial the socket once, from one origin, within ten seconds."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

from ..protocol.messages import OFFER_LIFETIME_S

_MOST_OPEN = 64


@dataclass(frozen=True)
class Offer:
    """What a page proves to know. The token stands nowhere else than here and in one comm message."""

    id: str
    page: str
    origin: str
    token: str
    expires_s: float

    def __repr__(self) -> str:
        return f"Offer({self.id!r}, page={self.page!r})"


class Offers:
    """The open offers; safe to use from any thread."""

    def __init__(self) -> None:
        self._open: dict[str, Offer] = {}
        self._lock = threading.Lock()

    def make(self, page: str, origin: str) -> Offer:
        """Offer the socket to a page that named its origin over the comm."""
        offer = Offer(
            secrets.token_hex(8), page, origin, secrets.token_hex(16), time.monotonic() + OFFER_LIFETIME_S
        )
        with self._lock:
            self._drop_expired()
            while len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open)))
            self._open[offer.id] = offer
        return offer

    def take(self, offer_id: str, origin: str) -> Offer | None:
        """Use an offer up; None when there is none such, it is too old, or it was made for another origin."""
        with self._lock:
            self._drop_expired()
            offer = self._open.pop(offer_id, None)
        return offer if offer is not None and offer.origin == origin else None

    def knows_origin(self, origin: str) -> bool:
        """Whether an open offer was made for this origin, which a page named over the comm."""
        with self._lock:
            self._drop_expired()
            return any(offer.origin == origin for offer in self._open.values())

    def knows_page(self, page: str) -> bool:
        """Whether an offer to this page is open: it may be dialling now."""
        with self._lock:
            self._drop_expired()
            return any(offer.page == page for offer in self._open.values())

    def _drop_expired(self) -> None:
        now = time.monotonic()
        for offer_id in [key for key, offer in self._open.items() if offer.expires_s < now]:
            del self._open[offer_id]
