"""mitmproxy's HTTP/2 connections with their gaps closed (written against mitmproxy 12.2 and h2 4.3).

h2 checks the length of a frame only when all of it has arrived, which may be 16 MiB, and collects the parts of a head
likewise: a connection whose unread bytes exceed what a head may have is closed.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import backlog
from http1_guards import HEAD_CAP
from json_log import emit
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import Http2Client, Http2Server
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

_FRAME_CAP = 128 * 1024

Commands = Generator[commands.Command, Any, Any]


class GuardedHttp2Server(Http2Server):
    """The client's side."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        backlog.watch(context.client, self.h2_conn)

    def _handle_event(self, event: events.Event) -> Commands:
        yield from super()._handle_event(event)
        yield from _closed_when_full(self, event)


class GuardedHttp2Client(Http2Client):
    """Upstream's side."""

    def _handle_event(self, event: events.Event) -> Commands:
        yield from super()._handle_event(event)
        yield from _closed_when_full(self, event)


def _closed_when_full(side: GuardedHttp2Server | GuardedHttp2Client, event: events.Event) -> Commands:
    if isinstance(event, events.DataReceived) and _unread(side.h2_conn) > HEAD_CAP + _FRAME_CAP:
        emit("refused", rule="malformed", detail="an HTTP/2 frame or head over the cap")
        yield from side.protocol_error("over the cap")
        # Or it would be kept as long as the other side does not hang up.
        side.h2_conn.incoming_buffer = None


def _unread(connection: BufferedH2Connection) -> int:
    buffer = connection.incoming_buffer
    return len(buffer._data) + sum(len(part.data) for part in buffer._headers_buffer)
