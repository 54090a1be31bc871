"""The contract of every public stage: typed and documented Params, copies, saving and loading."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self, get_args, get_type_hints

import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.param import Param
from pyspark.sql import DataFrame, SparkSession

from sparkles.errors import ModelError, SettingsError
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.stage import NOT_GIVEN
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

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"

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

    stages = [getattr(sparkles.ml, name) for name in sparkles.ml.__all__]
    return [one for one in stages if not issubclass(one, Pipeline)]  # whose Params are Spark's


def test_every_public_stage_is_under_contract() -> None:
    assert set(public_stages()) == set(STAGES)


def suffix_of(param: Param[Any]) -> str:
    return param.name[0].upper() + param.name[1:]


def declared_types(stage_class: type[Any]) -> dict[str, Any]:
    """The type of each Param's value: ``T`` of its declaration ``Param[T]``."""
    hints = get_type_hints(stage_class)
    return {name: get_args(hints[name])[0] for name in STAGES[stage_class]}


@pytest.mark.parametrize("stage_class", STAGES)
def test_params_have_setters_getters_and_a_default_or_are_required(stage_class: type[Any]) -> None:
    stage = stage_class()
    assert {param.name for param in stage.params} == set(STAGES[stage_class])
    for param in stage.params:
        value = STAGES[stage_class][param.name]
        assert stage.hasDefault(param) != param.doc.startswith("Required.")
        assert getattr(stage, f"set{suffix_of(param)}")(value) is stage
        assert getattr(stage, f"get{suffix_of(param)}")() == value


@pytest.mark.parametrize("stage_class", STAGES)
def test_setters_and_getters_have_their_params_types(stage_class: type[Any]) -> None:
    for param in stage_class().params:
        declared = declared_types(stage_class)[param.name]
        setter = get_type_hints(getattr(stage_class, f"set{suffix_of(param)}"))
        getter = get_type_hints(getattr(stage_class, f"get{suffix_of(param)}"))
        assert setter == {"value": declared, "return": Self}
        assert getter == {"return": declared}


@pytest.mark.parametrize("stage_class", STAGES)
def test_docs_are_sentences_of_our_own(stage_class: type[Any]) -> None:
    for param in stage_class().params:
        documented = [param.doc]
        for prefix in ("set", "get"):
            method = getattr(stage_class, f"{prefix}{suffix_of(param)}")
            assert method.__module__.startswith("sparkles.")
            documented.append(method.__doc__.splitlines()[0])
        assert all(re.fullmatch(r"[A-Z].*\.", doc) for doc in documented), documented


@pytest.mark.parametrize("stage_class", STAGES)
def test_set_params_takes_the_constructor_s_keywords(stage_class: type[Any]) -> None:
    constructor = get_type_hints(stage_class.__init__)
    assert constructor == {**declared_types(stage_class), "return": type(None)}
    assert get_type_hints(stage_class.setParams) == {**constructor, "return": Self}
    for parameter in inspect.signature(stage_class.setParams).parameters.values():
        assert parameter.name == "self" or parameter.default is NOT_GIVEN


@pytest.mark.parametrize("stage_class", STAGES)
def test_defaults_are_those_that_the_constructor_shows(stage_class: type[Any]) -> None:
    stage = stage_class()
    assert not any(stage.isSet(param) for param in stage.params)
    for parameter in inspect.signature(stage_class).parameters.values():
        if parameter.default is not NOT_GIVEN:
            assert stage.getOrDefault(parameter.name) == parameter.default


@pytest.mark.parametrize("stage_class", STAGES)
def test_set_params_leaves_what_is_not_given(stage_class: type[Any]) -> None:
    stage = stage_class(**STAGES[stage_class])
    assert stage.setParams(outputCol="other") is stage
    values = {param.name: value for param, value in stage.extractParamMap().items()}
    assert values == {**STAGES[stage_class], "outputCol": "other"}


@pytest.mark.parametrize("stage_class", STAGES)
def test_none_is_a_value_of_optional_params_only(stage_class: type[Any]) -> None:
    for name, declared in declared_types(stage_class).items():
        stage = stage_class(**STAGES[stage_class])
        param = stage.getParam(name)
        ways: list[Callable[[], Any]] = [
            partial(stage_class, **{name: None}),
            partial(stage.setParams, **{name: None}),
            partial(getattr(stage, f"set{suffix_of(param)}"), None),
            partial(stage.copy, {param: None}),
        ]
        for way in ways:
            if type(None) in get_args(declared):
                assert way().getOrDefault(name) is None
            else:
                with pytest.raises(SettingsError, match=f"{name}: expected .*, got None"):
                    way()


@pytest.mark.parametrize("stage_class", STAGES)
def test_repr_shows_the_params_that_are_set(stage_class: type[Any]) -> None:
    name = stage_class.__name__
    assert repr(stage_class()) == f"{name}()"
    stage = stage_class(outputCol="features", inputCol="uri")
    assert repr(stage) == f"{name}(inputCol='uri', outputCol='features')"
    full = eval(repr(stage_class(**STAGES[stage_class])), {name: stage_class})
    values = {param.name: value for param, value in full.extractParamMap().items()}
    assert values == STAGES[stage_class]


TYPED = """
from pyspark.sql import DataFrame
from sparkles import DeepImageFeaturizer

def typed(photos: DataFrame) -> DeepImageFeaturizer:
    stage = DeepImageFeaturizer(modelName="x", inputCol="uri", pooling=None)
    size: int = stage.setModelName("x").setPooling(None).getBatchSize()
    word: str = stage.setParams(batchSize=size, weights=None).setSeed(1).getHandleInvalid()
    loaded = DeepImageFeaturizer.load("path").setEngine(word)
    return loaded.copy().calibrate(photos).featureMaps()

stage = DeepImageFeaturizer()
"""
# Each line is refused by mypy, with these words.
MISTYPED = {
    'stage.setBatchSize("x")': 'incompatible type "str"; expected "int"',
    "stage.setModelName(None)": 'incompatible type "None"; expected "str"',
    "stage.setBatch(16)": 'has no attribute "setBatch"',
    "stage.setParams(batchsize=16)": 'Unexpected keyword argument "batchsize"',
    'stage.setParams(seed="x")': 'incompatible type "str"; expected "int"',
    "DeepImageFeaturizer(inputCol=None)": 'incompatible type "None"; expected "str"',
    "len(stage.getPooling())": 'incompatible type "str | None"; expected "Sized"',
}


@pytest.mark.slow
def test_type_checkers_know_params_setters_and_getters(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    lines = TYPED.splitlines()
    (tmp_path / "typed.py").write_text("\n".join([*lines, *MISTYPED]) + "\n")
    options = ["--strict", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}"]
    report, _, _ = mypy.run([*options, str(tmp_path / "typed.py")])
    errors = re.findall(r"typed\.py:(\d+): error: (.*)", report)
    assert [int(line) for line, _ in errors] == [
        len(lines) + number for number in range(1, len(MISTYPED) + 1)
    ], report
    for (_, error), words in zip(errors, MISTYPED.values(), strict=True):
        assert words in error


@pytest.mark.parametrize("stage_class", STAGES)
def test_constructors_take_keywords_only(stage_class: type[Any]) -> None:
    with pytest.raises(TypeError, match="keyword"):
        stage_class("uri")


@pytest.mark.parametrize("stage_class", STAGES)
def test_descriptions_change_neither_the_stage_nor_the_session(
    stage_class: type[Any], spark: SparkSession, frame: DataFrame
) -> None:
    stage = stage_class(**{**STAGES[stage_class], "outputLayer": None, "engine": "auto"})
    assert stage.params  # Spark keeps the list once it is asked for
    before = (stage.extractParamMap(), dict(vars(stage)), spark.conf.get(BATCH_ROWS))
    stage.networkSettings()
    stage.network()
    stage.networkBeforePooling()
    stage.featureMaps()
    stage.calibrate(frame)
    stage.transformSchema(frame.schema)
    stage.explainParams()
    assert (stage.extractParamMap(), dict(vars(stage)), spark.conf.get(BATCH_ROWS)) == before


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


@pytest.mark.parametrize("stage_class", STAGES)
def test_save_and_load_in_a_fresh_process_without_the_weights_file(
    stage_class: type[Any], tmp_path: Path, frame: DataFrame
) -> None:
    weights = tmp_path / "net.weights.h5"
    small = "MobileNetV2-0.35@32"
    build_backbone(NetworkSettings(small, weights="random", seed=9)).save_weights(weights)
    stage = stage_class(inputCol="uri", outputCol="features", modelName=small, weights=str(weights))
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


def test_a_network_saved_before_int8_existed_is_loaded(tmp_path: Path) -> None:
    stage = DeepImageFeaturizer(
        inputCol="uri", outputCol="features", modelName="MobileNetV2-0.35@32", weights="random"
    )
    stage.save(str(tmp_path / "stage"))
    note = tmp_path / "stage" / "network" / "network.json"
    facts = json.loads(note.read_text())
    del facts["int8"], facts["settings"]["int8"]
    note.write_text(json.dumps(facts))
    assert DeepImageFeaturizer.load(str(tmp_path / "stage")).network() == stage.network()
