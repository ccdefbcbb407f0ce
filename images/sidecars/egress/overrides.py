"""Other spellings of the method and the path, which some servers prefer to the real ones. Standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from canonical import canonical_name, fully_unquoted

# What no client says of itself: proxies write these, and servers believe them.
_FORWARDING = "x-forwarded-"
# Searched for in names without their separators, so that X-HTTP-MethodOverride is found as well.
_METHOD_FIELD = re.compile(r"method-?override|override-?method|verb-?override")
_METHOD_NAME = re.compile(r"methodoverride|overridemethod|httpmethod|verboverride|httpverb|(?:original|rewrite)method")
_METHOD_NAMES = frozenset({"x-method", "x-verb"})
_PATH_NAME = re.compile(
    r"(?:original|rewrite|rewritten|override|request|real|destination)(?:url|uri|path|prefix)|(?:url|uri|path)override"
)
# `Destination` is where WebDAV copies and moves to.
_PATH_NAMES = frozenset({"destination", "x-url", "x-uri", "x-path"})
_PAIR_END = re.compile(r"[&;]")
_PART_NAME = re.compile(r"(?<!file)name\*?\s*=\s*[\"']?([^\";\r\n]*)", re.IGNORECASE)
_PART_VALUE = re.compile(r"\r?\n\r?\n([^\r\n]*)")
_PART_HEAD_CAP = 4096
# No encoder of JSON writes letters or the underscore so.
_ESCAPED_LETTER = re.compile(rb"\\u00(?:5f|6[0-9a-f]|7[0-9a])", re.IGNORECASE)

# Stands for a method where one is named and cannot be read; no route lists it.
UNREADABLE = "?"


def is_forwarding(name: str) -> bool:
    """Whether a header says what a proxy received: deleted from every request."""
    canonical = canonical_name(name)
    return canonical.startswith(_FORWARDING) or canonical == "forwarded"


def is_method_header(name: str) -> bool:
    canonical = canonical_name(name)
    return canonical in _METHOD_NAMES or _METHOD_NAME.search(canonical.replace("-", "")) is not None


def is_path_header(name: str) -> bool:
    canonical = canonical_name(name)
    return canonical in _PATH_NAMES or _PATH_NAME.search(canonical.replace("-", "")) is not None


def query_methods(query: str) -> Iterator[str]:
    """The methods that fields of a query, or of a form, ask for instead; a semicolon separates as well."""
    for pair in _PAIR_END.split(query):
        name, _, value = pair.partition("=")
        if _is_method_field(name):
            yield _as_method(value)


def body_methods(content_types: list[str], content_encodings: list[str], body: bytes) -> Iterator[str]:
    """The methods that fields of a form or of a JSON object ask for instead; no content type counts as a form."""
    kinds = ",".join(content_types).lower()
    form = not kinds.strip() or "urlencoded" in kinds
    if form or "multipart" in kinds or "json" in kinds:
        encoded = any(text.strip().lower() not in ("", "identity") for text in content_encodings)
        if encoded and body:
            yield UNREADABLE
        text = body.decode("latin-1")
        if form:
            yield from query_methods(text)
        if "multipart" in kinds:
            yield from _part_methods(text)
        if "json" in kinds:
            yield from _json_methods(body)


def _is_method_field(name: str) -> bool:
    if "%" not in name and "method" not in name.lower() and "verb" not in name.lower():
        return False
    # PHP makes an underscore of a dot, a space and an open bracket, and drops spaces in front.
    words = canonical_name(fully_unquoted(name.replace("+", " ")).strip())
    return re.fullmatch("-+method-*", words) is not None or _METHOD_FIELD.search(words) is not None


def _as_method(value: str) -> str:
    return fully_unquoted(value.replace("+", " ")).strip().upper() or UNREADABLE


def _part_methods(text: str) -> Iterator[str]:
    for match in _PART_NAME.finditer(text):
        if _is_method_field(match.group(1).rpartition("''")[2]):
            value = _PART_VALUE.search(text, match.end(), match.end() + _PART_HEAD_CAP)
            yield _as_method(value.group(1)) if value else UNREADABLE


def _json_methods(body: bytes) -> Iterator[str]:
    if b"method" not in body.lower() and b"\\u" not in body and b"\0" not in body:
        return
    try:
        # Pairs, as servers differ in which of two equal names they take; numbers stay text, whatever their length.
        document = json.loads(body, object_pairs_hook=tuple, parse_int=str)
    except (ValueError, RecursionError):
        if b"_method" in body.lower() or b"\0" in body or _ESCAPED_LETTER.search(body):
            yield UNREADABLE
        return
    if isinstance(document, tuple):
        yield from (str(value).strip().upper() for name, value in document if _is_method_field(name))
