"""The effects of weather and camera on a scene: light, haze, rain, focus, noise, JPEG."""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from sparkles.demo.scenes.chance import chance, pick
from sparkles.demo.scenes.palette import Colour, vary

__all__ = ["encode_jpeg", "photograph"]

_TINTS: tuple[Colour, ...] = (
    (255, 255, 255), (255, 255, 255), (250, 250, 250), (255, 245, 230), (255, 240, 215),
    (235, 243, 255), (255, 215, 175), (185, 192, 228),
)  # fmt: skip


def photograph(scene: Image.Image, rng: Generator, *, outdoors: bool = True) -> Image.Image:
    """Turn a drawn scene into a photo with weather (outdoors), light, focus and sensor noise.

    Examples
    --------
    >>> import numpy as np
    >>> photo = photograph(Image.new("RGB", (64, 48), "teal"), np.random.default_rng(0))
    >>> photo.mode, photo.size
    ('RGB', (64, 48))
    """
    photo = _weather(scene, rng) if outdoors else scene
    photo = _light(photo, rng)
    if chance(0.45, rng):
        photo = photo.filter(ImageFilter.GaussianBlur(max(photo.size) * rng.uniform(0.0, 0.006)))
    return _sensor_noise(photo, rng)


def encode_jpeg(photo: Image.Image, rng: Generator) -> bytes:
    """Encode a photo as JPEG with a random quality from 45 to 95.

    Examples
    --------
    >>> import numpy as np
    >>> encode_jpeg(Image.new("L", (8, 8)), np.random.default_rng(0))[:2].hex()
    'ffd8'
    """
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=int(rng.integers(45, 96)))
    return buffer.getvalue()


def _light(photo: Image.Image, rng: Generator) -> Image.Image:
    """Vary exposure, contrast, saturation and tint; sometimes darken the corners."""
    photo = ImageEnhance.Brightness(photo).enhance(rng.uniform(0.85, 1.45))
    photo = ImageEnhance.Contrast(photo).enhance(rng.uniform(0.75, 1.3))
    photo = ImageEnhance.Color(photo).enhance(rng.uniform(0.5, 1.35))
    photo = ImageChops.multiply(
        photo, Image.new("RGB", photo.size, vary(pick(_TINTS, rng), rng, 8))
    )
    if chance(0.3, rng):
        x, y = np.meshgrid(np.linspace(-1, 1, 16), np.linspace(-1, 1, 16))
        level = (255 * (1 - rng.uniform(0.1, 0.3) * (x**2 + y**2))).astype(np.uint8)
        corners = Image.fromarray(level).resize(photo.size, Image.Resampling.BICUBIC)
        photo = ImageChops.multiply(photo, corners.convert("RGB"))
    return photo


def _weather(photo: Image.Image, rng: Generator) -> Image.Image:
    """Add haze, rain or snowfall to some photos."""
    luck = rng.random()
    if luck < 0.15:
        return Image.blend(photo, Image.new("RGB", photo.size, (205, 208, 212)),
                           rng.uniform(0.15, 0.45))  # fmt: skip
    if luck < 0.24:
        return _fall(photo, rng, snow=luck < 0.19)
    return photo


def _fall(photo: Image.Image, rng: Generator, *, snow: bool) -> Image.Image:
    """Draw snowflakes, or slanted streaks of rain."""
    photo = photo.copy()
    draw, (width, height) = ImageDraw.Draw(photo), photo.size
    long = 0 if snow else int(0.05 * height)
    slant, thick = int(rng.integers(-6, 7)), max(1, width // 150)
    for x, y in rng.uniform(0, 1, (int(rng.integers(40, 160)), 2)) * (width, height):
        if snow:
            draw.ellipse((x, y, x + 2 * thick, y + 2 * thick), fill=(245, 245, 248))
        else:
            draw.line([(x, y), (x + slant, y + long)], fill=(190, 198, 208), width=thick)
    return photo


def _sensor_noise(photo: Image.Image, rng: Generator) -> Image.Image:
    """Add independent noise to every pixel."""
    strength = rng.uniform(0, 11)
    width, height = photo.size
    noise = rng.standard_normal((height, width, 3), dtype=np.float32) * np.float32(strength)
    pixels = np.asarray(photo, dtype=np.float32) + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
