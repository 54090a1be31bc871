"""Warnings are ignored where photos are decoded, and nowhere else."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from sparkles.imaging import decode_image
from sparkles.imaging.pillow_warnings import ignoring_warnings
from tests.photos import encode, picture


@pytest.fixture(autouse=True)
def _filters_restored() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def warn() -> None:
    warnings.warn("of interest", UserWarning, stacklevel=1)


def test_other_threads_still_warn() -> None:
    entered, warned = threading.Event(), threading.Event()

    def decode() -> None:
        with ignoring_warnings():
            entered.set()
            assert warned.wait(60)
            warn()

    with ThreadPoolExecutor(1) as pool:
        decoding = pool.submit(decode)
        assert entered.wait(60)
        with pytest.raises(UserWarning, match="of interest"):
            warn()
        warned.set()
        decoding.result()


def test_blocks_that_overlap_leave_the_filters_as_they_were() -> None:
    """The second thread enters inside the first's block, and leaves after it."""
    both, first_left = threading.Barrier(2), threading.Event()

    def first() -> None:
        with ignoring_warnings():
            both.wait(60)
        first_left.set()

    def second() -> None:
        both.wait(60)
        with ignoring_warnings():
            assert first_left.wait(60)
            warn()
        with pytest.raises(UserWarning):
            warn()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    with pytest.raises(UserWarning):
        warn()


def test_filters_do_not_pile_up() -> None:
    with ignoring_warnings():
        before = list(warnings.filters)
    for _ in range(3):
        with ignoring_warnings(), ignoring_warnings():
            warn()
    assert list(warnings.filters) == before


def test_a_large_photo_is_decoded_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 150)
    content = encode(picture(20, 10), "PNG")
    with pytest.raises(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(content))
    assert decode_image(content).size == (10, 20)
