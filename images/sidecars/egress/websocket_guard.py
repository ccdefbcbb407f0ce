"""WebSockets with mitmproxy's gaps closed: a message without end is cut, and nothing repeats a credential."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import wsproto.events
from budget import BUDGET
from json_log import emit
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import websocket
from redaction import Redactor

# Key in a flow's metadata: the redactor of a route with a credential.
REDACTOR = "egress-redactor"
_MESSAGE_CAP = 32 * 1024 * 1024

Commands = Generator[commands.Command, Any, Any]


class GuardedWebSocket(websocket.WebsocketLayer):
    """Messages are relayed whole, and redacted by the addon; the frames that control the connection are here."""

    def start(self, event: events.Event) -> Commands:
        yield from super().start(event)
        redactor = self.flow.metadata.get(REDACTOR)
        if redactor is not None:
            self.server_ws.events = _redacted(self.server_ws.events, redactor)

    # mitmproxy's names its own `start`.
    _handle_event = start

    def relay_messages(self, event: events.Event) -> Commands:
        yield from super().relay_messages(event)
        client = self.context.client.id
        for name, side in (("client", self.client_ws), ("server", self.server_ws)):
            size = sum(map(len, side.frame_buf))
            if size > _MESSAGE_CAP or not BUDGET.hold(client, f"{self.flow.id} {name}", size):
                side.frame_buf = [b""]
                emit("failed", rule="body", host=self.flow.request.host, detail="WebSocket message over the cap")
                yield commands.CloseConnection(self.context.client)
                yield commands.CloseConnection(self.context.server)


def _redacted(
    received: Callable[[], Iterator[wsproto.events.Event]], redactor: Redactor
) -> Callable[[], Iterator[wsproto.events.Event]]:
    def each() -> Iterator[wsproto.events.Event]:
        for event in received():
            if isinstance(event, (wsproto.events.Ping, wsproto.events.Pong)):
                event = replace(event, payload=redactor.redact(bytes(event.payload)))
            elif isinstance(event, wsproto.events.CloseConnection) and event.reason:
                event = replace(event, reason=redactor.redact_text(event.reason))
            yield event

    return each
