"""Resizing is Pillow's antialiased bilinear filter."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sparkles.imaging import resize_image


def noise(height: int, width: int) -> Image.Image:
    generator = np.random.default_rng(0)
    return Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(("height", "width"), [(7, 5), (40, 60), (1, 1), (30, 20), (20, 30)])
def test_resize_is_pillows_bilinear(height: int, width: int) -> None:
    picture = noise(30, 20)
    expected = picture.resize((width, height), resample=Image.Resampling.BILINEAR)
    found = resize_image(picture, height, width)
    assert found.shape == (height, width, 3)
    assert found.dtype == np.uint8
    assert np.array_equal(found, np.asarray(expected))


def test_an_image_of_the_same_size_is_unchanged() -> None:
    picture = noise(30, 20)
    assert np.array_equal(resize_image(picture, 30, 20), np.asarray(picture))


def test_shrinking_averages_over_what_it_covers() -> None:
    # One white pixel among black ones: a filter that samples points would lose it or keep it whole.
    samples = np.zeros((8, 8, 3), dtype=np.uint8)
    samples[4, 4] = 255
    # To one pixel: triangle weights of support 8 around the centre, (1 - |d| / 8) normalized.
    weights = 1 - np.abs(np.arange(8) + 0.5 - 4) / 8
    share = (weights[4] / weights.sum()) ** 2
    found = resize_image(Image.fromarray(samples), 1, 1)
    assert found.ravel().tolist() == pytest.approx([255 * share] * 3, abs=1)


def test_height_comes_before_width_and_channels_stay_in_order() -> None:
    found = resize_image(Image.new("RGB", (10, 10), (1, 2, 3)), 4, 6)
    assert found.shape == (4, 6, 3)
    assert found[3, 5].tolist() == [1, 2, 3]
