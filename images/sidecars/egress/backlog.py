"""Holds reading back where a client that speaks HTTP/2 does not take what it asked for.

mitmproxy reads on as long as the client's TCP connection takes bytes, which a closed HTTP/2 window does not show, and
would keep a whole download in memory.
"""

from __future__ import annotations

import asyncio
import weakref

from json_log import emit
from mitmproxy.connection import Client
from mitmproxy.proxy import server
from mitmproxy.proxy.layers.http._http_h2 import BufferedH2Connection

# Bytes that wait for one client, and seconds after which it is hung up on where none of them was taken: its other
# streams wait as long.
_CAP = 512 * 1024
_PATIENCE = 120
_STEP = 0.02

_connections: weakref.WeakKeyDictionary[Client, BufferedH2Connection] = weakref.WeakKeyDictionary()
_drain_writers = server.ConnectionHandler.drain_writers


def watch(client: Client, connection: BufferedH2Connection) -> None:
    """From now on what `connection` holds for `client` counts."""
    _connections[client] = connection


def _waiting(client: Client) -> int:
    connection = _connections.get(client)
    if connection is None:
        return 0
    return sum(len(piece.data) for pieces in list(connection.stream_buffers.values()) for piece in pieces)


async def drain_writers(handler: server.ConnectionHandler) -> None:
    """In place of the method of the same name, which runs after each read."""
    await _drain_writers(handler)
    client = handler.transports.get(handler.client)
    # Its own reads must go on: they are what opens the window.
    if client is None or client.handler is None or asyncio.current_task() is client.handler:
        return
    waited, before = 0.0, _waiting(handler.client)
    while (now := _waiting(handler.client)) > _CAP and handler.client in handler.transports:
        waited = waited + _STEP if now >= before else 0.0
        before = now
        if waited > _PATIENCE:
            emit("failed", rule="busy", detail="the client does not read its HTTP/2 streams")
            client.handler.cancel("does not read")
            return
        await asyncio.sleep(_STEP)
