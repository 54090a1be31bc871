"""Turn encoded bytes into a network's input, the same way on the driver and in the workers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sparkles.imaging.decode import decode_resized

__all__ = ["read_pixels"]


def read_pixels(content: bytes | None, height: int, width: int) -> npt.NDArray[np.uint8]:
    """Decode a photo at the smallest sufficient size, and resize it.

    Parameters
    ----------
    content
        The encoded file.
    height, width
        Size of the result in pixels.

    Returns
    -------
    numpy.ndarray
        uint8, shape ``(height, width, 3)``, channels in the order RGB.

    Raises
    ------
    PhotoError
        See :func:`~sparkles.imaging.decode_image`.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> file = io.BytesIO()
    >>> Image.new("RGB", (1024, 768), (0, 0, 255)).save(file, format="PNG")
    >>> pixels = read_pixels(file.getvalue(), 224, 224)
    >>> pixels.shape, pixels[0, 0].tolist()
    ((224, 224, 3), [0, 0, 255])
    """
    return np.asarray(decode_resized(content, height, width), dtype=np.uint8)
