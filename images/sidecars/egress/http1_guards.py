"""mitmproxy's HTTP/1 connections with their gaps closed (written against mitmproxy 12.2)."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

from answers import refusal
from framing import framed_length
from json_log import emit
from mitmproxy.net.http import http1
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http as core
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._base import ReceiveHttp

HEAD_CAP = 128 * 1024
_PIPELINE_CAP = 128 * 1024
# Informational answers, which are not the answer; 101 is.
_INFORMATIONAL = re.compile(rb"HTTP/[0-9]\.[0-9][ \t]+1(?!01)[0-9]{2}(?![0-9])")

Commands = Generator[commands.Command, Any, Any]


def plain_error(status_code: int, message: str = "") -> bytes:
    """What a client reads whose request could not be parsed; nothing of what it sent gets into it."""
    response = refusal("malformed", "this is not a well-formed HTTP request", status=status_code)
    response.headers["Connection"] = "close"
    emit("refused", rule="malformed", status=status_code)
    return http1.assemble_response(response)


class GuardedHttp1Client(_http1.Http1Client):
    """Upstream's side: writes no byte beyond what the head announced, and drops informational answers and trailers."""

    # Bytes of body that are still to come, and whether the connection was cut for want of framing.
    owed = 0
    cut = False

    def send(self, event: core.HttpEvent) -> Commands:
        if self.cut:
            return
        if self.state == self.passthrough or self._keeps_framing(event):
            yield from super().send(event)
            return
        self.cut = True
        emit("error", hook="send", error="a request without our framing was held back")
        yield from self._break_off(event.stream_id, "the request is not framed")

    def _keeps_framing(self, event: core.HttpEvent) -> bool:
        if isinstance(event, core.RequestHeaders):
            length = framed_length(event.request, ends=event.end_stream)
            self.owed = length or 0
            return length is not None
        if isinstance(event, core.RequestData):
            self.owed -= len(event.data)
            return self.owed >= 0
        return not isinstance(event, core.RequestEndOfMessage) or self.owed == 0

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        if isinstance(event, events.DataReceived) and self.request is not None:
            # mitmproxy would take each for the answer itself.
            while informational := _INFORMATIONAL.match(bytes(self.buf)):
                if self.buf.maybe_extract_lines() is None:
                    break
            if informational and len(self.buf) <= HEAD_CAP:
                return
        yield from super().read_headers(event)
        if self.state == self.read_headers and self.stream_id is not None and len(self.buf) > HEAD_CAP:
            self.buf.maybe_extract_at_most(len(self.buf))
            yield from self._break_off(self.stream_id, "the head of the answer does not end")

    def _break_off(self, stream_id: int, message: str) -> Commands:
        yield commands.CloseConnection(self.conn)
        yield ReceiveHttp(core.ResponseProtocolError(stream_id, message, core.ErrorCode.GENERIC_SERVER_ERROR))

    def read_body(self, event: events.Event) -> Commands:
        try:
            yield from super().read_body(event)
        except NotImplementedError:
            yield ReceiveHttp(core.ResponseEndOfMessage(self.stream_id))
            yield from self.mark_done(response=True)


class GuardedHttp1Server(_http1.Http1Server):
    """The client's side: no trailers, and a limit on what is kept of a client that only sends."""

    def read_body(self, event: events.Event) -> Commands:
        try:
            yield from super().read_body(event)
        except NotImplementedError:
            yield ReceiveHttp(core.RequestEndOfMessage(self.stream_id))
            yield from self.mark_done(request=True)

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        yield from super().read_headers(event)
        if self.state == self.read_headers and len(self.buf) > HEAD_CAP:
            yield commands.SendData(self.conn, plain_error(431))
            yield commands.CloseConnection(self.conn)
            self.state = self.done

    def wait(self, event: events.Event) -> Commands:
        yield from super().wait(event)
        if len(self.buf) > _PIPELINE_CAP:
            self.buf.maybe_extract_at_most(len(self.buf))
            yield commands.CloseConnection(self.conn)
