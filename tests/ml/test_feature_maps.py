"""The stage that gives the maps before pooling: pooled, they are the original's features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import ModelError
from sparkles.ml import DeepImageFeaturizer
from sparkles.models import NetworkSettings
from sparkles.models.network import build_network
from tests.photos import encode, picture, pixels

SHAPE = (6, 6, 192)


def featurizer(**options: str | None) -> DeepImageFeaturizer:
    given = {"inputCol": "uri", "outputCol": "features", "modelName": "SparklesDemo"}
    return DeepImageFeaturizer(**{**given, "precision": "f32", **options})


@pytest.fixture(scope="module")
def photos(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    folder = tmp_path_factory.mktemp("maps")
    for seed in range(30):
        (folder / f"{seed:02}.png").write_bytes(encode(picture(96, 96, seed), "PNG"))
    paths = [(str(path),) for path in sorted(folder.iterdir())]
    return spark.createDataFrame(paths, ["uri"]).coalesce(1)


def vectors(frame: DataFrame) -> np.ndarray:
    return np.stack([row["features"].toArray() for row in frame.collect()])


def pool(values: np.ndarray, pooling: str | None) -> np.ndarray:
    maps = values.reshape(-1, *SHAPE)
    return maps.mean(axis=(1, 2)) if pooling == "avg" else maps.max(axis=(1, 2))


@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_maps_equal_keras_maps_and_pool_to_the_features(photos: DataFrame, pooling: str) -> None:
    stage = featurizer(pooling=pooling)
    maps = vectors(stage.featureMaps().transform(photos))
    flat = build_network(NetworkSettings("SparklesDemo", pooling=None))
    batch = np.stack([pixels(96, 96, seed) for seed in range(30)])
    np.testing.assert_allclose(maps, flat(batch, training=False).numpy(), atol=1e-4)
    np.testing.assert_allclose(pool(maps, pooling), vectors(stage.transform(photos)), atol=1e-5)
    assert stage.getPooling() == pooling  # the original is unchanged


def test_a_loaded_int8_stage_gives_its_own_maps(photos: DataFrame, tmp_path: Path) -> None:
    stage = featurizer(precision="int8").calibrate(photos)
    stage.save(str(tmp_path / "stage"))
    loaded = DeepImageFeaturizer.load(str(tmp_path / "stage"))
    mapping = loaded.featureMaps()
    mapping.setPrecisionCol("precision").save(str(tmp_path / "maps"))
    rows = DeepImageFeaturizer.load(str(tmp_path / "maps")).transform(photos)
    assert {row["precision"] for row in rows.collect()} == {"int8"}
    np.testing.assert_allclose(
        pool(vectors(rows), "avg"), vectors(stage.transform(photos)), atol=1e-5
    )


def test_a_network_without_a_map_is_refused() -> None:
    stage = featurizer(
        modelName="EfficientNetB0@32", weights="random", outputLayer="block1a_se_squeeze",
        engine="keras",
    )  # fmt: skip
    with pytest.raises(ModelError, match="pools no feature map"):
        stage.featureMaps()
