"""Overlays have their colours where the map has its values, in the shape of the photo."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sparkles.explanation.overlay import AGAINST, FOR, draw_overlay, encode_jpeg, fit_picture
from tests.photos import picture

# How people with dichromacy see linear RGB: G. Machado et al., "A Physiologically-based Model for
# Simulation of Color Vision Deficiency", 2009, at severity 1.
DICHROMACIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
SRGB_TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
WHITE = [0.95047, 1.0, 1.08883]  # D65
LEFT_FOR = np.array([[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]])


def thirds(image: Image.Image) -> list[np.ndarray]:
    """Return the mean red, green and blue of the left, middle and right third."""
    return [part.mean(axis=(0, 1)) for part in np.array_split(np.asarray(image, float), 3, axis=1)]


@pytest.mark.parametrize("size", [(90, 60), (60, 90), (299, 41)])
def test_evidence_for_the_class_is_red_and_against_it_blue(
    size: tuple[int, int],
) -> None:
    photo = Image.new("RGB", size, (128, 128, 128))
    overlay = draw_overlay(photo, LEFT_FOR)
    left, middle, right = thirds(overlay)
    assert overlay.size == size
    assert left[0] > left[2] + 40
    assert right[2] > right[0] + 40
    assert np.ptp(middle) < 20  # gray
    mirrored = draw_overlay(photo, LEFT_FOR[:, ::-1])
    assert thirds(mirrored)[0][2] > thirds(mirrored)[0][0] + 40


def lab(linear: np.ndarray) -> np.ndarray:
    """Convert linear sRGB to CIE 1976 L*a*b*."""
    xyz = np.array(SRGB_TO_XYZ) @ np.clip(linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", DICHROMACIES)
def test_colour_blind_people_can_distinguish_the_colours(name: str) -> None:
    ends = []
    for colour in (FOR, AGAINST):
        parts = np.array(colour) / 255
        linear = np.where(parts > 0.04045, ((parts + 0.055) / 1.055) ** 2.4, parts / 12.92)
        ends.append(lab(np.array(DICHROMACIES[name]) @ linear))
    assert np.linalg.norm(ends[0] - ends[1]) > 40  # 2.3 is a just noticeable difference


def test_the_upper_half_of_the_map_colours_the_upper_half_of_the_photo() -> None:
    photo = Image.new("RGB", (40, 80), (128, 128, 128))
    overlay = np.asarray(draw_overlay(photo, np.array([[1.0], [-1.0]])), dtype=int)
    assert overlay[5, 20, 0] > overlay[5, 20, 2]
    assert overlay[75, 20, 0] < overlay[75, 20, 2]


def test_a_weak_value_keeps_its_sign_next_to_a_strong_one() -> None:
    photo = Image.new("RGB", (160, 160), (128, 128, 128))
    values = np.full((4, 4), 0.05)
    values[1, 1] = 1.0
    overlay = np.asarray(draw_overlay(photo, values), dtype=int)
    assert (overlay[..., 0] >= overlay[..., 2]).all()


def test_colours_do_not_depend_on_the_scale_of_the_map() -> None:
    photo = picture(50, 70)
    assert draw_overlay(photo, LEFT_FOR).tobytes() == draw_overlay(photo, LEFT_FOR * 1e-9).tobytes()


def test_a_map_of_zeros_adds_no_colour() -> None:
    overlay = np.asarray(draw_overlay(Image.new("RGB", (30, 30), (90, 90, 90)), np.zeros((2, 2))))
    assert np.ptp(overlay) == 0


@pytest.mark.parametrize("gray", [0, 255])
def test_colours_are_visible_on_black_and_on_white(gray: int) -> None:
    photo = Image.new("RGB", (90, 60), (gray, gray, gray))
    left, _, right = thirds(draw_overlay(photo, LEFT_FOR))
    assert left[0] - left[2] > 60
    assert right[2] - right[0] > 60


def test_the_photo_shows_through_the_strongest_colour() -> None:
    columns = np.tile(np.array([0, 255], np.uint8).repeat(8), (32, 4))
    photo = Image.fromarray(columns).convert("RGB")
    overlay = np.asarray(draw_overlay(photo, np.ones((1, 1))), dtype=int)
    assert overlay[16, 12].sum() - overlay[16, 4].sum() > 100


@pytest.mark.parametrize(
    ("size", "expected"),
    [((640, 480), (100, 75)), ((30, 60), (50, 100)), ((4000, 3), (100, 1))],
)
def test_pictures_are_resized_by_their_longer_side(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fit_picture(Image.new("RGB", size), 100).size == expected


def test_a_jpeg_reads_back_nearly_the_same() -> None:
    photo = picture(40, 60)
    again = Image.open(io.BytesIO(encode_jpeg(photo)))
    assert (again.format, again.size) == ("JPEG", photo.size)
    assert np.abs(np.asarray(again, float) - np.asarray(photo, float)).mean() < 8
