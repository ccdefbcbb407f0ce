"""Runs the decision vectors of egress, each as a test of its own.

python3 test/unit/egress/test_decisions.py -v; Python 3.9 and later, standard library only.
"""

from __future__ import annotations

import json
import sys
import unittest
from datetime import datetime
from pathlib import Path
from typing import Any, Callable

EGRESS = Path(__file__).resolve().parents[3] / "images" / "sidecars" / "egress"
sys.dont_write_bytecode = True
sys.path.insert(0, str(EGRESS))

from decisions import Request, Verdict, judge, judge_body, judge_connect  # noqa: E402
from policy import PolicyError, parse_policy  # noqa: E402

VECTORS: dict[str, Any] = json.loads((EGRESS / "vectors.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(VECTORS["now"].replace("Z", "+00:00"))


class Requests(unittest.TestCase):
    """Verdicts on requests."""


class Bodies(unittest.TestCase):
    """Verdicts on the bodies of requests that were allowed."""


class Connects(unittest.TestCase):
    """Verdicts on tunnels."""


class Files(unittest.TestCase):
    """Which routes files are valid."""


def _compare(test: unittest.TestCase, verdict: Verdict, expected: dict[str, Any]) -> None:
    for key, value in expected.items():
        actual = getattr(verdict, key) if key != "slot" else (verdict.inject.slot if verdict.inject else None)
        test.assertEqual(list(actual) if isinstance(actual, tuple) else actual, value, f"{key}: {verdict}")
    test.assertTrue(verdict.action != "refuse" or verdict.reason, "a refusal says why")


def _record(vector: dict[str, Any]) -> Request:
    fields = {**VECTORS["defaults"], **vector["request"]}
    fields["headers"] = tuple((name, value) for name, value in fields["headers"])
    return Request(**fields)


def _request(vector: dict[str, Any]) -> Callable[[unittest.TestCase], None]:
    def run(test: unittest.TestCase) -> None:
        filled = frozenset(vector.get("filled", VECTORS["filled"]))
        verdict = judge(parse_policy(VECTORS["routes"]), _record(vector), filled, NOW, vector.get("used"))
        _compare(test, verdict, vector["verdict"])

    return run


def _body(vector: dict[str, Any]) -> Callable[[unittest.TestCase], None]:
    def run(test: unittest.TestCase) -> None:
        body = vector["body"].encode("latin-1")
        verdict = judge_body(parse_policy(VECTORS["routes"]), _record(vector), body, NOW)
        _compare(test, verdict, vector["verdict"])

    return run


def _connect(vector: dict[str, Any]) -> Callable[[unittest.TestCase], None]:
    def run(test: unittest.TestCase) -> None:
        verdict = judge_connect(parse_policy(VECTORS["routes"]), vector["authority"], tuple(vector["hosts"]), NOW)
        _compare(test, verdict, vector["verdict"])

    return run


def _file(vector: dict[str, Any]) -> Callable[[unittest.TestCase], None]:
    def run(test: unittest.TestCase) -> None:
        if vector["error"] is None:
            parse_policy(vector["file"])
            return
        with test.assertRaises(PolicyError) as caught:
            parse_policy(vector["file"])
        test.assertEqual(str(caught.exception).split(": ")[0], vector["error"])

    return run


def _add_tests() -> None:
    for case, make, key in (
        (Requests, _request, "requests"),
        (Bodies, _body, "bodies"),
        (Connects, _connect, "connects"),
        (Files, _file, "files"),
    ):
        for vector in VECTORS[key]:
            setattr(case, "test " + vector["name"], make(vector))


_add_tests()

if __name__ == "__main__":
    unittest.main()
