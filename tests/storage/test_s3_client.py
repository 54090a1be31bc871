"""One client per process: signed or anonymous as was decided, with credentials that are renewed."""

from __future__ import annotations

import datetime
import http.server
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest

from sparkles.errors import StorageError, SystemicError
from sparkles.storage import S3Options, decide_credentials, read_bytes, retry
from sparkles.storage.s3_client import client_of, forget_client
from tests.http_server import serve

_KEY = re.compile(r"Credential=([^/]+)/")
_USES = 25  # requests that a key serves before it expires


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Metadata(Handler):
    """The metadata service of an instance, which at first accepts requests and hangs up."""

    hangs_up: ClassVar[int] = 0
    lifetime: ClassVar[datetime.timedelta] = datetime.timedelta(hours=6)
    issued: ClassVar[list[str]] = []

    def do_PUT(self) -> None:
        if Metadata.hangs_up > 0:
            Metadata.hangs_up -= 1
            self.close_connection = True
        else:
            self.answer(200, b"token")

    def do_GET(self) -> None:
        if Metadata.hangs_up > 0:
            Metadata.hangs_up -= 1
            self.close_connection = True
        elif self.path.endswith("/security-credentials/"):
            self.answer(200, b"role")
        else:
            self.answer(200, self.issue())

    def issue(self) -> bytes:
        Metadata.issued.append(f"key{len(Metadata.issued)}")
        expires = datetime.datetime.now(datetime.UTC) + Metadata.lifetime
        keys = {"AccessKeyId": Metadata.issued[-1], "SecretAccessKey": "s", "Token": "t"}
        more = {"Code": "Success", "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return json.dumps({**keys, **more}).encode()


class S3(Handler):
    """A server that refuses unsigned requests, and keys that have been used too often."""

    used: ClassVar[Counter[str]] = Counter()
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        signed = _KEY.search(self.headers.get("Authorization", ""))
        if self.path.startswith("/public/"):
            self.answer(200, b"photo")
        elif not signed or "denied" in self.path:
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        else:
            with S3.lock:
                S3.used[signed[1]] += 1
                fresh = S3.used[signed[1]] <= _USES
            code = b"<Error><Code>ExpiredToken</Code></Error>"
            self.answer(*((200, b"photo") if fresh else (400, code)))


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Start S3 for a process that has no credentials at all."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.001)
    S3.used.clear()
    forget_client()
    with serve(S3) as address:
        yield address
        forget_client()


@pytest.fixture
def metadata(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start the metadata service of an instance that has a role."""
    monkeypatch.setattr(Metadata, "hangs_up", 0)
    Metadata.issued.clear()
    with serve(Metadata) as address:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        yield address


@pytest.fixture
def container(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a container's source of credentials, which issues another key at each request."""
    Metadata.issued.clear()
    with serve(Metadata) as address:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{address}/keys")
        yield address


def test_the_driver_decides_for_credentials(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decide_credentials(S3Options()).anonymous is True
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    assert decide_credentials(S3Options()).anonymous is False
    assert decide_credentials(S3Options(anonymous=True)).anonymous is True


def test_a_metadata_service_that_hesitates_makes_nobody_anonymous(
    metadata: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Metadata, "hangs_up", 8)
    assert decide_credentials(S3Options()).anonymous is False
    monkeypatch.setattr(Metadata, "hangs_up", 8)
    for anonymous in (False, None):
        forget_client()
        options = S3Options(endpoint=endpoint, anonymous=anonymous)
        assert read_bytes("s3://photos/a.jpg", options) == b"photo"


def test_a_worker_without_expected_credentials_judges_no_photo(endpoint: str) -> None:
    options = S3Options(endpoint=endpoint, anonymous=False)
    with pytest.raises(SystemicError, match=r"this machine finds no AWS credentials"):
        read_bytes("s3://photos/a.jpg", options)
    assert not S3.used


@pytest.mark.parametrize("lifetime", [datetime.timedelta(minutes=5), datetime.timedelta(hours=6)])
def test_a_job_outlives_its_credentials(
    container: str, endpoint: str, monkeypatch: pytest.MonkeyPatch, lifetime: datetime.timedelta
) -> None:
    # botocore renews keys of which it knows that they soon expire; of others only S3 says so.
    monkeypatch.setattr(Metadata, "lifetime", lifetime)
    options = S3Options(endpoint=endpoint, anonymous=False)
    uris = [f"s3://photos/{number}.jpg" for number in range(4 * _USES)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda uri: read_bytes(uri, options), uris))
    assert found == [b"photo"] * len(uris)
    assert len(Metadata.issued) >= 4


def test_credentials_that_somebody_renews_in_a_file_are_found(
    endpoint: str, tmp_path: Path
) -> None:
    def write(key: str) -> None:
        text = f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s\n"
        (tmp_path / "credentials").write_text(text)

    options = S3Options(endpoint=endpoint, anonymous=False)
    write("old")
    S3.used["old"] = _USES - 1
    assert read_bytes("s3://photos/a.jpg", options) == b"photo"
    with pytest.raises(SystemicError, match=r"a\.jpg: ExpiredToken.*renew this machine's"):
        read_bytes("s3://photos/a.jpg", options)
    write("new")
    assert read_bytes("s3://photos/a.jpg", options) == b"photo"


def test_a_refusal_is_the_photo_s_own_if_another_is_readable(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    options = S3Options(endpoint=endpoint, anonymous=False, readable="s3://photos/a.jpg")
    with pytest.raises(StorageError, match=r"denied\.jpg: AccessDenied$") as caught:
        read_bytes("s3://photos/denied.jpg", options)
    assert type(caught.value) is StorageError


def test_a_process_that_is_refused_everything_judges_no_photo(endpoint: str) -> None:
    options = S3Options(endpoint=endpoint, anonymous=True, readable="s3://photos/a.jpg")
    with pytest.raises(SystemicError, match=r"b\.jpg: AccessDenied, and so is s3://photos/a\.jpg"):
        read_bytes("s3://photos/b.jpg", options)


def test_threads_that_need_a_client_at_once_get_the_same(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    together = threading.Barrier(8)
    original: Callable[..., Any] = boto3.Session.client

    def client(self: boto3.Session, *arguments: Any, **options: Any) -> Any:
        made.append(self)
        return original(self, *arguments, **options)

    def get(_: int) -> Any:
        together.wait()
        return client_of(S3Options(endpoint=endpoint, anonymous=True))

    monkeypatch.setattr(boto3.Session, "client", client)
    with ThreadPoolExecutor(8) as threads:
        assert len(set(map(id, threads.map(get, range(8))))) == 1
    assert len(made) == 1
