"""The fast decode against Pillow's full decode: same picture, same verdicts."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sparkles.errors import PhotoError
from sparkles.imaging import decode as decode_module
from sparkles.imaging import decode_image, read_pixels, resize_image
from sparkles.imaging.jpeg import decode_jpeg
from tests.photos import encode, picture


def full(content: bytes, side: int) -> np.ndarray:
    """What a user of Pillow writes: decode all of it, then resize."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(8, 400))
def test_never_smaller_than_asked_and_never_enlarged(height: int, width: int, side: int) -> None:
    content = encode(Image.new("RGB", (width, height), (10, 200, 30)))
    pixels = decode_jpeg(content, side, side)
    assert pixels is not None
    assert pixels.dtype == np.uint8
    eighths = (8, 4, 3, 2, 1)
    sizes = [(math.ceil(height * n / 8), math.ceil(width * n / 8)) for n in eighths]
    enough = [size for size in sizes if min(size) >= side and min(height, width) >= side]
    assert pixels.shape == (*min(enough, default=sizes[0]), 3)


@pytest.mark.parametrize(("height", "width"), [(768, 1024), (1024, 683), (2400, 3200)])
def test_pixels_are_close_to_a_full_decode(height: int, width: int) -> None:
    content = encode(picture(height, width, seed=3), quality=90)
    ours = read_pixels(content, 299, 299).astype(int)
    difference = np.abs(ours - full(content, 299).astype(int))
    assert difference.mean() < 1.5
    assert np.percentile(difference, 99) < 8


def test_a_picture_without_scaling_is_exactly_pillow_s() -> None:
    content = encode(picture(320, 400, seed=3), quality=90)
    difference = np.abs(read_pixels(content, 299, 299).astype(int) - full(content, 299).astype(int))
    assert difference.max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_with_scaling(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(picture(600, 1400, seed=5), exif=exif.tobytes(), quality=95)
    expected = resize_image(decode_image(content), 250, 550)
    ours = read_pixels(content, 250, 550)
    assert np.abs(ours.astype(int) - expected.astype(int)).mean() < 1.5


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colour_models(mode: str) -> None:
    content = encode(picture(640, 800, seed=2).convert(mode), quality=95)
    expected = resize_image(decode_image(content), 200, 200)
    ours = read_pixels(content, 200, 200)
    assert np.abs(ours.astype(int) - expected.astype(int)).mean() < 1.5


@settings(deadline=None, max_examples=60)
@given(
    cut=st.integers(0, 3999),
    flips=st.lists(st.tuples(st.integers(0, 3999), st.integers(0, 255)), max_size=3),
)
def test_damage_has_the_same_verdict_as_a_full_decode(
    cut: int, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(DAMAGED)
    for place, value in flips:
        content[place % len(content)] = value
    damaged = bytes(content[: max(0, len(content) - cut)])

    def verdict(**options: object) -> str:
        try:
            decode_image(damaged, **options)
        except PhotoError as error:
            return error.reason
        return "read"

    assert verdict(at_least=(64, 64)) == verdict()


DAMAGED = encode(picture(256, 256, seed=1), quality=60)


def test_a_truncated_photo_is_reported() -> None:
    content = encode(picture(768, 1024, seed=3))
    with pytest.raises(PhotoError, match="truncated"):
        read_pixels(content[: len(content) // 2], 299, 299)


def test_photos_that_take_much_memory_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    class Turn:
        def __enter__(self) -> None:
            taken.append("in")

        def __exit__(self, *_: object) -> None:
            taken.append("out")

    monkeypatch.setattr(decode_module, "_turn", Turn())
    read_pixels(encode(Image.new("RGB", (300, 200))), 32, 32)
    assert taken == []
    read_pixels(encode(Image.new("RGB", (5000, 4000))), 32, 32)
    assert taken == []  # scaled while it is decoded
    read_pixels(encode(Image.new("RGB", (5000, 4000)), "PNG"), 32, 32)
    assert taken == ["in", "out"]
