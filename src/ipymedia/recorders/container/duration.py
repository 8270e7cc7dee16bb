"""How long a finished recording is, as its file says."""

from __future__ import annotations

from pathlib import Path

import av


def duration_s(path: Path) -> float | None:
    """The duration in seconds; None where the file does not say."""
    try:
        with av.open(str(path)) as file:
            return None if file.duration is None else file.duration / av.time_base
    except av.error.FFmpegError:
        return None
