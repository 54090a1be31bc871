"""Reading from web servers: URLs, connections, limits, redirects, and whose fault a failure is."""

from __future__ import annotations

import http.server
import threading
import tomllib
from collections.abc import Iterator
from typing import ClassVar

import pytest

from sparkles.choices import StorageReason
from sparkles.errors import PassingError, StorageError
from sparkles.storage import hosts, read_bytes, retry
from sparkles.storage import http as http_module
from sparkles.storage.hosts import Host, HostTroubleError
from sparkles.storage.http import http_url
from sparkles.version import __version__
from tests.conftest import REPOSITORY
from tests.http_server import serve

CONTENT = bytes(range(256)) * 8
NOBODY = "http://127.0.0.1:1/a.jpg"


class Web(http.server.BaseHTTPRequestHandler):
    """A server whose paths say how it answers: ``/500/a.jpg`` with a status, and so on."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, dict[str, str], int]]] = []
    over: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        Web.asked.append((self.path, headers, self.client_address[1]))
        kind, _, rest = self.path.removeprefix("/").partition("/")
        if kind.isdigit():
            self.answer(int(kind))
        elif kind == "to":
            self.answer(302, Location=rest.replace("%20", " "))
        elif kind == "meanwhile":  # the client, in this process, reads another photo first
            read_bytes(f"http://{self.headers['Host']}/other.jpg")
            self.answer(int(rest))
        elif kind == "endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(bytes(100_000))
            self.close_connection = True
        elif kind == "silent":
            Web.over.wait()
            self.close_connection = True
        else:
            self.answer(200, CONTENT)

    def answer(self, status: int, body: bytes = b"<html>no</html>", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the client has left
            self.close_connection = True


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.01)
    monkeypatch.setattr(hosts, "_hosts", {})
    Web.asked.clear()
    Web.over.clear()
    with serve(Web) as address:
        yield address
        Web.over.set()


def refusal(uri: str, most: int | None = None) -> StorageError:
    with pytest.raises(StorageError) as caught:
        read_bytes(uri, most=most)
    return caught.value


@pytest.mark.parametrize(
    ("written", "requested"),
    [
        ("a b.jpg", "a%20b.jpg"),
        ("Grün/ж.jpg", "Gr%C3%BCn/%D0%B6.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("100%.jpg", "100%25.jpg"),
        ("a%20b 100%.jpg", "a%20b%20100%25.jpg"),
        ("a.jpg?size=1 2&of=ü#top", "a.jpg?size=1%202&of=%C3%BC"),
        ("a+b&c=d,e;f@g.jpg", "a+b&c=d,e;f@g.jpg"),
    ],
)
def test_spaces_and_other_letters_are_encoded_as_browsers_do(
    host: str, written: str, requested: str
) -> None:
    assert read_bytes(f"{host}/{written}") == CONTENT
    assert Web.asked[-1][0] == f"/{requested}"


def test_a_host_s_name_may_be_in_another_alphabet() -> None:
    assert http_url("https://user:p@bücher.example/a.jpg") == "https://xn--bcher-kva.example/a.jpg"


def test_connections_are_kept_also_after_an_error(host: str) -> None:
    read_bytes(f"{host}/1.jpg")
    assert refusal(f"{host}/404/2.jpg").reason == StorageReason.MISSING
    for path in ("3.jpg", "to//4.jpg", "5.jpg"):
        read_bytes(f"{host}/{path}")
    assert len(Web.asked) == 6
    assert len({port for *_, port in Web.asked}) == 1


def test_requests_name_their_sender(host: str) -> None:
    read_bytes(f"{host}/a.jpg")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    expected = f"{project['name']}/{__version__} (+{project['urls']['Homepage']})"
    assert Web.asked[-1][1]["user-agent"] == expected


def test_a_body_without_a_length_is_bounded(host: str) -> None:
    error = refusal(f"{host}/endless/a.jpg", most=200_000)
    assert error.reason == StorageReason.TOO_LARGE
    assert "more than 200,000 bytes" in error.detail
    assert len(read_bytes(f"{host}/endless/a.jpg", most=None)) == 10_000_000


def test_passwords_are_sent_but_not_to_another_host(host: str) -> None:
    port = host.rpartition(":")[2]
    uri = f"http://user:p%40ss@127.0.0.1:{port}"
    assert read_bytes(f"{uri}/to//a.jpg") == CONTENT
    assert [headers["authorization"] for _, headers, _ in Web.asked] == ["Basic dXNlcjpwQHNz"] * 2
    assert read_bytes(f"{uri}/to/http://localhost:{port}/a.jpg") == CONTENT
    assert "authorization" not in Web.asked[-1][1]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("ftp://127.0.0.1/a.jpg", "ftp://127.0.0.1/a.jpg: expected an http or https URI"),
        ("file:///etc/passwd", "file:///etc/passwd: expected an http or https URI"),
        ("/to/" * 11 + "/a.jpg", "more than 10 redirects"),
    ],
)
def test_redirects_lead_to_the_web_and_come_to_an_end(host: str, target: str, message: str) -> None:
    error = refusal(f"{host}/to/{target}")
    assert type(error) is StorageError
    assert error.reason == StorageReason.UNREADABLE
    assert message in error.detail


def test_a_public_host_cannot_redirect_into_the_private_network(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = ("127.0.0.1", "169.254.169.254", "[::1]")
    assert all(http_module._is_private(name) for name in private)
    assert not http_module._is_private("8.8.8.8")
    port = host.rpartition(":")[2]
    monkeypatch.setattr(http_module, "_is_private", lambda name: name == "localhost")
    error = refusal(f"{host}/to/http://localhost:{port}/a.jpg")
    assert "redirected from a public host to the private address localhost" in error.detail
    assert len(Web.asked) == 1


def test_a_host_that_never_answers_is_given_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "_SILENT_SECONDS", 0.05)
    for name in ("1.jpg", "2.jpg"):
        error = refusal(f"{host}/silent/{name}")
        assert type(error) is StorageError
        assert "does not answer (silent for 0.05 s); it is not asked again" in error.detail
    assert len(Web.asked) == 3
    assert "Connection refused" in refusal(NOBODY).detail


def test_trouble_with_a_host_that_serves_other_photos_is_the_photo_s_own(host: str) -> None:
    error = refusal(f"{host}/meanwhile/500")
    assert type(error) is StorageError
    assert error.reason == StorageReason.UNREADABLE
    assert "HTTP 500" in error.detail
    paths = [path for path, *_ in Web.asked]
    assert paths.count("/meanwhile/500") == http_module._ATTEMPTS_OF_ONE


@pytest.mark.parametrize("path", ["500", "429", "meanwhile/503"])
def test_other_trouble_that_lasts_is_no_verdict_on_the_photo(host: str, path: str) -> None:
    assert type(refusal(f"{host}/{path}")) is PassingError
    assert [asked for asked, *_ in Web.asked].count(f"/{path}") == retry.ATTEMPTS


def test_other_hosts_decide_whether_a_host_or_the_network_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = Host("one"), Host("other")
    monkeypatch.setattr(hosts, "_hosts", {"one": one, "other": other})
    throttled = HostTroubleError("HTTP 503", throttled=True)
    one.answered(well=True)
    for _ in range(5):
        one.failed("silent")
    one.check("http://one/a.jpg")  # it did answer, so the network may be down
    start = one._last_failure
    assert not one.has_own(throttled, start)
    other.answered(well=True)
    assert one.has_own(throttled, start)
    with pytest.raises(StorageError, match="one does not answer"):
        one.check("http://one/a.jpg")
    one.answered(well=False)
    one.check("http://one/a.jpg")


def test_a_proxy_is_used_where_the_variables_name_one(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", host)
    assert read_bytes("http://photos.invalid/a.jpg") == CONTENT
    assert Web.asked[-1][0] == "http://photos.invalid/a.jpg"
