"""Drawn photos with a mask of where their subject is, taken while it is drawn."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from PIL import Image, ImageChops

from sparkles.demo.scenes import scene as scene_module
from sparkles.demo.scenes.objects import OBJECTS

__all__ = ["draw_with_mask"]


def draw_with_mask(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Image.Image, np.ndarray]:
    """A scene of one class, and which of 96 x 96 parts are pixels of that class (or its shadow).

    The mask is what changes when things of the class are put into the scene, so nothing needs to
    be known of how they are drawn.
    """
    put, changes = scene_module._put, []

    def watch(backdrop, kind, *more, **named):  # type: ignore[no-untyped-def]
        before = backdrop.image.copy()
        put(backdrop, kind, *more, **named)
        if kind in OBJECTS[name].variants:
            difference = ImageChops.difference(before, backdrop.image).convert("L")
            changes.append(difference.point(lambda value: 255 if value else 0))

    with monkeypatch.context() as patched:
        patched.setattr(scene_module, "_put", watch)
        scene = scene_module.draw_scene([name], np.random.default_rng([77, seed]))
    mask = reduce(ImageChops.lighter, changes).resize((96, 96), Image.Resampling.BOX)
    return scene.image, np.asarray(mask) > 64
