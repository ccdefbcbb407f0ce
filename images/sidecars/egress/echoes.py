"""What may come back on a route with a credential: nothing that repeats it, or in which it could not be found."""

from __future__ import annotations

import re

from mitmproxy import http
from redaction import Redactor

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\"';,\s]*)", re.IGNORECASE)
# Characters of credentials and of their encodings.
_SAMPLE = "AZaz09+/=-_.%\\&;"
# Not a character set, though some servers say so of files.
_BINARY = "binary"
# Delta encodings (RFC 3229), which may be of parts or packed.
_IM_USED = 226


def disguise(request: http.Request, response: http.Response) -> tuple[str, str] | None:
    """The rule and the reason by which an answer is refused, or None where it can be searched."""
    values = [(name.lower(), value.decode("latin-1").lower()) for name, value in response.headers.fields]
    types = [value for name, value in values if name == b"content-type"]
    if response.status_code == 101:
        if any(name == b"sec-websocket-extensions" for name, _ in values):
            return "encoding", "a WebSocket extension that was not asked for is not allowed on a route with a credential"
        return None
    if response.status_code in (206, _IM_USED) or any("byteranges" in value for value in types):
        return "partial", "an answer in parts is not allowed on a route with a credential"
    if any(name == b"transfer-encoding" and value.strip() != "chunked" for name, value in values):
        return "encoding", "a packed answer is not allowed on a route with a credential"
    bodiless = request.method == "HEAD" or response.status_code in (204, 304)
    codings = {word.strip() for name, value in values if _is_coding(name) for word in value.split(",")}
    if codings - {"", "identity"} and not bodiless:
        return "encoding", "a packed answer is not allowed on a route with a credential: identity was asked for"
    if any(not _is_like_ascii(charset) for value in types for charset in _CHARSET.findall(value)):
        return "encoding", "this character set is not allowed on a route with a credential"
    return None


def _is_coding(name: bytes) -> bool:
    # Also those of gRPC and Connect, whose messages are packed one by one.
    return name.endswith(b"content-encoding") or name == b"grpc-encoding"


def _is_like_ascii(charset: str) -> bool:
    try:
        return charset in ("", _BINARY) or _SAMPLE.encode(charset) == _SAMPLE.encode("ascii")
    except (LookupError, ValueError):
        return False


def redact_head(response: http.Response, redactor: Redactor) -> None:
    response.data.reason = redactor.redact(response.data.reason)
    response.headers = redacted_fields(response.headers, redactor)


def redacted_fields(headers: http.Headers, redactor: Redactor) -> http.Headers:
    """Header or trailer fields without the credential; a field whose name holds it is dropped."""
    fields = [(name, redactor.redact(value)) for name, value in headers.fields if not redactor.is_named(name)]
    return http.Headers(fields)
