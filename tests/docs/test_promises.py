"""Every test that the pages on reliability and security name for a promise exists."""

from __future__ import annotations

import re

import pytest

from tests.conftest import REPOSITORY

PAGES = ["reliability.md", "security.md"]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_has_a_test_that_exists(page: str) -> None:
    lines = (REPOSITORY / "docs" / page).read_text(encoding="utf-8").splitlines()
    promises = [line for line in lines if re.match(r"\| (?!promise)", line)]
    assert len(promises) > 3
    for promise in promises:
        tests = TEST.findall(promise)
        assert tests, f"no test in: {promise}"
        for path, test in tests:
            source = (REPOSITORY / path).read_text(encoding="utf-8")
            assert re.search(rf"^def {test}\(", source, re.MULTILINE), promise
