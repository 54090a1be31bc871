"""Headers: what the first bytes of a photo show, and the reason if they show nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, PngInfo

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging import decode_image
from sparkles.imaging import header as header_module
from sparkles.imaging.decoder_errors import DECODER_ERRORS
from sparkles.imaging.header import PREFIXES, Header, read_header
from sparkles.storage import Head, S3Options
from tests.photos import encode, picture

FORMATS = ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"]


def written(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    return str(path)


def reason_of(path: str) -> str:
    with pytest.raises(PhotoError) as caught:
        read_header(path)
    return caught.value.reason


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of bytes of each read."""
    sizes: list[int] = []
    real = header_module.read_head

    def noting(uri: str, size: int, s3: S3Options) -> Head:
        sizes.append(size)
        return real(uri, size, s3)

    monkeypatch.setattr(header_module, "read_head", noting)
    return sizes


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_header_agrees_with_the_whole_file(tmp_path: Path, kind: str, mode: str) -> None:
    content = encode(picture(120, 200).convert(mode), kind)
    with Image.open(io.BytesIO(content)) as whole:
        expected = Header(
            kind, *whole.size, len(whole.getbands()), whole.mode, len(content)
        )  # fmt: skip
    assert read_header(written(tmp_path, content)) == expected


@pytest.mark.parametrize(("mode", "channels"), [("CMYK", 4), ("L", 1), ("RGB", 3)])
def test_a_jpeg_has_the_channels_of_its_mode(tmp_path: Path, mode: str, channels: int) -> None:
    found = read_header(written(tmp_path, encode(picture(40, 30).convert(mode))))
    assert (found.channels, found.mode) == (channels, mode)


def test_alpha_is_a_fourth_channel(tmp_path: Path) -> None:
    found = read_header(written(tmp_path, encode(picture(40, 30).convert("RGBA"), "PNG")))
    assert (found.channels, found.format) == (4, "PNG")


def test_one_small_read_is_enough_for_a_large_photo(tmp_path: Path, asked: list[int]) -> None:
    content = encode(picture(900, 1200), quality=95)
    assert len(content) > 20 * PREFIXES[0]
    found = read_header(written(tmp_path, content))
    assert (found.width, found.height, found.bytes) == (1200, 900, len(content))
    assert asked == [PREFIXES[0]]


def test_long_exif_takes_a_second_read(tmp_path: Path, asked: list[int]) -> None:
    exif = Image.Exif()
    exif[0x927C] = b"maker's note" * 4000
    content = encode(picture(300, 400), exif=exif)
    found = read_header(written(tmp_path, content))
    assert (found.width, found.height) == (400, 300)
    assert asked == list(PREFIXES[:2])


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_size_is_that_of_the_upright_photo(tmp_path: Path, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    found = read_header(written(tmp_path, encode(picture(30, 50), exif=exif)))
    assert (found.width, found.height) == ((50, 30) if turn < 5 else (30, 50))


def test_each_fault_has_its_reason(tmp_path: Path, asked: list[int]) -> None:
    assert reason_of(str(tmp_path / "nowhere.jpg")) == Reason.NO_PHOTO
    assert reason_of(written(tmp_path, b"")) == Reason.EMPTY
    assert reason_of(written(tmp_path, b"<html>404</html>")) == Reason.NOT_AN_IMAGE
    assert asked == [PREFIXES[0]] * 3  # no longer reads, where there is no more to read
    png = encode(picture(30, 50), "PNG")
    assert reason_of(written(tmp_path, png[:20])) == Reason.CORRUPT


@pytest.mark.parametrize("error", DECODER_ERRORS)
def test_every_error_of_a_decoder_gives_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("inside a decoder")

    content = encode(picture(20, 10), "PNG")
    monkeypatch.setattr("PIL.Image.open", fail)
    assert reason_of(written(tmp_path, content)) == Reason.CORRUPT
    with pytest.raises(PhotoError, match=r"(corrupt|truncated): inside a decoder"):
        decode_image(content)


def test_a_damaged_text_chunk_gives_the_reason_of_the_decoder(tmp_path: Path) -> None:
    text = PngInfo()
    text.add_text("Comment", "x" * (MAX_TEXT_CHUNK + 1), zip=True)  # more than Pillow unpacks
    content = encode(picture(20, 10), "PNG", pnginfo=text)
    assert reason_of(written(tmp_path, content)) == Reason.CORRUPT
    with pytest.raises(PhotoError, match="corrupt"):
        decode_image(content)


def test_a_file_that_is_not_an_image_is_not_read_whole(tmp_path: Path, asked: list[int]) -> None:
    path = written(tmp_path, b"x" * (PREFIXES[-1] + 1))
    assert reason_of(path) == Reason.NOT_AN_IMAGE
    assert asked == list(PREFIXES)


def test_a_decompression_bomb_is_too_large(tmp_path: Path) -> None:
    # A header of 60,000 x 60,000 pixels, patched into a small file (PNG's IHDR, with its CRC).
    import struct
    import zlib

    png = bytearray(encode(picture(10, 10), "PNG"))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    assert reason_of(written(tmp_path, bytes(png))) == Reason.TOO_LARGE


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.integers(0, 400), st.binary(max_size=30))
def test_any_damage_gives_a_size_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, kind: str, cut: int, noise: bytes
) -> None:
    content = encode(picture(20, 20), kind)
    path = written(tmp_path_factory.mktemp("damaged"), content[:cut] + noise)
    try:
        found = read_header(path)
    except PhotoError as error:
        assert error.reason in set(Reason)  # noqa: PT017
    else:
        assert found.width > 0


def test_headers_of_real_photos_agree_with_the_whole_files(data: Path) -> None:
    paths = sorted((data / "open_images" / "images").glob("*.jpg"))[:60]
    files = (data / "channel_images").rglob("*")
    paths += sorted(path for path in files if path.suffix in (".png", ".jpg"))[:30]
    for path in paths:
        found = read_header(str(path))
        with Image.open(path) as whole:
            whole.load()
            expected = (whole.format, *whole.size, len(whole.getbands()), path.stat().st_size)
        assert (found.format, found.width, found.height, found.channels, found.bytes) == expected
