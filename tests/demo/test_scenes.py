"""The drawn scenes: what they can show, and what depends on the seed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sparkles.demo.scenes.backdrop import Place, draw_backdrop
from sparkles.demo.scenes.camera import encode_jpeg
from sparkles.demo.scenes.clutter import BARRIER_VARIANTS, CLUTTER_VARIANTS
from sparkles.demo.scenes.objects import CAR, OBJECTS, OTHER_CLASSES, TREE
from sparkles.demo.scenes.pen import Pen
from sparkles.demo.scenes.scene import draw_scene
from sparkles.demo.scenes.variant import Variant
from sparkles.errors import SettingsError

VARIANTS = [
    pytest.param(variant, id=f"{name}{variant.draw.__name__}")
    for name, variants in [
        *((each.name, each.variants) for each in OBJECTS.values()),
        ("clutter", CLUTTER_VARIANTS),
        ("barrier", BARRIER_VARIANTS),
    ]
    for variant in variants
]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (draw_scene([CAR, TREE], np.random.default_rng(7)) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.extras == second.extras
    encoded = [encode_jpeg(first.image, np.random.default_rng(1)) for _ in range(2)]
    assert encoded[0] == encoded[1]


def test_other_seeds_give_other_photos() -> None:
    photos = {
        draw_scene([CAR], np.random.default_rng(seed), longest=64).image.tobytes()
        for seed in range(8)
    }
    assert len(photos) == 8


def test_sizes_and_aspect_ratios_vary() -> None:
    sizes = [draw_scene([], np.random.default_rng(seed)).image.size for seed in range(12)]
    longest = [max(size) for size in sizes]
    assert min(longest) >= 160
    assert max(longest) <= 512
    assert max(longest) - min(longest) > 100
    assert any(width > height for width, height in sizes)
    assert any(width < height for width, height in sizes)


def test_the_longer_side_can_be_chosen() -> None:
    assert max(draw_scene([TREE], np.random.default_rng(0), longest=100).image.size) == 100


@pytest.mark.parametrize("name", OBJECTS)
def test_every_class_can_be_drawn(name: str) -> None:
    scene = draw_scene([name], np.random.default_rng(2), extras=["Boat"], longest=80)
    assert scene.subjects == (name,)
    assert set(scene.extras) <= {"Boat"}
    assert scene.image.mode == "RGB"
    assert np.asarray(scene.image).std() > 3


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_fills_its_box(variant: Variant) -> None:
    pen = Pen(100 * variant.widest, 100)
    variant.draw(pen, np.random.default_rng(0))
    opaque = np.asarray(pen.tile())[..., 3] > 0
    rows, columns = np.nonzero(opaque)
    assert opaque.mean() > 0.05
    assert np.ptp(rows) > 45
    assert np.ptp(columns) > 0.4 * 100 * variant.widest


@pytest.mark.parametrize("place", Place)
def test_every_place_can_be_drawn(place: Place) -> None:
    backdrop = draw_backdrop(place, (90, 60), np.random.default_rng(4))
    assert backdrop.image.size == (90, 60)
    assert 0.3 <= backdrop.horizon <= 0.65
    assert backdrop.place is place


def test_a_flipped_pen_draws_the_mirror_image() -> None:
    tiles = [Pen(80, 60, flip=flip) for flip in (False, True)]
    for pen in tiles:
        pen.polygon([(0, 0), (1, 0), (0, 1)], (9, 9, 9))
    plain, mirrored = (np.asarray(pen.tile())[..., 3] > 0 for pen in tiles)
    assert (plain != mirrored[:, ::-1]).mean() < 0.03
    assert (plain != mirrored).mean() > 0.1


def test_light_does_not_change_the_shape() -> None:
    pen = Pen(60, 60)
    pen.disc(0.5, 0.5, 0.4, (200, 200, 200))
    plain, lit = np.asarray(pen.tile()), np.asarray(pen.tile(np.random.default_rng(0)))
    assert (plain[..., 3] == lit[..., 3]).all()
    assert lit[..., :3].max() <= 200
    assert np.unique(lit[lit[..., 3] > 0]).size > 5


def test_the_jpeg_quality_varies() -> None:
    scene = draw_scene([CAR], np.random.default_rng(0))
    sizes = {len(encode_jpeg(scene.image, np.random.default_rng(seed))) for seed in range(6)}
    assert len(sizes) > 3
    with Image.open(io.BytesIO(encode_jpeg(scene.image, np.random.default_rng(0)))) as photo:
        assert (photo.format, photo.size) == ("JPEG", scene.image.size)


@pytest.mark.parametrize(("subjects", "extras"), [(["Carr"], []), ([CAR], ["Zebra"])])
def test_an_unknown_class_is_an_error(subjects: list[str], extras: list[str]) -> None:
    with pytest.raises(SettingsError, match="expected a class that can be drawn, got '"):
        draw_scene(subjects, np.random.default_rng(0), extras=extras)


def test_an_unknown_class_suggests_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"Did you mean Car"):
        draw_scene(["Carr"], np.random.default_rng(0))


def test_machine_ids_are_unique() -> None:
    assert len({each.mid for each in OBJECTS.values()}) == len(OBJECTS)
    assert OBJECTS[CAR].mid == "/m/0k4j"
    assert OBJECTS[TREE].mid == "/m/07j7r"
    assert len(OTHER_CLASSES) >= 10
    assert not {CAR, TREE} & set(OTHER_CLASSES)
