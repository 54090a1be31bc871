"""Drawn photos with a mask of their subject, recorded while the subject is drawn."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageChops

from sparkles.demo.scenes import scene as scene_module
from sparkles.demo.scenes.objects import OBJECTS

__all__ = ["draw_with_mask"]


def draw_with_mask(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Image.Image, npt.NDArray[np.bool_]]:
    """Draw a scene of one class, and a mask of 96 x 96 of that class and its shadow.

    The mask is what changes when things of the class are put into the scene, so this function
    need not know how they are drawn.
    """
    put, changes = scene_module._put, []

    def watch(backdrop: Any, variant: Any, *more: Any, **named: Any) -> None:
        before = backdrop.image.copy()
        put(backdrop, variant, *more, **named)
        if variant in OBJECTS[name].variants:
            difference = ImageChops.difference(before, backdrop.image).convert("L")
            changes.append(difference.point(lambda value: 255 if value else 0))

    with monkeypatch.context() as patched:
        patched.setattr(scene_module, "_put", watch)
        scene = scene_module.draw_scene([name], np.random.default_rng([77, seed]))
    mask = reduce(ImageChops.lighter, changes).resize((96, 96), Image.Resampling.BOX)
    return scene.image, np.asarray(mask) > 64
