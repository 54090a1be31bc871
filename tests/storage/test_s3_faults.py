"""Reading from an S3 that throttles, breaks off, resets, hangs or refuses."""

from __future__ import annotations

import contextlib
import http.server
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import pytest

from sparkles.choices import StorageReason
from sparkles.errors import PassingError, StorageError, SystemicError
from sparkles.storage import S3Options, check_not_all_refused, read_bytes, retry, s3_client
from sparkles.storage.s3_client import forget_client
from tests.http_server import serve

CONTENT = bytes(range(256)) * 400


class FaultyS3(http.server.BaseHTTPRequestHandler):
    """A server whose keys name their faults: ``503x2-a.jpg`` is throttled twice, then sent."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()
    headers_seen: ClassVar[list[dict[str, str]]] = []
    over: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        key = self.path.rpartition("/")[2].partition("?")[0]
        FaultyS3.asked[key] += 1
        FaultyS3.headers_seen.append(dict(self.headers))
        fault, _, times = key.partition("-")[0].partition("x")
        if FaultyS3.asked[key] > int(times or 0):
            self.answer(200, CONTENT)
        elif fault.isdigit():
            self.answer(int(fault), CODES[fault])
        else:
            getattr(self, fault)()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2])
        self.close_connection = True

    def reset(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:1000])
        self.wfile.flush()
        # Closing a socket with a linger time of zero sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def silent(self) -> None:
        FaultyS3.over.wait()
        self.close_connection = True

    def slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        for start in range(0, len(CONTENT), len(CONTENT) // 8):
            self.wfile.write(CONTENT[start : start + len(CONTENT) // 8])
            self.wfile.flush()
            time.sleep(0.5)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()


def xml(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()


CODES = {
    "503": xml("SlowDown"),
    "500": xml("InternalError"),
    "400": xml("RequestTimeout"),
    "401": xml("ExpiredToken"),
    "402": xml("SignatureDoesNotMatch"),
    "403": xml("AccessDenied"),
    "404": xml("NoSuchKey"),
}


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Options]:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.01)
    monkeypatch.setattr(s3_client, "_READ_TIMEOUT", 3.0)
    FaultyS3.asked.clear()
    FaultyS3.headers_seen.clear()
    FaultyS3.over.clear()
    with serve(FaultyS3) as address:
        yield S3Options(endpoint=address)
        FaultyS3.over.set()
        forget_client()


@pytest.mark.parametrize(
    "key", ["503x2-a.jpg", "500x3-a.jpg", "shortx2-a.jpg", "resetx2-a.jpg", "silentx1-a.jpg"]
)
def test_content_is_complete_after_temporary_faults(options: S3Options, key: str) -> None:
    assert read_bytes(f"s3://photos/{key}", options) == CONTENT
    times = int(key.partition("x")[2].partition("-")[0])
    assert FaultyS3.asked[key] == times + 1


def test_a_slow_body_is_read_completely(options: S3Options) -> None:
    assert read_bytes("s3://photos/slowx1-a.jpg", options) == CONTENT
    assert FaultyS3.asked["slowx1-a.jpg"] == 1


@pytest.mark.parametrize(
    ("key", "kind", "detail", "asked"),
    [
        ("503x99-a.jpg", PassingError, "SlowDown", retry.ATTEMPTS),
        ("400x99-a.jpg", PassingError, "RequestTimeout", retry.ATTEMPTS),
        ("shortx99-a.jpg", PassingError, "a.jpg: ", retry.ATTEMPTS),
        ("resetx99-a.jpg", PassingError, "a.jpg: ", retry.ATTEMPTS),
        ("401x99-a.jpg", SystemicError, "ExpiredToken.*renew", retry.FEW_ATTEMPTS),
        ("402x99-a.jpg", SystemicError, "SignatureDoesNotMatch", 1),
        ("403x99-a.jpg", StorageError, "a.jpg: AccessDenied$", 1),
        ("404x99-a.jpg", StorageError, "a.jpg: NoSuchKey$", 1),
    ],
)
def test_the_kind_of_a_lasting_fault_tells_whose_it_is(
    options: S3Options, key: str, kind: type[StorageError], detail: str, asked: int
) -> None:
    with pytest.raises(StorageError, match=detail) as caught:
        read_bytes(f"s3://photos/{key}", options)
    assert type(caught.value) is kind
    absent = key.startswith("404")
    assert caught.value.reason == (StorageReason.MISSING if absent else StorageReason.UNREADABLE)
    assert FaultyS3.asked[key] == asked


def test_the_requester_pays(options: S3Options) -> None:
    paying = S3Options(endpoint=options.endpoint, requester_pays=True)
    read_bytes("s3://photos/a.jpg", paying)
    read_bytes("s3://photos/a.jpg", options)
    payers = [headers.get("x-amz-request-payer") for headers in FaultyS3.headers_seen]
    assert payers == ["requester", None]


def test_anonymous_requests_ignore_credentials(options: S3Options) -> None:
    read_bytes("s3://photos/a.jpg", S3Options(endpoint=options.endpoint, anonymous=True))
    read_bytes("s3://photos/a.jpg", options)
    assert ["Authorization" in headers for headers in FaultyS3.headers_seen] == [False, True]


def test_a_refusal_of_every_photo_is_reported_before_the_job(options: S3Options) -> None:
    uris = [f"s3://photos/403x99-{n}.jpg" for n in range(3)]
    with pytest.raises(StorageError, match=r"each of the 3 .* AccessDenied; check .*credentials"):
        check_not_all_refused(uris, options)


@pytest.mark.parametrize("other", ["a.jpg", "404x99-b.jpg"])
def test_one_readable_or_absent_photo_is_enough(options: S3Options, other: str) -> None:
    check_not_all_refused(["s3://photos/403x99-a.jpg", f"s3://photos/{other}"], options)
    check_not_all_refused([], options)


def test_an_endpoint_that_does_not_answer_is_reported_before_the_job(options: S3Options) -> None:
    nowhere = S3Options(endpoint="http://127.0.0.1:9")
    with pytest.raises(StorageError, match=r"EndpointConnectionError; nothing answers there"):
        check_not_all_refused(["s3://photos/a.jpg"], nowhere)
