"""The memory that a photo takes is estimated from its header, bounded, and not exceeded."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging import convert, decode_image, memory, read_pixels
from sparkles.imaging.memory import MOST_MEMORY, most_memory

HEIGHT, WIDTH = 3000, 4000


def noisy(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width), dtype=np.uint8)


def with_mode(gray: np.ndarray, mode: str) -> Image.Image:
    """A photo of a mode, with samples that use its whole range."""
    if mode == "I;16":
        return Image.fromarray(gray.astype(np.uint16) * 256 + gray[::-1])
    if mode == "I":
        return Image.fromarray(gray.astype(np.int32) * 300 - 5000)
    if mode == "F":
        return Image.fromarray(gray.astype(np.float32) / 255)
    picture = Image.fromarray(np.dstack([gray, gray[::-1], gray[:, ::-1], 255 - gray]))
    if mode == "P":
        return picture.convert("RGB").quantize(64, method=Image.Quantize.FASTOCTREE)
    return picture if mode == "RGBA" else picture.convert("RGB").convert(mode)


FORMATS = {
    **dict.fromkeys(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], "PNG"),
    **dict.fromkeys(["I", "F"], "TIFF"),
    "CMYK": "JPEG",
}


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    if kind == "PNG":
        options["compress_level"] = 1
    picture.save(file, format=kind, **options)
    return file.getvalue()


def in_one_piece(content: bytes) -> Image.Image:
    """What decoding gave before it was frugal: whole photos at a time, and float64."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    if picture.mode.startswith("I") or picture.mode == "F":
        samples = np.nan_to_num(np.asarray(picture, dtype=np.float64))
        if picture.mode == "F":
            scaled = samples * 255.0 if samples.max() <= 1.0 else samples
        else:
            scaled = np.floor(samples / 256.0)
        return Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8)).convert("RGB")
    return picture.convert("RGBA").convert("RGB") if picture.mode == "P" else picture.convert("RGB")


@pytest.mark.parametrize("mode", FORMATS)
def test_frugal_conversion_gives_the_same_bits(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "_STRIP_PIXELS", 500)  # strips of 6 rows and less
    content = encoded(with_mode(noisy(61, 83), mode), FORMATS[mode])
    assert Image.open(io.BytesIO(content)).mode == mode
    expected = in_one_piece(content)
    assert np.array_equal(np.asarray(decode_image(content)), np.asarray(expected))
    resized = expected.resize((20, 30), Image.Resampling.BILINEAR)
    assert np.array_equal(read_pixels(content, 30, 20), np.asarray(resized))
    assert np.array_equal(read_pixels(content, 61, 83), np.asarray(expected))


@pytest.mark.parametrize("highest", [1.0, 1.5, float("inf"), float("nan")])
def test_float_samples_are_judged_by_all_strips(
    highest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "_STRIP_PIXELS", 50)
    samples = np.linspace(-0.5, 1, 600, dtype=np.float32).reshape(30, 20)
    samples[-1, -1] = highest
    content = encoded(Image.fromarray(samples), "TIFF")
    assert np.array_equal(np.asarray(decode_image(content)), np.asarray(in_one_piece(content)))


# Decodes each file, and prints what its peak of memory was beyond that before.
PEAKS = """
import json, re, sys
from pathlib import Path
from sparkles.imaging import decode_image, read_pixels
def size_of(kind):
    return int(re.search(kind + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
def peak(function, content):
    Path("/proc/self/clear_refs").write_text("5")
    before = size_of("VmRSS")
    function(content)
    return size_of("VmHWM") - before
small, *files = [Path(name).read_bytes() for name in sys.argv[1:]]
shrunk = lambda content: read_pixels(content, 224, 224)
shrunk(small), decode_image(small)
print(json.dumps([[peak(shrunk, each), peak(decode_image, each)] for each in files]))
"""


def test_no_mode_takes_more_memory_than_is_estimated(tmp_path: Path) -> None:
    gray = np.tile(noisy(100, 100), (HEIGHT // 100, WIDTH // 100))
    photos = {mode: encoded(with_mode(gray, mode), kind) for mode, kind in FORMATS.items()}
    colour = with_mode(gray, "RGB")
    photos["progressive"] = encoded(colour, "JPEG", progressive=True, subsampling=0, quality=30)
    photos["one strip"] = encoded(colour, "TIFF", compression="packbits", strip_size=10**9)
    photos["webp"] = encoded(colour.resize((1500, 2000)), "WEBP", method=0)
    paths = [tmp_path / name for name in ("small", *photos)]
    for path, content in zip(
        paths, [encoded(Image.new("RGB", (300, 300)), "JPEG"), *photos.values()], strict=True
    ):
        path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", PEAKS, *paths], capture_output=True, text=True, check=True
    )
    slack = 30_000_000  # strips, and what the allocator keeps
    for (name, content), (shrunk, full) in zip(
        photos.items(), json.loads(done.stdout), strict=True
    ):
        picture = Image.open(io.BytesIO(content))
        needed = memory.memory_of(picture, shrunk=True)
        if name == "progressive":
            needed = memory.jpeg_memory(picture, 224, 224)
        assert shrunk < needed + slack, (name, shrunk, needed)
        assert full < memory.memory_of(picture) + slack, (name, full)


def png_header(width: int, height: int, depth: int, color: int) -> bytes:
    """A PNG whose pixels are missing: only what is refused by its header needs none."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9)))


# Depth and colour of a PNG, and the most pixels, in millions, that fit into 600 MiB.
@pytest.mark.parametrize(
    ("depth", "color", "millions"), [(8, 2, 157), (8, 6, 78), (8, 4, 125), (16, 0, 125)]
)
def test_the_limit_is_on_bytes_and_not_on_pixels(
    depth: int, color: int, millions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "most_memory", lambda: MOST_MEMORY)
    with pytest.raises(PhotoError) as caught:
        decode_image(png_header(1000, millions * 1000 + 1000, depth, color))
    assert caught.value.reason == Reason.TOO_LARGE
    assert "MB, more than 629" in caught.value.detail
    # One that fits is decoded, and only then found to be incomplete.
    monkeypatch.setattr(Image.Image, "load", lambda self: (_ for _ in ()).throw(OSError("loaded")))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", Image.Image.load)
    with pytest.raises(PhotoError, match="loaded"):
        decode_image(png_header(1000, millions * 1000, depth, color))


def test_an_orientation_that_takes_a_second_copy_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "most_memory", lambda: 6_000_000)
    exif = Image.Exif()
    exif[0x0112] = 6
    colour = Image.new("RGB", (1000, 1000))
    assert decode_image(encoded(colour, "PNG")).size == (1000, 1000)
    with pytest.raises(PhotoError, match="too large: 1,000 x 1,000 pixels take 8 MB"):
        decode_image(encoded(colour, "PNG", exif=exif))


def test_a_large_jpeg_passes_where_it_is_scaled_while_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "most_memory", lambda: 1_000_000)
    content = encoded(Image.new("RGB", (1600, 1200)), "JPEG")
    assert read_pixels(content, 100, 100).shape == (100, 100, 3)
    with pytest.raises(PhotoError, match="too large: 1,600 x 1,200 pixels take 8 MB"):
        decode_image(content)


def test_the_limit_shrinks_with_the_memory_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (800_000_000, -1))
    most_memory.cache_clear()
    try:
        assert most_memory() == 100_000_000
        monkeypatch.setattr(resource, "getrlimit", lambda _: (-1, -1))
        most_memory.cache_clear()
        assert 0 < most_memory() <= MOST_MEMORY
    finally:
        most_memory.cache_clear()
