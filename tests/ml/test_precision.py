"""The precision of features: chosen, recorded, refused where it is absent, saved with the stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import PrecisionError
from sparkles.ml import DeepImageFeaturizer, featurizer
from sparkles.ml.calibration import sample_pixels
from sparkles.models.engines import openvino as openvino_engine
from sparkles.models.engines.cpu import has_native_bf16
from sparkles.worker import load as load_module
from tests.photos import encode, picture, pixels

COUNT = 30


def stage(**options: object) -> DeepImageFeaturizer:
    given = {"inputCol": "uri", "outputCol": "features", "modelName": "SparklesDemo"}
    return DeepImageFeaturizer(**{**given, "precisionCol": "precision", **options})


@pytest.fixture(scope="module")
def photos(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    folder = tmp_path_factory.mktemp("photos")
    rows = []
    for seed in range(COUNT):
        path = folder / f"{seed:02}.png"
        path.write_bytes(encode(picture(96, 96, seed), "PNG"))
        rows.append((str(path),))
    return spark.createDataFrame([*rows, (str(folder / "absent.png"),)], ["uri"]).coalesce(1)


def features(frame: DataFrame) -> np.ndarray:
    good = frame.where("features is not null").select("features").collect()
    return np.stack([row.features.toArray() for row in good])


def precisions(frame: DataFrame) -> list[str | None]:
    return [row.precision for row in frame.select("precision").collect()]


@pytest.mark.parametrize("engine", ["auto", "openvino", "keras"])
def test_each_photo_has_its_precision_in_a_column(photos: DataFrame, engine: str) -> None:
    result = stage(precision="f32", engine=engine, handleInvalid="keep").transform(photos)
    assert precisions(result) == ["f32"] * COUNT + [None]


def test_auto_is_bf16_only_where_the_cpu_has_it(photos: DataFrame) -> None:
    result = stage(handleInvalid="skip").transform(photos)
    assert set(precisions(result)) == {"bf16" if has_native_bf16() else "f32"}


def test_bf16_is_refused_before_any_job(photos: DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_engine, "has_native_bf16", lambda: False)
    with pytest.raises(PrecisionError, match="no native bfloat16"):
        stage(precision="bf16").transform(photos)


def test_transform_calibrates_int8_once_and_the_stage_saves_it(
    photos: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = features(stage(precision="f32", handleInvalid="skip").transform(photos))
    int8 = stage(precision="int8", handleInvalid="keep")
    result = int8.transform(photos)
    assert precisions(result) == ["int8"] * COUNT + [None]
    rough = features(result)
    cosine = (exact * rough).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(rough, axis=1)
    assert np.median(cosine) > 0.99
    assert not np.array_equal(exact, rough)
    int8.save(str(tmp_path / "stage"))

    def calibrated_again(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(featurizer, "quantize_network", calibrated_again)
    loaded = DeepImageFeaturizer.load(str(tmp_path / "stage"))
    assert loaded.network().int8 == int8.network().int8
    one = photos.limit(1)
    np.testing.assert_allclose(features(loaded.transform(one)), rough[:1], rtol=1e-5, atol=1e-6)


def test_int8_cannot_be_saved_before_it_is_calibrated(tmp_path: Path) -> None:
    with pytest.raises(PrecisionError, match=r"call calibrate\(photos\)"):
        stage(precision="int8").save(str(tmp_path / "stage"))


def test_int8_needs_a_minimum_of_photos(photos: DataFrame) -> None:
    with pytest.raises(PrecisionError, match="takes at least 24; 9 could be read"):
        stage(precision="int8").transform(photos.limit(9))


def test_calibrate_does_nothing_for_other_precisions(photos: DataFrame) -> None:
    original = stage(precision="f32")
    calibrated = original.calibrate(photos)
    assert calibrated is not original
    assert calibrated.network() == original.network()


def test_a_sample_of_uris_does_not_depend_on_the_order_of_rows(photos: DataFrame) -> None:
    sample = sample_pixels(photos, "uri", load_module.PhotoKind.URI, (96, 96), 12)
    assert len(sample) in (11, 12)  # the absent photo may be among the twelve
    seeds = {pixels(96, 96, seed).tobytes(): seed for seed in range(COUNT)}
    found = [seeds[one.tobytes()] for one in sample]
    assert len(set(found)) == len(found)
    assert max(found) > 12
    again = sample_pixels(photos.orderBy("uri"), "uri", load_module.PhotoKind.URI, (96, 96), 12)
    assert sorted(seeds[one.tobytes()] for one in again) == sorted(found)


@pytest.mark.parametrize("kind", ["bytes", "struct"])
def test_photos_as_bytes_and_structs_are_sampled(
    spark: SparkSession, photos: DataFrame, kind: str
) -> None:
    folder = str(Path(photos.first().uri).parent)
    if kind == "bytes":
        frame, column = spark.read.format("binaryFile").load(folder), "content"
    else:
        frame, column = spark.read.format("image").load(folder), "image"
    sample = sample_pixels(frame, column, load_module.PhotoKind(kind), (96, 96), 10)
    known = {pixels(96, 96, seed).tobytes() for seed in range(COUNT)}
    assert len(sample) == 10
    assert {one.tobytes() for one in sample} <= known
