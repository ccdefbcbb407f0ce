"""Sockets that are closed in any case.

mitmproxy ends a connection by cancelling its task, and where that hits it between two reads it forgets the socket: a
client could collect open ones, each with megabytes of unread data.
"""

from __future__ import annotations

from mitmproxy.connection import Connection
from mitmproxy.proxy import server

_handle_connection = server.ConnectionHandler.handle_connection


async def handle_connection(handler: server.ConnectionHandler, connection: Connection) -> None:
    """In place of the method of the same name, which reads a connection to its end."""
    writer = handler.transports[connection].writer
    try:
        await _handle_connection(handler, connection)
    finally:
        handler.transports.pop(connection, None)
        if writer is not None:
            writer.close()
