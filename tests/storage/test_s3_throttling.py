"""Reading many photos while S3 throttles all the time."""

from __future__ import annotations

import http.server
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from sparkles.storage import S3Options, read_bytes, retry
from sparkles.storage.s3_client import forget_client
from tests.http_server import serve

KEYS = 2_000
THREADS = 8  # as many as a worker has


class Throttling(http.server.BaseHTTPRequestHandler):
    """A server that answers 503 to half of the requests, drawn by chance."""

    protocol_version = "HTTP/1.1"
    chance: ClassVar[random.Random] = random.Random(0)
    lock: ClassVar[threading.Lock] = threading.Lock()
    throttled: ClassVar[int] = 0

    def do_GET(self) -> None:
        with Throttling.lock:
            busy = Throttling.chance.random() < 0.5
            Throttling.throttled += busy
        body = b"<Error><Code>SlowDown</Code></Error>" if busy else self.path.encode()
        self.send_response(503 if busy else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Options]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.001)
    with serve(Throttling) as address:
        yield S3Options(endpoint=address, anonymous=True)
        forget_client()


@pytest.mark.slow
def test_no_photo_is_lost_while_half_of_the_requests_are_throttled(options: S3Options) -> None:
    keys = [f"photos/{number}.jpg" for number in range(KEYS)]
    with ThreadPoolExecutor(THREADS) as threads:
        found = threads.map(lambda key: read_bytes(f"s3://bucket/{key}", options), keys)
        assert [content.decode() for content in found] == [f"/bucket/{key}" for key in keys]
    assert Throttling.throttled > 0.8 * KEYS  # half of the requests, one failure for each success
