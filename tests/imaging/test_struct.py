"""Spark's image structs: every mode to RGB, and every fault to a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyspark.sql import SparkSession

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging import struct_to_image

# OpenCV's numbers, CV_8UC1 and so on: depth + 8 * (channels - 1); depth 0 = uint8, 5 = float32.
BYTES = {1: 0, 3: 16, 4: 24}
FLOATS = {1: 5, 3: 21, 4: 29}


def struct_of(samples: npt.NDArray[Any], mode: int) -> dict[str, Any]:
    height, width, channels = samples.shape
    return {
        "origin": "made",
        "height": height,
        "width": width,
        "nChannels": channels,
        "mode": mode,
        "data": samples.tobytes(),
    }


def as_rgb(samples: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Convert pixel by pixel: repeat gray, reverse blue, green and red, leave out alpha."""
    rows = [
        [
            [int(pixel[0])] * 3
            if len(pixel) == 1
            else [int(pixel[2]), int(pixel[1]), int(pixel[0])]
            for pixel in row
        ]
        for row in samples
    ]
    return np.array(rows, dtype=np.uint8)


SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3, 4]))


@given(SHAPES, st.integers(0, 2**32 - 1))
def test_bytes_become_rgb(shape: tuple[int, int, int], seed: int) -> None:
    samples = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    picture = struct_to_image(struct_of(samples, BYTES[shape[2]]))
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture), as_rgb(samples))


@given(SHAPES, st.integers(0, 2**32 - 1))
def test_whole_floats_give_the_same_as_bytes(shape: tuple[int, int, int], seed: int) -> None:
    samples = np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)
    picture = struct_to_image(struct_of(samples, FLOATS[shape[2]]))
    assert np.array_equal(np.asarray(picture), as_rgb(samples))


def test_floats_are_rounded_and_clipped() -> None:
    samples = np.array([[[-3.0], [0.4], [0.6], [254.6], [300.0], [np.nan]]], dtype=np.float32)
    found = np.asarray(struct_to_image(struct_of(samples, FLOATS[1])))
    assert found[0, :, 0].tolist() == [0, 0, 1, 255, 255, 0]


def test_a_bytearray_from_spark_is_read() -> None:
    samples = np.array([[[1, 2, 3]]], dtype=np.uint8)
    struct = struct_of(samples, BYTES[3]) | {"data": bytearray(samples.tobytes())}
    assert struct_to_image(struct).getpixel((0, 0)) == (3, 2, 1)


def test_spark_image_source_is_read_as_pillow_reads_the_file(
    spark: SparkSession, tmp_path: Path
) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    Image.fromarray(samples).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    rows = spark.read.format("image").load(str(tmp_path)).collect()
    by_name = {row["image"]["origin"].rpartition("/")[2]: row["image"] for row in rows}
    assert np.array_equal(np.asarray(struct_to_image(by_name["a.png"])), samples)
    with pytest.raises(PhotoError, match="mode -1") as caught:
        struct_to_image(by_name["b.png"])
    assert caught.value.reason == Reason.CORRUPT


GOOD = struct_of(np.zeros((2, 3, 3), dtype=np.uint8), BYTES[3])


@pytest.mark.parametrize(
    ("struct", "reason"),
    [
        (None, Reason.EMPTY),
        (GOOD | {"data": None}, Reason.EMPTY),
        (GOOD | {"mode": -1, "data": b""}, Reason.CORRUPT),
        (GOOD | {"mode": None}, Reason.CORRUPT),
        (GOOD | {"mode": 99}, Reason.CORRUPT),
        (GOOD | {"data": bytes(17)}, Reason.CORRUPT),
        (GOOD | {"data": bytes(19)}, Reason.CORRUPT),
        (GOOD | {"data": b""}, Reason.CORRUPT),
        (GOOD | {"height": 0, "data": b""}, Reason.CORRUPT),
        (GOOD | {"height": -2, "width": -3}, Reason.CORRUPT),
        (GOOD | {"height": None}, Reason.CORRUPT),
        (GOOD | {"width": None}, Reason.CORRUPT),
    ],
)
def test_what_is_not_an_image_gives_a_reason(struct: dict[str, Any] | None, reason: Reason) -> None:
    with pytest.raises(PhotoError) as caught:
        struct_to_image(struct)
    assert caught.value.reason == reason


def test_the_error_names_the_size_of_the_data() -> None:
    with pytest.raises(PhotoError, match="17 bytes where 2 x 3 x 3 take 18"):
        struct_to_image(GOOD | {"data": bytes(17)})
