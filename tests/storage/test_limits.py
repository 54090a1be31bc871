"""What reading one file may cost: bytes, seconds, and regular files only."""

from __future__ import annotations

import errno
import http.server
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkles.choices import StorageReason
from sparkles.errors import StorageError, SystemicError
from sparkles.storage import MOST_BYTES, limits, local, read_bytes, read_head
from sparkles.storage.limits import Deadline, read_bounded
from tests.http_server import serve


def refusal(uri: str, most: int | None = MOST_BYTES) -> tuple[str, str]:
    with pytest.raises(StorageError) as caught:
        read_bytes(uri, most=most)
    return caught.value.reason, caught.value.detail


def test_a_film_with_the_name_of_a_photo_is_refused_before_it_is_read(tmp_path: Path) -> None:
    film = tmp_path / "film.jpg"
    with film.open("wb") as file:
        file.truncate(10 * 1024**3)  # a hole, which would read as zeros
    reason, detail = refusal(str(film))
    assert reason == StorageReason.TOO_LARGE
    assert "10,737,418,240 bytes, more than 268,435,456" in detail
    assert len(read_head(str(film), 100).content) == 100  # enough to look at


def test_the_limit_is_the_most_bytes_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(1000))
    assert len(read_bytes(str(path), most=1000)) == 1000
    assert refusal(str(path), 999)[0] == StorageReason.TOO_LARGE
    assert len(read_bytes(str(path), most=None)) == 1000


def test_a_file_that_grows_while_it_is_read_is_bounded() -> None:
    asked = 0

    def endless(size: int) -> bytes:
        nonlocal asked
        asked += 1
        return bytes(size)

    with pytest.raises(StorageError, match=r"a\.jpg: more than 5,000,000 bytes"):
        read_bounded(endless, "a.jpg", 5_000_000, Deadline("a.jpg"))
    assert asked == 5  # of a mebibyte each


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(
    ("make", "found"),
    [(os.mkfifo, "a pipe"), (make_socket, "a socket"), (Path.mkdir, "a folder")],
)
def test_only_regular_files_are_read(
    tmp_path: Path, make: Callable[[Path], None], found: str
) -> None:
    path = tmp_path / "x.jpg"
    make(path)
    expected = (StorageReason.UNREADABLE, f"{path}: expected a file, found {found}")
    assert refusal(str(path)) == expected
    with pytest.raises(StorageError, match=f"found {found}"):
        read_head(str(path), 16)


def test_an_endless_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").symlink_to("/dev/zero")
    assert "found a device" in refusal(str(tmp_path / "x.jpg"))[1]


def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "x.jpg")
    regular = Path(__file__).stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: regular)
    assert "found a pipe" in refusal(str(tmp_path / "x.jpg"))[1]


def test_a_link_to_itself_is_the_fault_of_one_photo(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").symlink_to(tmp_path / "x.jpg")
    assert refusal(str(tmp_path / "x.jpg"))[0] == StorageReason.UNREADABLE


def test_a_mount_that_went_away_is_no_fault_of_a_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path, *_: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle", str(path))

    (tmp_path / "x.jpg").touch()
    monkeypatch.setattr(local.os, "open", gone)
    with pytest.raises(SystemicError, match="Stale file handle"):
        read_bytes(str(tmp_path / "x.jpg"))


class Slow(http.server.BaseHTTPRequestHandler):
    """A server that announces a file and sends it byte by byte until the client has left."""

    goes_on = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10000000000" if "film" in self.path else "1000000")
        self.end_headers()
        while not self.goes_on.wait(0.01):
            try:
                self.wfile.write(b"x")
            except OSError:
                return


def test_a_server_that_drips_is_given_up_and_a_film_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(limits, "_SECONDS", 0.3)
    Slow.goes_on.clear()
    with serve(Slow) as host:
        try:
            assert refusal(f"{host}/drips.jpg") == (
                StorageReason.UNREADABLE,
                f"{host}/drips.jpg: not complete after 0.3 s",
            )
            reason, detail = refusal(f"{host}/film.jpg")
        finally:
            Slow.goes_on.set()
    assert reason == StorageReason.TOO_LARGE
    assert "10,000,000,000 bytes" in detail
