"""A photo that kills or hangs the decoder costs one row, and no process but a child."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sparkles.choices import Reason
from sparkles.errors import PhotoError, SystemicError
from sparkles.imaging import decode_image, read_pixels
from sparkles.worker import isolation as module
from sparkles.worker.isolated import ANSWER, READY, REQUEST, serve
from sparkles.worker.isolation import Isolation
from tests.photos import encode, picture
from tests.worker.deadly_decoder import write_hook

GOOD = encode(picture(60, 80))


@pytest.fixture
def isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Isolation]:
    monkeypatch.syspath_prepend(write_hook(tmp_path))
    made = Isolation()
    yield made
    made.close()


def rejection(isolation: Isolation, content: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        isolation.decode(content, 8, 8)
    assert caught.value.reason == Reason.CORRUPT
    return caught.value.detail


def test_a_photo_that_kills_the_decoder_is_rejected_and_the_next_is_read(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_pixels(GOOD, 8, 8)
    assert rejection(isolation, GOOD + b"<exit>") == "the decoder ended its process with status 3"
    assert np.array_equal(isolation.decode(GOOD, 8, 8), expected)
    assert rejection(isolation, GOOD + b"<crash>") == "the decoder was killed by signal 11"
    assert np.array_equal(isolation.decode(GOOD, 8, 8), expected)
    with monkeypatch.context() as patch:
        patch.setattr(module, "SECONDS", 0.5)
        assert rejection(isolation, GOOD + b"<loop>") == "the decoder did not end within 0.5 s"
    whole = isolation.decode(GOOD, 20, 20, resized=False)
    assert np.array_equal(whole, np.asarray(decode_image(GOOD, at_least=(20, 20))))
    with pytest.raises(PhotoError, match="not an image"):
        isolation.decode(b"no photo", 8, 8)


def test_threads_share_a_child(isolation: Isolation) -> None:
    contents = [encode(picture(30, 30, seed)) for seed in range(8)]
    found: dict[int, np.ndarray] = {}

    def decode(number: int) -> None:
        found[number] = isolation.decode(contents[number], 8, 8)

    threads = [threading.Thread(target=decode, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, content in enumerate(contents):
        assert np.array_equal(found[number], read_pixels(content, 8, 8))


def test_a_child_that_does_not_start_is_no_fault_of_the_photo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.sys, "executable", "/nowhere/python")
    with pytest.raises(SystemicError, match="no process to decode photos in"):
        Isolation().decode(GOOD, 8, 8)
    monkeypatch.setattr(module.sys, "executable", "/bin/false")
    with pytest.raises(SystemicError, match="does not start"):
        Isolation().decode(GOOD, 8, 8)


def test_the_child_answers_until_it_is_asked_no_more() -> None:
    requests = [REQUEST.pack(True, 8, 8, len(GOOD)), GOOD, REQUEST.pack(False, 8, 8, 3), b"bad"]
    answers = io.BytesIO()
    serve(io.BytesIO(b"".join(requests)), answers)
    answers.seek(0)
    assert answers.read(1) == READY
    assert ANSWER.unpack(answers.read(ANSWER.size)) == (8, 8)
    assert answers.read(8 * 8 * 3) == read_pixels(GOOD, 8, 8).tobytes()
    height, size = ANSWER.unpack(answers.read(ANSWER.size))
    assert height == 0
    assert answers.read(size).startswith(b'["not an image"')
    assert answers.read() == b""
