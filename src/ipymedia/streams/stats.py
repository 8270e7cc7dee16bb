"""What `stream.stats` tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stats:
    """Figures of a running stream, of about the last two seconds; 0 where nothing was measured.

    Attributes
    ----------
    carrier : str
        ``"socket"``, ``"comm"``, or ``""`` without a page.
    fps : float
        Pictures a second that the page shows.
    kernel_fps : float
        Pictures a second that the kernel works on.
    latency_ms, latency_p95_ms : float
        Glass to glass: from the capture to the presentation, in the clock of the page that captures and shows.
    function_ms : float
        Mean time of the function's own work.
    dropped : int
        Pictures that were left out since the start, at any place.
    received_bytes, sent_bytes : int
        Since the start, without the carrier's overhead.
    """

    carrier: str = ""
    fps: float = 0.0
    kernel_fps: float = 0.0
    latency_ms: float = 0.0
    latency_p95_ms: float = 0.0
    function_ms: float = 0.0
    dropped: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
