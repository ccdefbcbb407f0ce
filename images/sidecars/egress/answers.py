"""The answers that egress gives itself: refusals, and the two documents of the magic host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mitmproxy import http


def refusal(rule: str, reason: str, tool: str | None = None, *, status: int = 403, head: bool = False) -> http.Response:
    """One line `egress: <reason>` for people, then a line of JSON for programs."""
    detail = json.dumps({"rule": rule, "reason": reason, "tool": tool})
    body = b"" if head else f"egress: {reason}\n{detail}\n".encode("ascii", "backslashreplace")
    return http.Response.make(
        status,
        body,
        {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Egress-Rule": rule},
    )


def document(value: Mapping[str, Any], *, head: bool = False) -> http.Response:
    body = b"" if head else (json.dumps(value, default=str) + "\n").encode()
    return http.Response.make(200, body, {"Content-Type": "application/json", "Cache-Control": "no-store"})
