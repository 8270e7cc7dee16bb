"""What failed on one side and concerns the other."""

from __future__ import annotations

from .base import Message, Short, Text


class ErrorReport(Message, tag="error.report", kw_only=True):
    """Something failed on one side and concerns the other's user."""

    stream: Short = ""
    reason: Short
    message: Text
    detail: Text = ""
    request: Short = ""
    """The id of the request that failed, where there was one."""
