"""The log of egress: one JSON object a line on stdout, and never the value of a credential."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

_TEXT_MAX = 300
_redactions: list[Callable[[str], str]] = []


def hide(redaction: Callable[[str], str]) -> None:
    """From now on every text is logged as `redaction` gives it back."""
    _redactions[:] = [redaction]


def emit(event: str, **fields: Any) -> None:
    time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    record = {"time": time, "event": event, **{name: _plain(value) for name, value in fields.items()}}
    print(json.dumps(record), file=sys.stdout, flush=True)


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for redaction in _redactions:
        value = redaction(value)
    return value if len(value) <= _TEXT_MAX else value[:_TEXT_MAX] + "…"


class JsonHandler(logging.Handler):
    """Turns what mitmproxy itself logs, warnings and worse, into events."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def filter(self, record: logging.LogRecord) -> bool:
        # Ours takes that addon's place.
        return "without nextlayer addon" not in record.getMessage()

    def emit(self, record: logging.LogRecord) -> None:
        fields = {"level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            # The message of an exception can quote what was received.
            fields["error"] = record.exc_info[0].__name__ + where
        emit("mitmproxy", **fields)
