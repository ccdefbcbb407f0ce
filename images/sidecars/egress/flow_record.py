"""A flow of mitmproxy's as the record that decisions.py judges."""

from __future__ import annotations

from decisions import Request
from mitmproxy import http


def record_of(flow: http.HTTPFlow, connect: str | None) -> Request | None:
    """What arrived, unchanged; None for a version of HTTP that does not belong on its connection.

    `connect` is the authority of the tunnel's CONNECT.
    """
    data = flow.request.data
    # The framing decides, not the version that an HTTP/1 request line may claim.
    http2 = flow.client_conn.alpn == b"h2"
    if data.http_version not in ((b"HTTP/2.0",) if http2 else (b"HTTP/1.1", b"HTTP/1.0")):
        return None
    encrypted = flow.client_conn.tls_established if connect is not None else data.scheme.lower() == b"https"
    return Request(
        method=bytes_as_text(data.method),
        target=bytes_as_text(data.path),
        headers=tuple((bytes_as_text(name), bytes_as_text(value)) for name, value in data.headers.fields),
        scheme="https" if encrypted else "http",
        connect=connect,
        sni=flow.client_conn.sni,
        authority=bytes_as_text(data.authority) or None,
        http2=http2,
    )


def declared_length(request: http.Request) -> int:
    text = request.headers.get("Content-Length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def bytes_as_text(value: bytes) -> str:
    return value.decode("latin-1")
