"""The framing of a request on its way upstream, which is always ours.

mitmproxy forwards the client's: an HTTP/2 body without a length would be written to HTTP/1 with nothing that says
where it ends, and the next hop would read it as further requests, which nobody judged.
"""

from __future__ import annotations

from canonical import canonical_name
from mitmproxy import http

# Also spelled with underscores, which some servers read as the same.
_FRAMING = frozenset({"content-length", "transfer-encoding", "trailer"})
# Methods whose requests end with their head where no length is said (RFC 9110 section 8.6); some servers refuse a
# WebSocket's GET that has one.
_BODILESS = frozenset({b"GET", b"HEAD", b"OPTIONS", b"DELETE"})
# What a client may say of its connection; any other name would make the next hop drop that header, be it our length
# or the credential.
_CONNECTION_OPTIONS = frozenset({b"close", b"keep-alive", b"upgrade"})


def is_readable(request: http.Request) -> bool:
    """Whether the body arrives as it is meant: no transfer coding but chunked, which would hide it from the scan."""
    codings = [value for name, value in request.headers.fields if name.lower() == b"transfer-encoding"]
    return all(coding.strip().lower() == b"chunked" for coding in codings)


def frame(request: http.Request, body: bytes) -> None:
    """Says the length of the buffered body, exactly once, and drops all that could say otherwise."""
    request.trailers = None
    fields = []
    for name, value in request.headers.fields:
        canonical = canonical_name(name.decode("latin-1"))
        if canonical == "connection":
            options = [option.strip() for option in value.split(b",")]
            value = b", ".join(option for option in options if option.lower() in _CONNECTION_OPTIONS)
        if canonical not in _FRAMING and (value or canonical != "connection"):
            fields.append((name, value))
    if body or request.data.method not in _BODILESS:
        fields.append((b"Content-Length", b"%d" % len(body)))
    request.headers = http.Headers(fields)


def framed_length(request: http.Request, *, ends: bool) -> int | None:
    """Bytes of body that the head announces, or None where it is not framed by `frame`; `ends`: no body follows."""
    names = [name.lower() for name, _ in request.headers.fields]
    lengths = [value for name, value in request.headers.fields if name.lower() == b"content-length"]
    if b"transfer-encoding" in names or len(lengths) > 1:
        return None
    if lengths:
        return int(lengths[0]) if lengths[0].isdigit() else None
    return 0 if ends else None
