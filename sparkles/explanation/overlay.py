"""Draw a map over its photo: red is evidence for the class, blue against it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = ["AGAINST", "FOR", "draw_overlay", "encode_jpeg", "fit_picture"]

# Near the ends of ColorBrewer's RdBu: distinguishable with every common kind of colour blindness.
FOR = (200, 20, 40)
AGAINST = (25, 90, 190)

_STRONGEST = 0.75  # the largest share of the colour, so that the photo shows through everywhere
_FADED = 0.75  # the share of its own colour that the photo loses: a red car is not evidence
_DARKEST, _BRIGHTEST = 56, 235  # what black and white become, because black would hide the colour
_QUALITY = 88


def draw_overlay(photo: Image.Image, values: npt.NDArray[np.floating[Any]]) -> Image.Image:
    """Draw a map over a photo.

    The map is stretched to the aspect ratio of the photo, because the photo was squeezed for the
    network. The strength of a colour is proportional to the value: full at the largest absolute
    value of the map, none at zero. The strengths of two photos therefore cannot be compared; their
    values can.

    Parameters
    ----------
    photo
        Mode ``RGB``.
    values
        The map ``(height, width)``, positive where there is evidence for the class.

    Returns
    -------
    PIL.Image.Image
        Mode ``RGB``, with the size of the photo.

    Examples
    --------
    >>> import numpy as np
    >>> photo = Image.new("RGB", (80, 40), "gray")
    >>> overlay = draw_overlay(photo, np.array([[1.0, -1.0]]))
    >>> red, _, blue = overlay.getpixel((4, 20))
    >>> red > blue
    True
    """
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    scaled = Image.fromarray((values / largest).astype(np.float32), mode="F")
    # Bilinear: smoother filters would create values of the other sign next to strong values.
    strength = np.asarray(scaled.resize(photo.size, Image.Resampling.BILINEAR))[..., None]
    base = np.asarray(photo, dtype=np.float32)
    gray = np.asarray(photo.convert("L"), dtype=np.float32)[..., None]
    base = base + _FADED * (gray - base)
    base = _DARKEST + base * (_BRIGHTEST - _DARKEST) / 255
    colour = np.where(strength > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    alpha = _STRONGEST * np.abs(strength)
    mixed = base + alpha * (colour - base)
    return Image.fromarray(np.clip(np.rint(mixed), 0, 255).astype(np.uint8), mode="RGB")


def fit_picture(picture: Image.Image, side: int) -> Image.Image:
    """Resize a picture to a length of its longer side, keeping its aspect ratio.

    Examples
    --------
    >>> fit_picture(Image.new("RGB", (640, 480)), 224).size
    (224, 168)
    """
    longest = max(picture.size)
    width, height = (max(1, round(length * side / longest)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def encode_jpeg(picture: Image.Image) -> bytes:
    """Encode a picture as JPEG with its colours at full resolution."""
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()
