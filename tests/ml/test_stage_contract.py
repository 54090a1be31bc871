"""What every public stage must do: document its Params, copy, save, load elsewhere, do the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.param import Param
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import ModelError
from sparkles.ml import DeepImageFeaturizer
from sparkles.models import NetworkSettings
from sparkles.models.network import build_backbone
from tests.photos import encode, picture

STAGES: dict[type[Any], dict[str, Any]] = {
    DeepImageFeaturizer: {
        "inputCol": "uri",
        "outputCol": "features",
        "modelName": "MobileNetV2-0.35@32",
        "weights": "random",
        "seed": 3,
        "pooling": "max",
        "outputLayer": "block_6_expand",
        "batchSize": 2,
        "handleInvalid": "keep",
        "errorCol": "error",
        "scaleHint": "SCALE_SMOOTH",
        "engine": "keras",
        "precision": "f32",
        "precisionCol": "precision",
    },
}

# Loads a stage and a pipeline in a process that has neither Keras' cache nor the weights file.
FRESH = """
import json, sys
from sparkles.spark.session import build_session
from pyspark.ml import PipelineModel
spark = build_session(master="local[1]", conf={"spark.ui.enabled": "false"})
frame = spark.createDataFrame([(uri,) for uri in json.loads(sys.argv[2])], ["uri"])
model = PipelineModel.load(sys.argv[1] + "/pipeline")
stage = type(model.stages[0]).load(sys.argv[1] + "/stage")
rows = [stage.transform(frame).collect(), model.transform(frame).collect()]
vectors = [[row["features"].toArray().tolist() for row in some] for some in rows]
out = {"uid": stage.uid, "rows": vectors}
open(sys.argv[1] + "/answer.json", "w").write(json.dumps(out))
"""


@pytest.fixture
def frame(spark: SparkSession, tmp_path: Path) -> DataFrame:
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"{seed}.png")
        paths[-1].write_bytes(encode(picture(40, 40, seed), "PNG"))
    return spark.createDataFrame([(str(path),) for path in paths], ["uri"]).coalesce(1)


def features(frame: DataFrame) -> np.ndarray:
    return np.stack([row["features"].toArray() for row in frame.collect()])


def public_stages() -> list[type[Any]]:
    import sparkles.ml

    return [getattr(sparkles.ml, name) for name in sparkles.ml.__all__]


def test_every_public_stage_is_under_contract() -> None:
    assert set(public_stages()) == set(STAGES)


@pytest.mark.parametrize("stage_class", STAGES)
def test_params_are_documented_and_have_setters_and_getters(stage_class: type[Any]) -> None:
    stage = stage_class()
    params = [param for param in stage.params if isinstance(param, Param)]
    assert {param.name for param in params} == set(STAGES[stage_class])
    for param in params:
        suffix = param.name[0].upper() + param.name[1:]
        value = STAGES[stage_class][param.name]
        assert param.doc
        assert stage.hasDefault(param) or "required" in param.doc or param.name == "inputCol"
        assert getattr(stage, f"set{suffix}")(value) is stage
        assert getattr(stage, f"get{suffix}")() == value
        assert getattr(stage_class, f"set{suffix}").__doc__


@pytest.mark.parametrize("stage_class", STAGES)
def test_constructors_take_keywords_only(stage_class: type[Any]) -> None:
    with pytest.raises(TypeError, match="keyword"):
        stage_class("uri")


@pytest.mark.parametrize("stage_class", STAGES)
def test_copies_are_independent(stage_class: type[Any]) -> None:
    stage = stage_class(**STAGES[stage_class])
    other = stage.copy({stage.outputCol: "other"})
    assert other.getOutputCol() == "other"
    assert stage.getOutputCol() == "features"
    assert other.uid == stage.uid
    assert type(other) is stage_class


@pytest.mark.parametrize("stage_class", STAGES)
def test_save_and_load_here(stage_class: type[Any], tmp_path: Path, frame: DataFrame) -> None:
    stage = stage_class(**STAGES[stage_class])
    stage.save(str(tmp_path / "stage"))
    loaded = stage_class.load(str(tmp_path / "stage"))
    assert loaded.uid == stage.uid
    values = {param.name: value for param, value in stage.extractParamMap().items()}
    assert {param.name: value for param, value in loaded.extractParamMap().items()} == values
    np.testing.assert_array_equal(
        features(loaded.transform(frame)), features(stage.transform(frame))
    )


def test_save_and_load_in_a_fresh_process_without_the_weights_file(
    tmp_path: Path, frame: DataFrame
) -> None:
    weights = tmp_path / "net.weights.h5"
    small = "MobileNetV2-0.35@32"
    build_backbone(NetworkSettings(small, weights="random", seed=9)).save_weights(weights)
    stage = DeepImageFeaturizer(
        inputCol="uri", outputCol="features", modelName=small, weights=str(weights)
    )
    expected = features(stage.transform(frame))
    stage.save(str(tmp_path / "stage"))
    Pipeline(stages=[stage]).fit(frame).save(str(tmp_path / "pipeline"))
    weights.unlink()
    uris = json.dumps([row["uri"] for row in frame.collect()])
    subprocess.run([sys.executable, "-c", FRESH, str(tmp_path), uris], check=True)
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert answer["uid"] == stage.uid
    for rows in answer["rows"]:
        np.testing.assert_array_almost_equal(np.array(rows), expected, decimal=6)


def test_a_loaded_stage_forgets_its_network_when_its_params_change(
    tmp_path: Path, frame: DataFrame
) -> None:
    stage = DeepImageFeaturizer(
        inputCol="uri", outputCol="features", modelName="MobileNetV2-0.35@32", weights="random"
    )
    stage.save(str(tmp_path / "stage"))
    loaded = DeepImageFeaturizer.load(str(tmp_path / "stage")).setSeed(8)
    expected = features(stage.copy().setSeed(8).transform(frame))
    np.testing.assert_array_equal(features(loaded.transform(frame)), expected)
    assert not np.array_equal(expected, features(stage.transform(frame)))


def test_a_damaged_saved_network_is_refused(tmp_path: Path) -> None:
    stage = DeepImageFeaturizer(
        inputCol="uri", outputCol="features", modelName="MobileNetV2-0.35@32", weights="random"
    )
    PipelineModel([stage]).save(str(tmp_path / "model"))
    (network,) = (tmp_path / "model").rglob("sparkles-network-*.bin")
    for crc in network.parent.glob(".*.crc"):
        crc.unlink()
    network.write_bytes(network.read_bytes()[:-100])
    with pytest.raises(ModelError, match="damaged"):
        PipelineModel.load(str(tmp_path / "model"))
