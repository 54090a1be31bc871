"""Reading the beginning of a file from disk, HTTP and S3, and not a byte more."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sparkles.choices import StorageReason
from sparkles.errors import StorageError
from sparkles.storage import Head, S3Options, read_head, retry
from sparkles.storage.s3_client import client_of, forget_client
from tests.http_server import serve
from tests.s3_server import s3_on_loopback

CONTENT = bytes(range(256)) * 40
SIZES = [1, 100, len(CONTENT), len(CONTENT) + 1]


def reason_of(uri: str) -> str:
    with pytest.raises(StorageError) as caught:
        read_head(uri, 100)
    return caught.value.reason


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.01)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["", "file:", "file://"])
def test_the_beginning_of_a_local_file(tmp_path: Path, scheme: str, size: int) -> None:
    (tmp_path / "a b.jpg").write_bytes(CONTENT)
    head = read_head(f"{scheme}{tmp_path}/a b.jpg", size)
    assert head == Head(CONTENT[:size], len(CONTENT))


def test_local_faults_give_a_reason(tmp_path: Path) -> None:
    assert reason_of(f"{tmp_path}/nowhere.jpg") == StorageReason.MISSING
    assert reason_of(str(tmp_path)) == StorageReason.UNREADABLE  # a folder
    (tmp_path / "empty.jpg").touch()
    assert read_head(f"{tmp_path}/empty.jpg", 100) == Head(b"", 0)


class Ranges(http.server.BaseHTTPRequestHandler):
    """A server whose paths decide how it answers a request for a range."""

    sent: ClassVar[list[int]] = []
    seen: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        kind = self.path.strip("/").removesuffix(".jpg")
        asked = self.headers.get("Range")
        Ranges.seen.append(asked)
        if kind.isdigit():
            self.answer(int(kind), b"", {})
        elif kind == "empty" and asked:
            self.answer(416, b"", {"Content-Range": "bytes */0"})
        elif kind == "knows" and asked:
            body = CONTENT[: int(asked.rpartition("-")[2]) + 1]
            said = f"bytes 0-{len(body) - 1}/{len(CONTENT)}"
            self.answer(206, body, {"Content-Range": said})
        elif kind == "short":
            self.answer(206, CONTENT[:50], {"Content-Range": f"bytes 0-99/{len(CONTENT)}"}, 100)
        else:
            self.answer(200, b"" if kind == "empty" else CONTENT, {})

    def answer(
        self, status: int, body: bytes, headers: dict[str, str], said: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if said is None else said))
        self.end_headers()
        Ranges.sent.append(len(body))
        self.wfile.write(body)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serve(Ranges) as address:
        yield address


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["knows", "ignores"])
def test_the_beginning_of_a_file_from_http(host: str, kind: str, size: int) -> None:
    assert read_head(f"{host}/{kind}.jpg", size) == Head(CONTENT[:size], len(CONTENT))


def test_http_sends_only_the_requested_range(host: str) -> None:
    read_head(f"{host}/knows.jpg", 100)
    assert Ranges.seen[-1] == "bytes=0-99"
    assert Ranges.sent[-1] == 100


def test_http_faults_give_a_reason(host: str) -> None:
    assert read_head(f"{host}/empty.jpg", 100) == Head(b"", 0)
    assert reason_of(f"{host}/404") == StorageReason.MISSING
    assert reason_of(f"{host}/403") == StorageReason.UNREADABLE
    assert reason_of(f"{host}/short.jpg") == StorageReason.UNREADABLE
    before = len(Ranges.seen)
    assert reason_of(f"{host}/503") == StorageReason.UNREADABLE
    assert len(Ranges.seen) - before == retry.ATTEMPTS


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3Options]:
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket="photos")
        client.put_object(Bucket="photos", Key="what?#1.jpg", Body=CONTENT)
        client.put_object(Bucket="photos", Key="empty.jpg", Body=b"")
        yield S3Options(endpoint=endpoint)


@pytest.fixture
def s3(bucket: S3Options, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Options]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    forget_client()
    yield bucket
    forget_client()


@pytest.mark.parametrize("size", SIZES)
def test_the_beginning_of_an_s3_object(s3: S3Options, size: int) -> None:
    assert read_head("s3a://photos/what?#1.jpg", size, s3) == Head(CONTENT[:size], len(CONTENT))


def test_s3_is_asked_once_and_for_the_range(s3: S3Options) -> None:
    asked: list[Any] = []
    client = client_of(s3)
    client.meta.events.register("before-send.s3", lambda request, **_: asked.append(request))
    read_head("s3://photos/what?#1.jpg", 100, s3)
    assert [request.headers["Range"] for request in asked] == [b"bytes=0-99"]


def test_s3_faults_give_a_reason(s3: S3Options) -> None:
    assert read_head("s3://photos/empty.jpg", 100, s3) == Head(b"", 0)
    with pytest.raises(StorageError) as caught:
        read_head("s3://photos/nowhere.jpg", 100, s3)
    assert caught.value.reason == StorageReason.MISSING
