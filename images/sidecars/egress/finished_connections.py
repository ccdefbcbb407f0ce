"""Forgets connections upstream that are over.

mitmproxy keeps every connection it has opened for as long as the client's one lasts, and looks through all of them for
each request. A client that speaks HTTP/2 has one a request: 75 KB each, which some thousand requests turn into an end
for want of memory.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http as core

Commands = Generator[commands.Command, Any, Any]

_handle_event = core.HttpLayer._handle_event
_get_connection = core.HttpLayer.get_connection


def handle_event(layer: core.HttpLayer, event: events.Event) -> Commands:
    """In place of the method of the same name: what a forgotten connection still has to say is nobody's any more."""
    if isinstance(event, events.ConnectionEvent) and not _is_known(layer, event.connection):
        return
    yield from _handle_event(layer, event)


def get_connection(layer: core.HttpLayer, event: core.GetHttpConnection, *, reuse: bool = True) -> Commands:
    """In place of the method of the same name, which runs before each request goes upstream."""
    _forget_finished(layer)
    yield from _get_connection(layer, event, reuse=reuse)


def _is_known(layer: core.HttpLayer, connection: Connection) -> bool:
    return connection in layer.connections or connection in (layer.context.client, layer.context.server)


def _forget_finished(layer: core.HttpLayer) -> None:
    context = layer.context
    kept = {context.client, context.server, *layer.waiting_for_establishment}
    kept.update(stream.context.server for stream in layer.streams.values())
    # A tunnel and what it carries have one handler, and go together.
    busy = {
        id(handler)
        for connection, handler in layer.connections.items()
        if connection in kept or connection.state is not ConnectionState.CLOSED
    }
    for connection in [each for each, handler in layer.connections.items() if id(handler) not in busy]:
        del layer.connections[connection]
