"""Takes credentials out of what comes back: whole texts, and streams in pieces. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from spellings import Spelling, spellings

# Elements of a spelling that must fit before it is worth a closer look.
_HEAD = 4
_FILLER = b"*"


class Redactor:
    """Replaces every spelling of some secrets by as many asterisks, so that every announced length stays true."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = frozenset(secrets)
        longest_first = sorted(self.secrets, key=lambda text: (-len(text), text))
        each = [spelling for secret in longest_first for spelling in spellings(secret.encode())]
        whole = b"|".join(map(_pattern, each)) or b"(?!)"
        self._pattern = re.compile(whole)
        self._lower = [secret.lower().encode() for secret in self.secrets]
        self._heads = [(re.compile(b"(?=" + _pattern(one[:_HEAD]) + b")"), _first_bytes(one), one) for one in each]
        # Bytes of the longest spelling, and those within which a head may be unfinished.
        self._reach = max((_longest(one) for one in each), default=0)
        self._head_reach = max((_longest(one[:_HEAD]) for one in each), default=0)

    def redact(self, data: bytes) -> bytes:
        return self._pattern.sub(lambda match: _FILLER * len(match[0]), data)

    def redact_text(self, text: str) -> str:
        return self.redact(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")

    def is_named(self, name: bytes) -> bool:
        """Whether the name of a header field holds a secret, in any case."""
        return self._pattern.search(name) is not None or any(each in name.lower() for each in self._lower)

    def stream(self) -> Callable[[bytes], list[bytes]]:
        """A filter for the pieces of one body; an empty piece ends it.

        It keeps back only what may be the beginning of a spelling, so that events arrive when they are sent.
        """
        held = b""

        def filtered(piece: bytes) -> list[bytes]:
            nonlocal held
            data = held + piece
            # Judged before anything is replaced: pieces come out as the whole would.
            end = self._begun_at(data) if piece else len(data)
            parts, at = [], 0
            for match in self._pattern.finditer(data):
                if match.start() >= end:
                    break
                parts += [data[at : match.start()], _FILLER * len(match[0])]
                at = match.end()
            end = max(end, at)
            parts.append(data[at:end])
            held = data[end:]
            # An empty piece would end a chunked answer.
            return [b"".join(parts)] if end else []

        return filtered

    def _begun_at(self, data: bytes) -> int:
        """Where the first spelling begins that may go on beyond the end of `data`; its length if there is none."""
        reach = max(0, len(data) - self._reach + 1)
        last = max(0, len(data) - self._head_reach)
        found = len(data)
        for head, first_bytes, spelling in self._heads:
            whole_heads = (match.start() for match in head.finditer(data, reach))
            unfinished = (match.start() for match in first_bytes.finditer(data, last))
            for start in (*whole_heads, *unfinished):
                if start < found and _may_go_on(spelling, data, start):
                    found = start
        return found


def _pattern(spelling: Spelling) -> bytes:
    return b"".join(b"(?:" + b"|".join(map(re.escape, element)) + b")" for element in spelling)


def _first_bytes(spelling: Spelling) -> re.Pattern[bytes]:
    return re.compile(b"[" + b"".join({re.escape(text[:1]) for text in spelling[0]}) + b"]")


def _longest(spelling: Spelling) -> int:
    return sum(max(map(len, element)) for element in spelling)


def _may_go_on(spelling: Spelling, data: bytes, start: int) -> bool:
    """Whether all of `data` from `start` is the beginning of `spelling`, and not the whole."""
    seen = set()
    ways = [(start, 0)]
    while ways:
        at, index = way = ways.pop()
        if way in seen or index == len(spelling):
            continue
        seen.add(way)
        if at == len(data):
            return True
        for text in spelling[index]:
            if data.startswith(text, at):
                ways.append((at + len(text), index + 1))
            elif len(data) - at < len(text) and text.startswith(data[at:]):
                return True
    return False
