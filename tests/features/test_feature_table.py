"""The table of features: a row for each image, with what the featurizer gives or a reason."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import PrecisionError
from sparkles.features import featurize_photos, split_rejected
from sparkles.ml import DeepImageFeaturizer
from tests.photos import encode, picture

SCHEMA = [
    ("image_id", "string"),
    ("uri", "string"),
    ("features", "array<float>"),
    ("error", "string"),
    ("precision", "string"),
    ("sha256", "string"),
]


def featurizer(precision: str = "f32") -> DeepImageFeaturizer:
    return DeepImageFeaturizer(
        inputCol="image", outputCol="features", modelName="SparklesDemo", precision=precision
    )


@pytest.fixture
def photos(spark: SparkSession, tmp_path: Path) -> DataFrame:
    """Two good photos, one that is not there, and an image without a photo."""
    rows: list[tuple[str, str | None]] = [("absent", str(tmp_path / "absent.png")), ("none", None)]
    for name in ("a", "b"):
        path = tmp_path / f"{name}.png"
        path.write_bytes(encode(picture(96, 96, ord(name)), "PNG"))
        rows.append((name, str(path)))
    return spark.createDataFrame(rows, "image_id string, uri string")


def test_features_are_those_of_the_stage_and_bad_photos_have_reasons(
    spark: SparkSession, photos: DataFrame, tmp_path: Path
) -> None:
    counter = spark.sparkContext.accumulator(0)
    table = featurize_photos(photos, featurizer(), 4, counter=counter)
    assert table.dtypes == SCHEMA
    rows = {row["image_id"]: row for row in table.collect()}
    assert counter.value == 4
    stage = featurizer().setInputCol("uri").setHandleInvalid("skip")
    expected = {row["image_id"]: row["features"] for row in stage.transform(photos).collect()}
    assert expected.keys() == {"a", "b"}
    for name, vector in expected.items():
        np.testing.assert_array_equal(np.float32(rows[name]["features"]), vector.toArray())
        assert (rows[name]["error"], rows[name]["precision"]) == (None, "f32")
        content = (tmp_path / f"{name}.png").read_bytes()
        assert rows[name]["sha256"] == hashlib.sha256(content).hexdigest()
    assert rows["absent"]["error"].startswith("no photo: ")
    assert rows["none"]["error"] == "no photo: none was found for this image id"
    for name in ("absent", "none"):
        assert [rows[name][empty] for empty in ("features", "precision", "sha256")] == [None] * 3


def test_bytes_take_the_place_of_uris(spark: SparkSession) -> None:
    content = bytearray(encode(picture(96, 96), "PNG"))
    photos = spark.createDataFrame(
        [("a", "nowhere", content), ("b", None, None)], "image_id string, uri string, image binary"
    )
    rows = {row["image_id"]: row for row in featurize_photos(photos, featurizer(), 2).collect()}
    assert (rows["a"]["uri"], rows["a"]["error"]) == ("nowhere", None)
    assert len(rows["a"]["features"]) == 192
    assert rows["a"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert rows["b"]["error"] == "no photo: none was found for this image id"


def test_rejected_images_are_separated_with_their_reasons(photos: DataFrame) -> None:
    good, rejected = split_rejected(featurize_photos(photos, featurizer(), 4).cache())
    assert good.columns == ["image_id", "uri", "features", "sha256"]
    assert {row["image_id"] for row in good.collect()} == {"a", "b"}
    found = {row["image_id"]: row["reason"] for row in rejected.collect()}
    assert found == {"absent": "no photo", "none": "no photo"}


def test_int8_must_be_calibrated_first(photos: DataFrame) -> None:
    with pytest.raises(PrecisionError, match=r"call calibrate\(photos\)"):
        featurize_photos(photos, featurizer("int8"), 4)
