"""Headers of good and bad photos, and what they sum up to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.choices import Reason
from sparkles.errors import MissingDependencyError
from sparkles.exploration import photos as photos_module
from sparkles.exploration.photo_facts import describe_photos
from sparkles.exploration.photos import read_headers
from sparkles.imaging.decoder_errors import DECODER_ERRORS
from sparkles.storage import DEFAULT_S3
from sparkles.worker.load import PhotoKind, load_picture
from tests.photos import encode, picture
from tests.tables import made_table

SIZES = [(40, 60), (40, 60), (60, 40), (30, 30)]  # height, width


@pytest.fixture(scope="module")
def headers(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    folder = tmp_path_factory.mktemp("photos")
    rows: list[tuple[str, str | None]] = []
    for number, size in enumerate(SIZES):
        (folder / f"{number}.jpg").write_bytes(encode(picture(*size, seed=number)))
        rows.append((str(number), f"file:{folder}/{number}.jpg"))
    (folder / "gray.png").write_bytes(encode(picture(20, 10).convert("L"), "PNG"))
    (folder / "text.jpg").write_text("no photo at all")
    (folder / "empty.jpg").touch()
    rows += [(name, f"{folder}/{name}.{kind}") for name, kind in
             [("gray", "png"), ("text", "jpg"), ("empty", "jpg"), ("gone", "jpg")]]  # fmt: skip
    rows.append(("unlisted", None))
    done = spark.sparkContext.accumulator(0)
    table = made_table(spark, "image_id string, uri string", rows)
    read_headers(table, len(rows), done=done).write.parquet(str(folder / "headers"))
    assert done.value == len(rows)
    return spark.read.parquet(str(folder / "headers"))


def test_each_photo_has_a_header_or_a_reason(headers: DataFrame) -> None:
    rows = {row.image_id: row for row in headers.collect()}
    assert len(rows) == 9
    for number, (height, width) in enumerate(SIZES):
        row = rows[str(number)]
        assert (row.format, row.width, row.height, row.channels) == ("JPEG", width, height, 3)
        assert (row.reason, row.error) == (None, None)
    assert (rows["gray"].format, rows["gray"].mode, rows["gray"].channels) == ("PNG", "L", 1)
    reasons = {name: rows[name].reason for name in ("text", "empty", "gone", "unlisted")}
    assert reasons == {
        "text": Reason.NOT_AN_IMAGE,
        "empty": Reason.EMPTY,
        "gone": Reason.NO_PHOTO,
        "unlisted": Reason.NO_PHOTO,
    }
    assert rows["text"].width is None
    assert "15 bytes" in rows["text"].error


def test_headers_are_summed_up(headers: DataFrame) -> None:
    facts = describe_photos(headers)
    assert (facts["asked"], facts["readable"]) == (9, 5)
    assert facts["reasons"] == {"no photo": 2, "empty": 1, "not an image": 1}
    assert facts["formats"] == {"JPEG": 4, "PNG": 1}
    assert facts["channels"] == {"3 (RGB)": 4, "1 (L)": 1}
    assert facts["sizes"] == {"60 x 40": 2, "10 x 20": 1, "30 x 30": 1, "40 x 60": 1}
    widths = [60, 60, 40, 30, 10]
    found = facts["quantiles"]["width"]
    assert (found["least"], found["median"], found["most"]) == (10, 40, 60)
    assert found["mean"] == pytest.approx(np.mean(widths))
    for histogram in ("width", "height", "megapixels", "aspect", "bytes"):
        assert sum(facts["histograms"][histogram]["counts"]) == 5
    assert np.sum(facts["histograms"]["width by height"]["counts"]) == 5


def test_square_photos_are_in_the_middle_of_the_aspect_ratios(headers: DataFrame) -> None:
    found = describe_photos(headers)["histograms"]["aspect"]
    middle = len(found["counts"]) // 2
    assert found["edges"][middle] < 1 < found["edges"][middle + 1]
    assert found["counts"][middle] == 1  # 30 x 30
    assert sum(found["counts"][:middle]) == 2  # 40 x 60 and 10 x 20 are upright


def test_quantiles_are_none_where_no_photo_is_readable(headers: DataFrame) -> None:
    facts = describe_photos(headers.where("reason IS NOT NULL"))
    assert (facts["readable"], facts["quantiles"], facts["formats"]) == (0, None, {})


@pytest.mark.parametrize("kind", [*DECODER_ERRORS, MemoryError, RecursionError])
def test_damage_that_the_featurizer_turns_into_a_row_becomes_a_row_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    (tmp_path / "a.png").write_bytes(encode(picture(20, 10), "PNG"))

    def fail(*_: object, **__: object) -> None:
        raise kind("a damaged text chunk")

    monkeypatch.setattr("PIL.Image.open", fail)
    uri = str(tmp_path / "a.png")
    rejected = load_picture(uri, PhotoKind.URI, (8, 8))
    row = photos_module._row_of(uri, DEFAULT_S3)
    assert row["reason"] == Reason.CORRUPT
    assert rejected.reason == (Reason.TRUNCATED if kind is EOFError else Reason.CORRUPT)
    assert "a damaged text chunk" in row["error"]
    assert row["width"] is None


def test_missing_package_is_not_a_bad_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MissingDependencyError("boto3")

    monkeypatch.setattr(photos_module, "read_header", fail)
    with pytest.raises(MissingDependencyError):
        photos_module._row_of("s3://photos/a.jpg", DEFAULT_S3)
