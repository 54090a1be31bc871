"""Decoding: every format to upright RGB, and every damage to a reason."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging import decode_image

# A picture of two rows and three columns whose six pixels all differ.
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
BLACK, WHITE, GRAY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
SIX = np.array([[RED, GREEN, BLUE], [BLACK, WHITE, GRAY]], dtype=np.uint8)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format=kind, **options)
    return file.getvalue()


def noise(height: int = 24, width: int = 31) -> Image.Image:
    generator = np.random.default_rng(0)
    return Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))


def pixels(content: bytes) -> npt.NDArray[np.uint8]:
    picture = decode_image(content)
    assert picture.mode == "RGB"
    return np.asarray(picture)


def reason_of(content: bytes | None, **options: int) -> str:
    with pytest.raises(PhotoError) as caught:
        decode_image(content, **options)
    return caught.value.reason


def png(
    width: int, height: int, depth: int, color: int, body: bytes, *more: tuple[bytes, bytes]
) -> bytes:
    """Build a PNG by hand (PNG specification, section 5)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_rgb_is_unchanged() -> None:
    assert np.array_equal(pixels(encoded(Image.fromarray(SIX), "PNG")), SIX)


def test_gray_is_repeated_in_three_channels() -> None:
    gray = np.array([[0, 100], [200, 255]], dtype=np.uint8)
    expected = np.stack([gray] * 3, axis=2)
    assert np.array_equal(pixels(encoded(Image.fromarray(gray), "PNG")), expected)


def test_gray_jpeg_has_three_equal_channels() -> None:
    gray = Image.new("L", (16, 16), 90)
    assert np.unique(pixels(encoded(gray, "JPEG"))).tolist() == [90]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_alpha_is_dropped_not_blended(kind: str) -> None:
    rgba = np.dstack([SIX, np.array([[0, 1, 127], [128, 254, 255]], dtype=np.uint8)])
    assert np.array_equal(pixels(encoded(Image.fromarray(rgba), kind)), SIX)


def test_alpha_of_gray_is_dropped() -> None:
    la = np.array([[[10, 0], [200, 255]]], dtype=np.uint8)
    expected = [[[10] * 3, [200] * 3]]
    assert pixels(encoded(Image.fromarray(la, mode="LA"), "PNG")).tolist() == expected


@pytest.mark.parametrize("ink", [RED, GREEN, BLUE, WHITE, GRAY])
def test_cmyk_jpeg_has_the_colours_it_was_made_of(ink: tuple[int, int, int]) -> None:
    content = encoded(Image.new("RGB", (16, 16), ink).convert("CMYK"), "JPEG", quality=95)
    assert Image.open(io.BytesIO(content)).mode == "CMYK"
    assert np.abs(pixels(content).astype(int) - ink).max() <= 4


def test_sixteen_bit_gray_png_keeps_its_upper_eight_bits() -> None:
    samples = [0, 255, 256, 1000, 32767, 32768, 65279, 65535]
    content = png(8, 1, 16, 0, b"\x00" + struct.pack(">8H", *samples))
    assert Image.open(io.BytesIO(content)).mode == "I;16"
    expected = [sample >> 8 for sample in samples]  # 0 0 1 3 127 128 254 255
    for channel in range(3):
        assert pixels(content)[0, :, channel].tolist() == expected


def test_sixteen_bit_rgb_png_keeps_its_upper_eight_bits() -> None:
    samples = [0, 32768, 65535, 1000, 40000, 255]
    content = png(2, 1, 16, 2, b"\x00" + struct.pack(">6H", *samples))
    assert pixels(content).ravel().tolist() == [sample >> 8 for sample in samples]


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bit_gray_tiff_keeps_its_upper_eight_bits(order: str) -> None:
    samples = np.array([[0, 300], [40000, 65535]], dtype=f"{order}u2")
    mode = "I;16" if order == "<" else "I;16B"
    content = encoded(Image.frombytes(mode, (2, 2), samples.tobytes()), "TIFF")
    assert pixels(content)[..., 1].tolist() == [[0, 1], [156, 255]]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([0.0, 0.25, 0.5, 1.0], [0, 63, 127, 255]),  # from 0 to 1
        ([0.0, 60.9, 200.0, 255.0], [0, 60, 200, 255]),  # from 0 to 255
        ([-5.0, 10.0, 300.0, 255.0], [0, 10, 255, 255]),  # beyond: clipped
        ([0.0, 0.5, 1.0, float("nan")], [0, 127, 255, 0]),  # no number: black
    ],
)
def test_float_samples_become_eight_bits(samples: list[float], expected: list[int]) -> None:
    content = encoded(Image.fromarray(np.array([samples], dtype=np.float32)), "TIFF")
    assert pixels(content)[0, :, 0].tolist() == expected


def test_palette_with_transparency_gives_the_palette_colours() -> None:
    palette = (b"PLTE", bytes([*RED, *GREEN, *BLUE]))
    see_through = (b"tRNS", bytes([0, 128]))
    content = png(3, 1, 8, 3, b"\x00\x00\x01\x02", palette, see_through)
    assert pixels(content).tolist() == [[list(RED), list(GREEN), list(BLUE)]]


def test_palette_with_one_transparent_entry_gives_the_palette_colours() -> None:
    picture = Image.fromarray(SIX).quantize(6)
    assert np.array_equal(pixels(encoded(picture, "PNG", transparency=0)), SIX)


def test_a_gif_is_read() -> None:
    assert np.array_equal(pixels(encoded(Image.fromarray(SIX).quantize(6), "GIF")), SIX)


def test_one_bit_is_black_and_white() -> None:
    content = png(4, 1, 1, 0, b"\x00\xa0")  # 1010
    assert pixels(content)[0, :, 0].tolist() == [255, 0, 255, 0]


def test_animated_gif_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (5, 4), ink).quantize(2) for ink in (RED, GREEN, BLUE)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(content)).n_frames == 3
    assert np.unique(pixels(content).reshape(-1, 3), axis=0).tolist() == [list(RED)]


@pytest.mark.parametrize("kind", ["BMP", "WEBP", "TIFF"])
def test_formats_are_known_by_their_bytes(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    assert np.array_equal(pixels(encoded(Image.fromarray(SIX), kind, **options)), SIX)


def test_jpeg_is_near_its_original() -> None:
    smooth = np.linspace(0, 255, 64, dtype=np.uint8)
    original = np.dstack([np.tile(smooth, (64, 1))] * 3)
    difference = pixels(encoded(Image.fromarray(original), "JPEG", quality=95)).astype(int)
    assert np.abs(difference - original).max() < 12


# EXIF 2.32, tag 0x0112: which side of the scene the file's row 0 and column 0 show. Of
#   R G B
#   k w g   as stored, the upright picture is, row by row:
UPRIGHT = {
    1: [[RED, GREEN, BLUE], [BLACK, WHITE, GRAY]],  # top, left: as it is
    2: [[BLUE, GREEN, RED], [GRAY, WHITE, BLACK]],  # top, right: mirrored
    3: [[GRAY, WHITE, BLACK], [BLUE, GREEN, RED]],  # bottom, right: upside down
    4: [[BLACK, WHITE, GRAY], [RED, GREEN, BLUE]],  # bottom, left
    5: [[RED, BLACK], [GREEN, WHITE], [BLUE, GRAY]],  # left, top: rows are columns
    6: [[BLACK, RED], [WHITE, GREEN], [GRAY, BLUE]],  # right, top: turn clockwise
    7: [[GRAY, BLUE], [WHITE, GREEN], [BLACK, RED]],  # right, bottom
    8: [[BLUE, GRAY], [GREEN, WHITE], [RED, BLACK]],  # left, bottom: turn anticlockwise
}


def oriented(orientation: int, kind: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(Image.fromarray(SIX), kind, exif=exif, **options)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    found = pixels(oriented(orientation, kind, **options))
    assert found.tolist() == np.array(UPRIGHT[orientation]).tolist()


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_of_a_jpeg_is_applied_as_pillow_applies_it(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(noise(), "JPEG", exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert np.array_equal(pixels(content), np.asarray(upright))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_unknown_orientation_leaves_the_picture_as_it_is(orientation: int) -> None:
    assert np.array_equal(pixels(oriented(orientation, "PNG")), SIX)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00",
        b"Exif\x00\x00garbage that is no TIFF header",
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08",  # breaks off
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x02\x00\x00\x00\x02A\x00\x00\x00",
    ],
)
def test_damaged_exif_is_no_reason_to_reject_a_photo(exif: bytes) -> None:
    content = encoded(noise(), "JPEG", exif=exif)
    assert sorted(decode_image(content).size) == [24, 31]


def test_orientation_is_applied_even_if_another_tag_is_damaged() -> None:
    orientation = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    artist = struct.pack(">HHIf", 0x013B, 11, 1, 1.0)  # a float where a name should be
    directory = struct.pack(">H", 2) + orientation + artist + struct.pack(">I", 0)
    content = encoded(noise(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + directory)
    assert decode_image(content).size == (24, 31)  # was 31 wide, 24 high


@pytest.mark.parametrize("content", [b"", None])
def test_no_bytes_are_empty(content: bytes | None) -> None:
    assert reason_of(content) == Reason.EMPTY


@pytest.mark.parametrize(
    "content", [b"<html>404 Not Found</html>", b"a,b\n1,2\n", b"\x00" * 100, b"\xff\xd8"]
)
def test_other_files_are_not_images(content: bytes) -> None:
    assert reason_of(content) in (Reason.NOT_AN_IMAGE, Reason.TRUNCATED)
    if content[:1] != b"\xff":
        assert reason_of(content) == Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_file_that_breaks_off_is_truncated(kind: str, part: float) -> None:
    content = encoded(noise(120, 130), kind)
    assert reason_of(content[: int(len(content) * part)]) == Reason.TRUNCATED


def test_progressive_jpeg_that_breaks_off_is_truncated() -> None:
    content = encoded(noise(120, 130), "JPEG", progressive=True)
    assert reason_of(content[: len(content) // 2]) == Reason.TRUNCATED


def test_broken_checksum_is_corrupt() -> None:
    content = bytearray(encoded(noise(), "PNG"))
    content[content.index(b"IDAT") + 40] ^= 0xFF
    assert reason_of(bytes(content)) == Reason.CORRUPT


def test_garbage_behind_a_jpeg_header_is_refused() -> None:
    content = encoded(noise(), "JPEG")
    body = content.index(b"\xff\xda")  # the scan's start
    garbage = np.random.default_rng(1).integers(0, 256, 500, dtype=np.uint8).tobytes()
    assert reason_of(content[:body] + garbage) in (Reason.CORRUPT, Reason.TRUNCATED)
    assert reason_of(b"\xff\xd8\xff\xe0" + garbage) in (
        Reason.CORRUPT,
        Reason.TRUNCATED,
        Reason.NOT_AN_IMAGE,
    )


def test_decompression_bomb_is_refused_at_once() -> None:
    bomb = png(50_000, 50_000, 8, 2, bytes(1000))
    assert len(bomb) < 200
    tracemalloc.start()
    before = time.process_time()  # which other programs' work does not count in
    try:
        assert reason_of(bomb) == Reason.TOO_LARGE
        assert time.process_time() - before < 2.0
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_more_pixels_than_the_limit_are_too_large() -> None:
    content = encoded(noise(24, 31), "PNG")
    assert decode_image(content, max_pixels=24 * 31).size == (31, 24)
    with pytest.raises(PhotoError, match="too large: 31 x 24 pixels, more than 743"):
        decode_image(content, max_pixels=24 * 31 - 1)


def holds_promise(content: bytes) -> bool:
    """Whether decoding gives an RGB image or a PhotoError with a known reason, nothing else."""
    try:
        picture = decode_image(content, max_pixels=4_000_000)
    except PhotoError as error:
        return error.reason in list(Reason)
    return picture.mode == "RGB" and np.asarray(picture).shape[2] == 3


MAGIC = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"MM\x00*", b"BM", b"RIFF"]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([b"", *MAGIC]), st.binary(max_size=300))
def test_any_bytes_give_a_picture_or_a_reason(magic: bytes, rest: bytes) -> None:
    assert holds_promise(magic + rest)


PHOTOS = {
    "jpeg": encoded(noise(), "JPEG"),
    "turned jpeg": encoded(noise(), "JPEG", exif=b"Exif\x00\x00" + oriented(6, "TIFF")[:40]),
    "progressive": encoded(noise(), "JPEG", progressive=True),
    "cmyk": encoded(noise().convert("CMYK"), "JPEG"),
    "png": encoded(noise(), "PNG"),
    "turned png": oriented(6, "PNG"),
    "palette png": encoded(noise().quantize(16), "PNG", transparency=3),
    "gif": encoded(noise().quantize(16), "GIF"),
    "tiff": encoded(noise(), "TIFF"),
    "lzw tiff": encoded(noise(), "TIFF", compression="tiff_lzw"),
    "float tiff": encoded(noise().convert("F"), "TIFF"),
    "webp": encoded(noise(), "WEBP"),
    "turned webp": oriented(6, "WEBP"),
    "bmp": encoded(noise(), "BMP"),
}


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(list(PHOTOS)),
    # Half of the damage is in the first bytes, where the headers are.
    st.lists(
        st.tuples(st.one_of(st.floats(0, 1), st.floats(0, 0.1)), st.integers(0, 255)), max_size=8
    ),
    st.one_of(st.just(1.0), st.floats(0, 1)),
)
@example("png", [], 1.0)
def test_damaged_photo_gives_a_picture_or_a_reason(
    name: str, blows: list[tuple[float, int]], part: float
) -> None:
    content = bytearray(PHOTOS[name])
    for place, value in blows:
        content[int(place * (len(content) - 1))] = value
    assert holds_promise(bytes(content[: int(part * len(content))]))
