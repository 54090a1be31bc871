"""Photos of 1,024 pixels for measurements: real ones if there are any, else drawn ones."""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

__all__ = ["many_photos", "write_manifest"]

_DATA = Path(os.environ.get("SPARKLES_TEST_DATA", "../shared/data"))
_SIDE = 1024
_DRAWN = 100


def many_photos(folder: Path, count: int) -> list[Path]:
    """Fill a folder with links 000000.jpg, 000001.jpg, ... that repeat a few photos.

    Parameters
    ----------
    folder
        The folder; existing links are reused.
    count
        The number of links.
    """
    few = _real_photos() or _drawn_photos(folder.parent / "drawn")
    folder.mkdir(parents=True, exist_ok=True)
    photos = []
    for number, source in zip(range(count), itertools.cycle(few), strict=False):
        photo = folder / f"{number:06}.jpg"
        if not photo.exists():
            photo.symlink_to(source.resolve())
        photos.append(photo)
    return photos


def write_manifest(path: Path, photos: Iterable[Path], count: int) -> int:
    """Write a manifest of many references to some photos.

    Returns
    -------
    int
        The number of bytes that a job reads if it opens each reference.
    """
    read = 0
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image_id", "uri"])
        for number, photo in zip(range(count), itertools.cycle(photos), strict=False):
            rows.writerow([f"{number:06}", str(photo)])
            read += photo.stat().st_size
    return read


def _real_photos() -> list[Path]:
    photos = sorted((_DATA / "open_images" / "images").glob("*.jpg"))
    return [photo for photo in photos if max(_size(photo)) == _SIDE]


def _size(photo: Path) -> tuple[int, int]:
    with Image.open(photo) as image:
        return image.size


def _drawn_photos(folder: Path) -> list[Path]:
    """Draw scenes, enlarge them and add noise, so that their files are as large as real ones."""
    import numpy as np

    from sparkles.demo.dataset import draw_dataset

    drawn = draw_dataset(folder, cars=_DRAWN // 2, trees=_DRAWN // 2, seed=0)
    large = folder / "large"
    large.mkdir(exist_ok=True)
    random = np.random.default_rng(0)
    photos = []
    for source in sorted(Path(drawn.images).glob("*.jpg"))[:_DRAWN]:
        photo = large / source.name
        try:
            image = Image.open(io.BytesIO(source.read_bytes())).convert("RGB")
        except OSError:
            continue  # the demo's corrupt photo
        if not photo.exists():
            pixels = np.asarray(image.resize((_SIDE, 768), Image.Resampling.BICUBIC), dtype=float)
            noisy = np.clip(pixels + random.normal(0, 9, pixels.shape), 0, 255)
            Image.fromarray(noisy.astype(np.uint8)).save(photo, quality=88)
        photos.append(photo)
    return photos
