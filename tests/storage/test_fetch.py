"""Reading files by their URIs: local paths, HTTP and S3."""

from __future__ import annotations

import contextlib
import http.server
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkles.choices import StorageReason
from sparkles.errors import MissingDependencyError, StorageError
from sparkles.storage import (
    DEFAULT_S3,
    check_readable_scheme,
    is_local,
    is_s3,
    join_uri,
    local,
    local_path,
    read_bytes,
    retry,
)
from sparkles.storage.s3_client import client_of, forget_client
from tests.http_server import serve
from tests.s3_server import s3_on_loopback

CONTENT = bytes(range(256)) * 8
NAMES = [
    "plain.jpg",
    "with space.jpg",
    "100%.jpg",
    "a%20b.jpg",
    "num#1.jpg",
    "what?.jpg",
    "ü+&.jpg",
]


def reason_of(uri: str) -> str:
    with pytest.raises(StorageError) as caught:
        read_bytes(uri)
    return caught.value.reason


@pytest.fixture(params=NAMES)
def photo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.write_bytes(CONTENT)
    return path


def test_path_is_read(photo: Path) -> None:
    assert read_bytes(str(photo)) == CONTENT


@pytest.mark.parametrize("head", ["file:", "file://", "file://localhost", "FILE://"])
def test_unescaped_file_uri_as_hadoop_writes_it_is_read(photo: Path, head: str) -> None:
    assert read_bytes(f"{head}{photo}") == CONTENT


def test_escaped_file_uri_is_read(photo: Path) -> None:
    assert read_bytes(photo.as_uri()) == CONTENT


def test_an_ambiguous_file_uri_means_the_literal_name(tmp_path: Path) -> None:
    (tmp_path / "a b.jpg").write_bytes(b"with a space")
    assert read_bytes(f"file:{tmp_path}/a%20b.jpg") == b"with a space"
    (tmp_path / "a%20b.jpg").write_bytes(b"with a percent sign")
    assert read_bytes(f"file:{tmp_path}/a%20b.jpg") == b"with a percent sign"


def test_bare_path_is_never_unescaped(tmp_path: Path) -> None:
    (tmp_path / "a b.jpg").write_bytes(CONTENT)
    assert reason_of(f"{tmp_path}/a%20b.jpg") == StorageReason.MISSING


def test_relative_path_and_name_with_a_colon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(CONTENT)
    Path("c:d.jpg").write_bytes(CONTENT)
    assert read_bytes("a.jpg") == CONTENT
    assert read_bytes("./c:d.jpg") == CONTENT


def test_empty_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert read_bytes(str(tmp_path / "a.jpg")) == b""


@pytest.mark.parametrize("head", ["", "file:", "file://"])
def test_a_file_that_does_not_exist_is_missing(tmp_path: Path, head: str) -> None:
    assert reason_of(f"{head}{tmp_path}/nowhere.jpg") == StorageReason.MISSING
    (tmp_path / "a.jpg").touch()
    assert reason_of(f"{head}{tmp_path}/a.jpg/b.jpg") == StorageReason.MISSING


@pytest.mark.parametrize("head", ["", "file:"])
def test_a_folder_or_bad_name_is_unreadable(tmp_path: Path, head: str) -> None:
    assert reason_of(f"{head}{tmp_path}") == StorageReason.UNREADABLE  # a folder
    assert (
        reason_of(f"{head}{tmp_path}/{'x' * 300}.jpg") == StorageReason.UNREADABLE
    )  # name too long
    assert reason_of(f"{head}{tmp_path}/a\x00b.jpg") == StorageReason.UNREADABLE


@pytest.mark.parametrize("head", ["", "file:"])
def test_a_file_without_permission_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    # Not by chmod: root may read everything.
    def deny(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "a.jpg").write_bytes(CONTENT)
    monkeypatch.setattr(local.os, "open", deny)
    assert reason_of(f"{head}{tmp_path}/a.jpg") == StorageReason.UNREADABLE
    monkeypatch.setattr(Path, "stat", deny)  # a folder that may not be entered
    assert reason_of(f"{head}{tmp_path}/a.jpg") == StorageReason.UNREADABLE


@given(st.text(), st.sampled_from(["", "file:", "file://", "/"]))
def test_any_local_name_is_read_or_gives_a_reason(name: str, head: str) -> None:
    uri = head + "nowhere-at-all/" + name if head in ("", "/") else head + name
    try:
        read_bytes(uri)
    except StorageError as error:
        assert error.reason in (StorageReason.MISSING, StorageReason.UNREADABLE)  # noqa: PT017


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/a/b.jpg", "/a/b.jpg"),
        ("a/b%20c.jpg", "a/b%20c.jpg"),
        ("file:/a/b%20c.jpg", "/a/b c.jpg"),
        ("file:///a/b%2520c.jpg", "/a/b%20c.jpg"),
        ("file://localhost/a/b.jpg", "/a/b.jpg"),
        ("file:///a/b?c#d.jpg", "/a/b?c#d.jpg"),
    ],
)
def test_local_path(uri: str, path: str) -> None:
    assert local_path(uri) == Path(path)


@pytest.mark.parametrize(
    ("uri", "local", "s3"),
    [
        ("a.jpg", True, False),
        ("/a.jpg", True, False),
        ("C:\\photos\\a.jpg", True, False),
        ("file:/a.jpg", True, False),
        ("s3://bucket/a.jpg", False, True),
        ("S3A://bucket/a.jpg", False, True),
        ("s3n://bucket/a.jpg", False, True),
        ("http://host/a.jpg", False, False),
        ("hdfs:///a.jpg", False, False),
        ("//[odd", True, False),
    ],
)
def test_local_and_s3_uris_are_distinguished(uri: str, local: bool, s3: pytest.MonkeyPatch) -> None:
    assert (is_local(uri), is_s3(uri)) == (local, s3)


def test_join_uri_puts_one_slash_between() -> None:
    assert join_uri("s3://bucket", "a.jpg") == "s3://bucket/a.jpg"
    assert join_uri("/photos//", "a.jpg") == "/photos/a.jpg"


@pytest.mark.parametrize(
    "uri", ["a", "/a", "file:/a", "s3://a/b", "s3a://a/b", "s3n://a/b", "http://a", "HTTPS://a"]
)
def test_readable_schemes_pass(uri: str) -> None:
    check_readable_scheme(uri)


@pytest.mark.parametrize("uri", ["hdfs:///a", "gs://a/b", "ftp://a", "abfss://a@b/c", "dbfs:/a"])
def test_other_schemes_are_refused(uri: str) -> None:
    with pytest.raises(StorageError, match="expected a local path or a file, s3, s3a") as caught:
        check_readable_scheme(uri)
    assert uri in str(caught.value)


class Answers(http.server.BaseHTTPRequestHandler):
    """A server whose paths decide how it answers."""

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        self.send_response({"good.jpg": 200, "short.jpg": 200}.get(kind) or int(kind))
        self.send_header("Content-Length", str(len(CONTENT) + (100 if kind == "short.jpg" else 0)))
        self.end_headers()
        self.wfile.write(CONTENT)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serve(Answers) as address:
        yield address


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.01)


def test_http_content_is_read(host: str) -> None:
    assert read_bytes(f"{host}/good.jpg") == CONTENT


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (404, StorageReason.MISSING),
        (410, StorageReason.MISSING),
        (403, StorageReason.UNREADABLE),
        (500, StorageReason.UNREADABLE),
        (503, StorageReason.UNREADABLE),
    ],
)
def test_http_errors_give_a_reason(host: str, code: int, reason: StorageReason) -> None:
    with pytest.raises(StorageError, match=f"HTTP {code}") as caught:
        read_bytes(f"{host}/{code}")
    assert caught.value.reason == reason


def test_an_http_body_that_breaks_off_is_unreadable(host: str) -> None:
    assert reason_of(f"{host}/short.jpg") == StorageReason.UNREADABLE


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1/a.jpg", "http://", "http://127.0.0.1/a b.jpg", "http://[x/a.jpg"]
)
def test_an_http_server_that_does_not_answer_is_unreadable(uri: str) -> None:
    assert reason_of(uri) == StorageReason.UNREADABLE


KEYS = ["a.jpg", "train/with space.jpg", "num#1.jpg", "what?a=b.jpg", "a+b&c%20d.jpg", "ü.jpg"]


@contextlib.contextmanager
def fresh_client() -> Iterator[None]:
    forget_client()
    yield
    forget_client()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    with s3_on_loopback() as (endpoint, client):
        # One bucket has the name of a scheme, and must not be confused with it.
        for bucket in ("photos", "s3a"):
            client.create_bucket(Bucket=bucket)
            for key in KEYS:
                client.put_object(Bucket=bucket, Key=key, Body=f"{bucket} {key}".encode())
        client.put_object(Bucket="photos", Key="public.jpg", Body=b"for all", ACL="public-read")
        yield endpoint


@pytest.fixture
def s3(
    s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[pytest.MonkeyPatch]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with fresh_client():
        yield monkeypatch


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scheme", ["s3", "s3a", "S3N"])
def test_s3_object_is_read_by_its_literal_key(
    s3: pytest.MonkeyPatch, scheme: str, key: str
) -> None:
    assert read_bytes(f"{scheme}://photos/{key}") == f"photos {key}".encode()


def test_a_bucket_may_have_the_name_of_a_scheme(s3: pytest.MonkeyPatch) -> None:
    assert read_bytes("s3a://s3a/a.jpg") == b"s3a a.jpg"


def test_s3_keys_and_buckets_that_do_not_exist_are_missing(s3: pytest.MonkeyPatch) -> None:
    assert reason_of("s3://photos/nowhere.jpg") == StorageReason.MISSING
    assert reason_of("s3://no-such-bucket/a.jpg") == StorageReason.MISSING


@pytest.mark.parametrize("uri", ["s3://photos", "s3://photos/", "s3:///a.jpg", "s3://Bad_Bücket/a"])
def test_s3_uri_without_bucket_or_key_is_unreadable(s3: pytest.MonkeyPatch, uri: str) -> None:
    assert reason_of(uri) == StorageReason.UNREADABLE


def test_an_s3_endpoint_that_does_not_answer_is_unreadable(s3: pytest.MonkeyPatch) -> None:
    s3.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    s3.setenv("AWS_MAX_ATTEMPTS", "1")
    assert reason_of("s3://photos/a.jpg") == StorageReason.UNREADABLE


def test_the_s3_client_is_made_once(s3: pytest.MonkeyPatch) -> None:
    read_bytes("s3://photos/a.jpg")
    client = client_of(DEFAULT_S3)
    read_bytes("s3://photos/a.jpg")
    assert client_of(DEFAULT_S3) is client


def test_s3_requests_are_signed_where_there_are_credentials(s3: pytest.MonkeyPatch) -> None:
    assert client_of(DEFAULT_S3).meta.config.signature_version == "s3v4"


def test_s3_requests_are_anonymous_where_there_are_no_credentials(s3: pytest.MonkeyPatch) -> None:
    s3.delenv("AWS_ACCESS_KEY_ID")
    s3.delenv("AWS_SECRET_ACCESS_KEY")
    asked: list[Any] = []
    client = client_of(DEFAULT_S3)
    client.meta.events.register("before-send.s3", lambda request, **_: asked.append(request))
    assert read_bytes("s3://photos/public.jpg") == b"for all"
    assert len(asked) == 1
    assert "Authorization" not in asked[0].headers


def test_missing_boto3_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("boto3", "botocore", "botocore.config", "botocore.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with fresh_client(), pytest.raises(MissingDependencyError, match=r"sparkles-ml\[s3\]"):
        read_bytes("s3://photos/a.jpg")
