"""Hooks of the addon that refuse where they fail."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import guards
from answers import refusal
from json_log import emit
from mitmproxy import http


def closed_on_error(hook: Callable[..., None]) -> Callable[..., None]:
    """mitmproxy logs an addon's exception and goes on; here a request that could not be judged is refused."""

    @functools.wraps(hook)
    def guarded(self: Any, flow: http.HTTPFlow) -> None:
        try:
            hook(self, flow)
        except Exception as error:  # noqa: BLE001
            emit("error", hook=hook.__name__, error=type(error).__name__)
            flow.metadata.pop(guards.ALLOWED, None)
            if flow.response is None:
                flow.response = refusal("error", "egress failed to judge this request")
            else:
                flow.kill()

    return guarded
