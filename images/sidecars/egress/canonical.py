"""Canonical forms of authorities, hosts and paths, and what has none.

Standard library only. Everything here works on text in which each character stands for one byte (latin-1).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from urllib.parse import unquote, unquote_to_bytes

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,255})(?::([1-9][0-9]{0,4}))?", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_VISIBLE = re.compile(r"[\x21-\x7e]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_SLASH_ESCAPE = re.compile(r"%(?:2f|5c)", re.IGNORECASE)
_DOUBLE_ESCAPE = re.compile(r"%25[0-9a-f]{2}", re.IGNORECASE)
_SIGN = re.compile(r"[^a-z0-9]")
# Control and format characters (soft hyphen, zero width, direction), line and paragraph separators: some servers drop
# them, and what is left may be a dot segment.
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
# Letters without a glyph; marks, spaces and unassigned code points are known by their category.
_FILLERS = "\u115f\u1160\u3164\uffa0"

_UNQUOTE_ROUNDS = 5
_CACHED_NAME = 64
_RECEIVE_PACK = "git-receive-pack"


class Malformed(ValueError):
    """A path that different servers would read differently; the message says why."""


def canonical_authority(text: str) -> tuple[str, int | None] | None:
    """Host in lower case and port of `host[:port]`, or None where it is anything else (user info, spaces, lists)."""
    match = _AUTHORITY.fullmatch(text.lower()) if text.isascii() else None
    if match is None:
        return None
    port = None if match.group(2) is None else int(match.group(2))
    return None if port is not None and port > 65535 else (match.group(1), port)


def is_canonical_host(text: str) -> bool:
    """Whether `text` is a DNS name or dotted IPv4 address as a route spells it: lower case, ASCII, no final dot."""
    return _HOST.fullmatch(text) is not None


def canonical_name(name: str) -> str:
    """A header's or field's name as servers compare it: many read an underscore, or any sign, as a hyphen."""
    return _folded(name) if len(name) <= _CACHED_NAME else _SIGN.sub("-", name.lower())


# Every name is asked for by several rules; long ones are no real names, and would make the cache large.
@functools.lru_cache(1024)
def _folded(name: str) -> str:
    return _SIGN.sub("-", name.lower())


def split_target(target: str) -> tuple[str, str]:
    """Path and query of a request target."""
    path, _, query = target.partition("?")
    return path, query


def canonical_path(raw: str) -> str:
    """The percent-decoded path, of which there is exactly one reading. Raises Malformed."""
    if not raw.startswith("/"):
        raise Malformed("the path is not absolute")
    if _VISIBLE.fullmatch(raw) is None:
        raise Malformed("the path has a space, a control character or a byte outside ASCII")
    if "\\" in raw or "#" in raw:
        raise Malformed("the path has a backslash or a fragment")
    if _BAD_ESCAPE.search(raw):
        raise Malformed("the path has an incomplete percent escape")
    if _SLASH_ESCAPE.search(raw):
        raise Malformed("the path has an encoded slash or backslash")
    if _DOUBLE_ESCAPE.search(raw):
        raise Malformed("the path is percent-encoded twice")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the decoded path is not UTF-8") from None
    if any(unicodedata.category(character) in _INVISIBLE for character in path):
        raise Malformed("the path has an encoded control, format or separator character")
    _refuse_dot_segments(path)
    return path


def _refuse_dot_segments(path: str) -> None:
    # Compatibility forms (a full-width slash, a two-dot leader) are folded as some servers fold them; what follows a
    # semicolon is a parameter to some, and what has no glyph of its own is dropped by others.
    folded = unicodedata.normalize("NFKC", path)
    if folded.count("/") != path.count("/") or "\\" in folded:
        raise Malformed("the path has a character that some servers read as a slash")
    for segment in folded.split("/"):
        visible = [each for each in segment.split(";", 1)[0] if _has_glyph(each)]
        if visible in (["."], [".", "."]):
            raise Malformed("the path has a dot segment")


def _has_glyph(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CMZ" and character not in _FILLERS


def is_below(path: str, prefix: str) -> bool:
    """Whether canonical `path` is `prefix` or below it, at a segment boundary."""
    return path.startswith(prefix) if prefix.endswith("/") else path == prefix or path.startswith(prefix + "/")


def fully_unquoted(text: str) -> str:
    """`text` in lower case, percent-decoded until nothing changes: for spotting a word however it is spelled."""
    for _ in range(_UNQUOTE_ROUNDS):
        decoded = unquote(text, encoding="latin-1")
        if decoded == text:
            break
        text = decoded
    return text.lower()


def is_git_push(target: str) -> bool:
    """Whether `target` is a step of git's push over HTTP, in any spelling."""
    path, query = split_target(target)
    whole = fully_unquoted(path).replace("\\", "/")
    path_part, _, hidden_query = whole.partition("?")
    segments = [segment.split(";", 1)[0].strip() for segment in path_part.split("/")]
    if _RECEIVE_PACK in segments:
        return True
    queries = fully_unquoted(query) + "&" + hidden_query
    return _RECEIVE_PACK in queries and "info" in segments and "refs" in segments
