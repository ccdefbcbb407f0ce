"""Runs the redaction of credentials over every spelling and every way to cut an answer into pieces.

python3 test/unit/egress/test_redaction.py -v; Python 3.9 and later, standard library only.
"""

from __future__ import annotations

import base64
import html
import json
import random
import sys
import unittest
import urllib.parse
from pathlib import Path

EGRESS = Path(__file__).resolve().parents[3] / "images" / "sidecars" / "egress"
sys.dont_write_bytecode = True
sys.path.insert(0, str(EGRESS))

from redaction import Redactor  # noqa: E402

PLAIN = "ghp_Zq8vLk2RtYx7NwPd3Bm"
SIGNS = 'k+/"=&<%\\9z-_.:,#@!x y'
BASIC = base64.b64encode(f"bot:{PLAIN}".encode()).decode()
RANDOM = random.Random(5)

ENCODINGS = {
    "plain": lambda text: text,
    "percent": urllib.parse.quote_plus,
    "percent, slashes too": lambda text: urllib.parse.quote(text, safe=""),
    "percent, lower case": lambda text: "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text),
    "percent, twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, slashes too": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, unicode escapes": lambda text: "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text),
    "HTML": html.escape,
    "HTML, numbers": lambda text: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text),
    "mail": lambda text: "".join(c if c.isalnum() else f"={ord(c):02X}" for c in text),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, capitals": lambda text: text.encode().hex().upper(),
    "UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "UTF-16, big end": lambda text: text.encode("utf-16-be").decode("latin-1"),
    "UTF-32": lambda text: text.encode("utf-32-be").decode("latin-1"),
}


def _base64_of(text: str, before: int, after: int) -> bytes:
    return base64.b64encode(b"n" * before + text.encode() + b"m" * after)


class Spellings(unittest.TestCase):
    """What is found."""

    def test_each_encoding_is_replaced_by_as_many_asterisks(self) -> None:
        for secret in (PLAIN, SIGNS):
            for name, encode in ENCODINGS.items():
                spelled = encode(secret).encode("latin-1")
                output = Redactor([secret]).redact(b"before <" + spelled + b"> after")
                self.assertEqual(len(output), len(spelled) + 15, name)
                self.assertRegex(output, rb"^before <\0{0,3}\*+\0{0,3}> after$", name)

    def test_base64_is_found_at_each_alignment(self) -> None:
        for secret in (PLAIN, SIGNS, "8letters"):
            redactor = Redactor([secret])
            for before in range(7):
                for after in range(4):
                    text = _base64_of(secret, before, after)
                    for spelled in (text, text.replace(b"+", b"-").replace(b"/", b"_"), text.replace(b"/", b"\\/")):
                        output = redactor.redact(b'{"a":"' + spelled + b'"}')
                        # At most one character is left that the secret has a part in, and what encodes the rest.
                        stars = output.count(b"*")
                        self.assertGreaterEqual(stars, len(secret) * 8 // 6 - 1, (secret, before, after))

    def test_base64_is_found_when_it_is_wrapped(self) -> None:
        body = b"x" * 40 + PLAIN.encode() + b"y" * 40
        wrapped = base64.encodebytes(body)
        for spelled in (wrapped, wrapped.replace(b"\n", b"\r\n"), json.dumps(wrapped.decode()).encode()):
            self.assertGreaterEqual(Redactor([PLAIN]).redact(spelled).count(b"*"), 30)

    def test_the_value_of_the_basic_scheme_is_found_and_its_base64_as_well(self) -> None:
        redactor = Redactor([PLAIN, BASIC])
        self.assertEqual(redactor.redact(f"Basic {BASIC}".encode()), b"Basic " + b"*" * len(BASIC))
        for before in range(3):
            output = redactor.redact(_base64_of(f"Basic {BASIC}", before, 0))
            self.assertGreaterEqual(output.count(b"*"), len(BASIC) * 8 // 6 - 1)
        # Another user before the same token, as a host may echo it.
        other = base64.b64encode(f"somebody:{PLAIN}".encode())
        self.assertGreaterEqual(redactor.redact(other).count(b"*"), len(PLAIN) * 8 // 6 - 1)

    def test_what_holds_no_secret_passes_unchanged(self) -> None:
        redactor = Redactor([PLAIN, SIGNS, BASIC])
        for _ in range(200):
            data = RANDOM.randbytes(2000)
            self.assertEqual(redactor.redact(data), data)
        near = PLAIN[:-1].encode() + b" " + BASIC[:-4].encode()[:10] + b" " + PLAIN[1:].encode()
        self.assertEqual(redactor.redact(near), near)
        self.assertEqual(Redactor([]).redact(near), near)

    def test_names_of_header_fields_are_found_in_any_case(self) -> None:
        redactor = Redactor([PLAIN])
        self.assertTrue(redactor.is_named(b"x-" + PLAIN.lower().encode()))
        self.assertFalse(redactor.is_named(b"x-request-id"))


class Streams(unittest.TestCase):
    """Bodies in pieces."""

    def _filtered(self, redactor: Redactor, data: bytes, cuts: list[int]) -> bytes:
        stream, out, at = redactor.stream(), [], 0
        for cut in [*sorted(cuts), len(data)]:
            if cut > at:
                pieces = stream(data[at:cut])
                self.assertNotIn(b"", pieces)
                out += pieces
            at = cut
        return b"".join(out + stream(b""))

    def test_a_body_comes_out_the_same_however_it_is_cut(self) -> None:
        # The second begins with the first, and the third holds it.
        for secrets in ([PLAIN, SIGNS, BASIC], [PLAIN, PLAIN + "-more", "x" + PLAIN + "y"], ["abababab"], ["%25%25%25"]):
            redactor = Redactor(secrets)
            for _ in range(25):
                parts = []
                for _ in range(RANDOM.randint(1, 5)):
                    secret = RANDOM.choice(secrets)
                    spelled = RANDOM.choice(list(ENCODINGS.values()))(secret).encode("latin-1")
                    if RANDOM.random() < 0.3:
                        spelled = _base64_of(secret, RANDOM.randint(0, 4), 2)
                    if RANDOM.random() < 0.3:
                        spelled = spelled[: RANDOM.randint(1, len(spelled))]
                    parts += [RANDOM.choice([b"", b" ", b"g", b"%", b"\\", RANDOM.randbytes(5)]), spelled]
                data = b"".join(parts)
                whole = redactor.redact(data)
                cuts = [RANDOM.randint(0, len(data)) for _ in range(RANDOM.choice([1, 3, len(data)]))]
                self.assertEqual(self._filtered(redactor, data, cuts), whole, (secrets, data, sorted(cuts)))
                self.assertEqual(self._filtered(redactor, data, list(range(len(data)))), whole, (secrets, data))
                self.assertEqual(len(whole), len(data))
                for secret in secrets:
                    self.assertNotIn(secret.encode(), whole)

    def test_every_cut_of_every_encoding_hides_the_secret(self) -> None:
        for secret in (PLAIN, SIGNS):
            redactor = Redactor([secret])
            for name, encode in ENCODINGS.items():
                data = b"{ " + encode(secret).encode("latin-1") + b" }"
                for cut in range(len(data)):
                    self.assertEqual(self._filtered(redactor, data, [cut]), redactor.redact(data), (name, cut))

    def test_events_are_not_kept_back(self) -> None:
        stream = Redactor([PLAIN, BASIC]).stream()
        for event in (b'data: {"text":"hello"}\n\n', b"event: ping\n\n", b": comment\n\n"):
            self.assertEqual(stream(event), [event])

    def test_what_is_kept_back_is_bounded(self) -> None:
        stream = Redactor([SIGNS]).stream()
        given = kept = 0
        for _ in range(2000):
            piece = (SIGNS[:-1] * 3).encode()
            given += len(piece)
            kept = given - sum(map(len, stream(piece))) if _ == 0 else kept + len(piece) - sum(map(len, stream(piece)))
            self.assertLess(kept, 600)


if __name__ == "__main__":
    unittest.main()
