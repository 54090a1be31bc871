"""Only the formats that are meant are opened; others are rejected by their names."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sparkles.choices import Reason
from sparkles.errors import PhotoError
from sparkles.imaging import decode_image
from sparkles.imaging.formats import READ_FORMATS, describe_other_format
from sparkles.imaging.header import read_header
from tests.photos import encode, picture

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\nshowpage\n%%EOF\n"


def refusals(content: bytes, folder: Path) -> list[str]:
    """What the decoder and the reader of headers raise for a file called .jpg."""
    path = folder / "photo.jpg"
    path.write_bytes(content)
    calls: list[Callable[[], Any]] = [
        lambda: decode_image(content),
        lambda: decode_image(content, at_least=(32, 32)),
        lambda: read_header(str(path)),
    ]
    found = []
    for call in calls:
        with pytest.raises(PhotoError) as caught:
            call()
        assert caught.value.reason == Reason.NOT_AN_IMAGE
        found.append(caught.value.detail)
    return found


def test_eps_in_a_file_called_jpg_does_not_start_ghostscript(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*command: object, **_: object) -> None:
        raise AssertionError(command)

    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", "gs", raising=False)
    for name in ("Popen", "check_call", "run"):
        monkeypatch.setattr(subprocess, name, started)
    for detail in refusals(EPS, tmp_path):
        assert detail.startswith("PostScript or EPS image; expected JPEG")


# Formats that Pillow writes, and could read.
@pytest.mark.parametrize("kind", ["PPM", "ICO", "DDS", "BLP", "AVIF", "JPEG2000", "TGA", "PCX"])
def test_other_formats_of_pillow_are_not_opened(tmp_path: Path, kind: str) -> None:
    drawn = picture(16, 16)
    try:
        content = encode(drawn.quantize(16) if kind == "BLP" else drawn, kind)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow writes no {kind}")
    assert Image.open(io.BytesIO(content)).size == (16, 16)
    assert all("expected JPEG, MPO, PNG" in detail for detail in refusals(content, tmp_path))


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x00\x00\x00\x20ftypavif\x00\x00", "AVIF image"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC image"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00", "HEIF image"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", "MP4 video"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00", "QuickTime video"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL image"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL image"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000 image"),
        (b"8BPS\x00\x01", "Photoshop image"),
        (b"%PDF-1.7\n", "PDF document"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
        (b"\n<!DOCTYPE html><title>403</title>", "HTML page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML document"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "AVI video"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"image_id,uri\n", "13 bytes of an unknown format"),
    ],
)
def test_a_file_of_another_format_is_named(tmp_path: Path, start: bytes, name: str) -> None:
    assert describe_other_format(start).startswith(f"{name}; expected JPEG, MPO, PNG")
    assert all(detail.startswith(name) for detail in refusals(start, tmp_path))


def test_details_quote_nothing_of_a_file_that_is_no_photo(tmp_path: Path) -> None:
    for content in (b"root:x:0:0:secret:/root", b"<html>secret", b"%PDF secret", b"GIF89a secret"):
        path = tmp_path / "passwd"
        path.write_bytes(content)
        with pytest.raises(PhotoError) as decoded:
            decode_image(content)
        with pytest.raises(PhotoError) as read:
            read_header(str(path))
        assert "secret" not in f"{decoded.value} {read.value}"


def test_the_formats_of_photos_are_opened() -> None:
    for kind in [*READ_FORMATS, "MPO"]:
        assert decode_image(encode(picture(20, 10), kind)).mode == "RGB"
