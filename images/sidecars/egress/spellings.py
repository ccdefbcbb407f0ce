"""The ways in which a credential may be spelled in an answer that repeats it. Standard library only.

A spelling is a sequence of elements, one a character, each with the byte strings that may stand for it.
"""

from __future__ import annotations

from collections.abc import Iterator

Spelling = tuple[tuple[bytes, ...], ...]

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# The URL alphabet, and what becomes of the two signs in URLs and JSON.
_BASE64_SIGNS = {
    ord("+"): (b"+", b"-", b"%2B", b"%2b", b"\\u002B", b"\\u002b"),
    ord("/"): (b"/", b"_", b"\\/", b"%2F", b"%2f", b"\\u002F", b"\\u002f"),
}
# Base64 is often wrapped, and the line ends escaped in their turn.
_LINE_ENDS = (b"", b"\n", b"\r\n", b"\\n", b"\\r\\n")
_NAMED = {ord("&"): b"&amp;", ord("<"): b"&lt;", ord(">"): b"&gt;", ord('"'): b"&quot;", ord(" "): b"+"}


def spellings(secret: bytes) -> Iterator[Spelling]:
    """Plain and escaped, hexadecimal, and in base64 at each of the three alignments that text around it may cause."""
    yield tuple(_escapes(code, first=index == 0) for index, code in enumerate(secret))
    yield tuple((b"%02x" % code, b"%02X" % code) for code in secret)
    for offset in range(3):
        yield tuple(_base64(secret, offset))


def _escapes(code: int, *, first: bool) -> tuple[bytes, ...]:
    """A character as itself, escaped for URLs, mail, JSON, source code or HTML, and as UTF-16 and UTF-32 write it."""
    plain = bytes([code])
    found = {plain}
    # No encoder escapes letters and digits, which keeps the search fast.
    if not plain.isalnum():
        for digits in (b"%02X" % code, b"%02x" % code):
            found |= {b"=" + digits, b"%" + digits, b"%25" + digits, b"\\u00" + digits, b"\\x" + digits, b"&#x" + digits + b";"}
        found |= {b"&#%d;" % code, b"\\" + plain, _NAMED.get(code, plain)}
    if not first:
        found |= {b"\0" + plain, b"\0\0\0" + plain}
    return tuple(sorted(found, key=len, reverse=True))


def _base64(secret: bytes, offset: int) -> Iterator[tuple[bytes, ...]]:
    """The characters of base64 that hold bits of `secret` when `offset` other bytes come before it.

    Not the first where it holds bits of those as well: it could be one of many characters, and tells next to nothing.
    """
    bits = "?" * 8 * offset + "".join(f"{code:08b}" for code in secret)
    bits += "?" * (-len(bits) % 6)
    begun = False
    for at in range(0, len(bits), 6):
        sextet = bits[at : at + 6]
        if not begun and "?" in sextet:
            continue
        plain = [spelled for value in range(64) if _fits(sextet, value) for spelled in _sign(_BASE64[value])]
        yield tuple(end + spelled for end in _LINE_ENDS for spelled in plain) if begun else tuple(plain)
        begun = True


def _fits(sextet: str, value: int) -> bool:
    return all(known in ("?", bit) for known, bit in zip(sextet, f"{value:06b}"))


def _sign(code: int) -> tuple[bytes, ...]:
    return _BASE64_SIGNS.get(code, (bytes([code]),))
