"""A proxy in front of an S3 server that counts requests and injects faults."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.http_server import serve
from tests.s3_server import s3_on_loopback

BUCKET = "models"


class FaultySource:
    """Objects, counts of requests and faults; the AWS CLI uses ``endpoint``."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.endpoint = ""
        self.requests: Counter[str] = Counter()
        # By method and key: the faults of the next answers (corrupt, short, cut, or a status).
        self.faults: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.arrived = threading.Event()
        self.released = threading.Event()
        self.released.set()

    def put(self, key: str, content: bytes) -> str:
        """Store an object; return its URI with its SHA-256, as the script expects it."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content, ACL="public-read")
        return f"s3://{BUCKET}/{key}#sha256={sha256(content).hexdigest()}"

    def hold(self) -> None:
        """Delay answers to GET until ``released`` is set; ``arrived`` is set by a waiting GET."""
        self.arrived.clear()
        self.released.clear()

    def forget(self) -> None:
        """Reset everything except the objects."""
        self.requests.clear()
        self.faults.clear()
        self.released.set()


@contextmanager
def faulty_source() -> Iterator[FaultySource]:
    """Start both servers, with one bucket."""
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket=BUCKET)
        source = FaultySource(client)
        handler = type("Bound", (_Handler,), {"source": source, "behind": urlsplit(endpoint)})
        with serve(handler) as source.endpoint:
            yield source


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source: FaultySource
    behind: Any

    def do_HEAD(self) -> None:
        self.pass_on()

    def do_GET(self) -> None:
        self.source.arrived.set()
        self.source.released.wait()
        self.pass_on()

    def pass_on(self) -> None:
        key = unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")
        self.source.requests[self.command] += 1
        faults = self.source.faults[self.command, key]
        fault = faults.pop(0) if faults else ""
        if fault.isdigit():
            self.answer(int(fault), b"", 0)
            return
        connection = http.client.HTTPConnection(self.behind.netloc, timeout=600)
        headers = {name: self.headers[name] for name in ["Range"] if name in self.headers}
        connection.request(self.command, self.path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        length = int(response.headers.get("Content-Length", len(body)))
        connection.close()
        if fault == "corrupt":
            body = bytes([body[0] ^ 1]) + body[1:]
        elif fault == "short":
            body, length = body[: len(body) // 2], len(body) // 2
        elif fault == "cut":
            body, self.close_connection = body[: len(body) // 2], True
        self.answer(response.status, body, length, response.headers)

    def answer(self, status: int, body: bytes, length: int, headers: Message | None = None) -> None:
        self.send_response(status)
        for name in ["ETag", "Last-Modified", "Content-Range", "Content-Type"]:
            if headers and name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
