"""Every test that docs/reliability.md names for a promise exists."""

from __future__ import annotations

import re

from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_promise_has_a_test_that_exists() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    promises = [line for line in lines if re.match(r"\| (?!promise)", line)]
    assert len(promises) > 5
    for promise in promises:
        tests = TEST.findall(promise)
        assert tests, f"no test in: {promise}"
        for path, test in tests:
            source = (REPOSITORY / path).read_text(encoding="utf-8")
            assert re.search(rf"^def {test}\(", source, re.MULTILINE), promise
