"""How the two ends of a socket prove to each other that they know the offer's token, without saying it.

Each proof is HMAC-SHA256(token, role | nonce of the page | nonce of the kernel) (RFC 2104). The kernel proves first, so
that a page says nothing to an impostor on the port; the roles differ, so that no proof can be played back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

KERNEL = "kernel"
PAGE = "page"


def new_nonce() -> str:
    """128 random bits, as hex."""
    return secrets.token_hex(16)


def proof_of(role: str, token: str, page_nonce: str, kernel_nonce: str) -> str:
    """Proof of one role, as hex."""
    text = f"{role}|{page_nonce}|{kernel_nonce}".encode()
    return hmac.new(token.encode(), text, hashlib.sha256).hexdigest()


def proves(proof: str, role: str, token: str, page_nonce: str, kernel_nonce: str) -> bool:
    """Whether a proof is right, in constant time."""
    return hmac.compare_digest(proof.encode(), proof_of(role, token, page_nonce, kernel_nonce).encode())
