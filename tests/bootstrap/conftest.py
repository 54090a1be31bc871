"""One S3 server for all tests of the bootstrap action, and one node for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.faulty_s3 import FaultySource, faulty_source
from tests.bootstrap.node import (
    MASTER_PACKAGES,
    SCRIPT,
    WORKER_PACKAGES,
    Node,
    environment_archive,
)


@pytest.fixture(scope="session")
def shared_source() -> Iterator[FaultySource]:
    with faulty_source() as source:
        yield source


@pytest.fixture
def s3(shared_source: FaultySource) -> Iterator[FaultySource]:
    shared_source.forget()
    yield shared_source
    shared_source.forget()


@pytest.fixture
def node(tmp_path: Path, s3: FaultySource) -> Node:
    """Return a worker; tests of the master change its description."""
    return Node(tmp_path, s3.endpoint)


@pytest.fixture
def archives(s3: FaultySource) -> list[str]:
    """Return the options for an environment of each role."""
    driver = s3.put("driver.tar.gz", environment_archive(MASTER_PACKAGES))
    executor = s3.put("executors.tar.gz", environment_archive(WORKER_PACKAGES))
    return ["--driver-archive", driver, "--executor-archive", executor]


@pytest.fixture(scope="session")
def readme() -> str:
    return SCRIPT.with_name("README.md").read_text(encoding="utf-8")
