"""The photos of the demo in a bucket, on a server that can make those who ask wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from sparkles.demo.dataset import DemoDataset

__all__ = ["BUCKET", "Bucket", "Gate", "serve_bucket"]

BUCKET = "drawn"
KEYS = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}


class Gate:
    """Counts the photos that are read, and holds back those beyond a number until it is opened."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._free = threading.Event()
        self._free.set()
        self._lock = threading.Lock()
        self._limit = 0
        self._read = 0
        self.reached = threading.Event()

    def __call__(self, request: dict[str, Any], respond: Callable[..., Any]) -> Any:
        if self._is_photo(request):
            with self._lock:
                self._read += 1
                beyond = self._read > self._limit
            if beyond:
                self.reached.set()
                self._free.wait(120)
        return self._application(request, respond)

    @staticmethod
    def _is_photo(request: dict[str, Any]) -> bool:
        photo = request["PATH_INFO"].startswith(f"/{BUCKET}/photos/")
        # The command tries a few beforehand, by their first byte.
        return photo and request["REQUEST_METHOD"] == "GET" and "HTTP_RANGE" not in request

    def close_after(self, photos: int) -> None:
        """From now on, answer so many photos and let the rest wait."""
        self.reached.clear()
        self._free.clear()
        self._read, self._limit = 0, photos

    def open(self) -> None:
        """Answer all."""
        self._free.set()


@dataclass(frozen=True)
class Bucket:
    """A bucket of labels, class names and photos.

    Attributes
    ----------
    endpoint
        The server's URL.
    client
        A boto3 client that may do everything.
    gate
        What photos pass through.
    """

    endpoint: str
    client: Any
    gate: Gate

    def keys(self, prefix: str) -> list[str]:
        """The names of all objects that begin so."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def files(self, prefix: str) -> dict[str, bytes]:
        """All objects below a prefix, by the rest of their names."""
        return {
            key.removeprefix(prefix): self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            for key in self.keys(prefix)
        }


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def serve_bucket(drawn: DemoDataset) -> Iterator[Bucket]:
    """Serve a drawn dataset for as long as a block runs."""
    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    try:
        client.create_bucket(Bucket=BUCKET)
        client.upload_file(str(drawn.labels), BUCKET, "labels.csv")
        client.upload_file(str(drawn.class_names), BUCKET, "classes.csv")
        for photo in drawn.images.iterdir():
            client.upload_file(str(photo), BUCKET, f"photos/{photo.name}")
        yield Bucket(endpoint, client, gate)
    finally:
        gate.open()
        server.shutdown()
        server.server_close()
