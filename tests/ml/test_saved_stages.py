"""A model from a stranger: only stages that Sparkles saves are loaded, and no file is harmed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.saved_stages import load_pipeline
from sparkles.workflow.saved_model import load_model
from sparkles.workflow.saved_run import SavedRun
from tests.conftest import REPOSITORY

SAVED = REPOSITORY / "tests/workflow/saved_models/0.1.0/model"
PIPELINE = "pyspark.ml.pipeline.PipelineModel"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of a saved model, for a test to change."""
    return Path(shutil.copytree(SAVED, tmp_path / "model"))


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that a module called ``booby`` writes when it is imported."""
    (tmp_path / "booby.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "sprung"
    sys.modules.pop("booby", None)


def stage(model: Path, kind: str = "DeepImageFeaturizer") -> Path:
    (found,) = (model / "stages").glob(f"*_{kind}_*")
    return found


def edit(folder: Path, **changes: Any) -> None:
    """Change the metadata of a stage; a dict changes keys of what is there."""
    file = folder / "metadata" / "part-00000"
    metadata = json.loads(file.read_text())
    for key, value in changes.items():
        metadata[key] = metadata[key] | value if isinstance(value, dict) else value
    file.write_text(json.dumps(metadata) + "\n")


def nest(model: Path, depth: int = 1) -> Path:
    """Put a model into a pipeline, ``depth`` times."""
    for level in range(depth):
        outer = model.parent / f"outer{level}"
        shutil.copytree(model / "metadata", outer / "metadata")
        edit(outer, uid=f"outer_{level}", paramMap={"stageUids": ["inner"]})
        (outer / "stages").mkdir()
        model.rename(outer / "stages" / "0_inner")
        model = outer
    return model


def innermost(model: Path) -> Path:
    return model / "stages" / "0_inner"


@pytest.mark.parametrize("place", ["pipeline", "first stage", "last stage", "nested"])
def test_a_class_that_sparkles_does_not_save_is_not_imported(
    spark: SparkSession, model: Path, trap: Path, place: str
) -> None:
    if place == "nested":
        edit(stage(model, "IndexToString"), **{"class": "booby.Trap"})
        model = nest(model)
    elif place == "pipeline":
        edit(model, **{"class": "booby.Trap"})
    else:
        kind = "strIdx" if place == "first stage" else "IndexToString"
        edit(stage(model, kind), **{"class": "booby.Trap"})
    run = SavedRun(str(model.parent), {}, {}, {}, {"command": "train"}, spark)  # type: ignore[arg-type,typeddict-item]
    for load in (
        lambda: load_model(spark, str(model)),
        lambda: load_pipeline(spark, str(model)),
        *([] if place == "nested" else [run.model]),
    ):
        with pytest.raises(ModelError, match=r"it is a booby\.Trap"):
            load()
    assert "booby" not in sys.modules
    assert not trap.exists()


def test_spark_itself_imports_what_a_model_names(
    spark: SparkSession, model: Path, trap: Path
) -> None:
    """The limit that docs/security.md states: PipelineModel.load is Spark's."""
    edit(stage(model, "strIdx"), **{"class": "booby.Trap"})
    with pytest.raises(AttributeError):
        PipelineModel.load(str(model))
    assert trap.exists()


def test_the_stage_itself_does_not_import_what_its_metadata_name(
    spark: SparkSession, model: Path, trap: Path
) -> None:
    edit(stage(model), **{"class": "booby.Trap"})
    with pytest.raises(ModelError, match=r"is a booby\.Trap, not a .*DeepImageFeaturizer"):
        DeepImageFeaturizer.load(str(stage(model)))
    assert not trap.exists()


def test_classes_of_java_are_refused_too(spark: SparkSession, model: Path) -> None:
    edit(stage(model, "strIdx"), **{"class": "org.apache.spark.ml.feature.SQLTransformer"})
    with pytest.raises(ModelError, match="SQLTransformer, which Sparkles does not save"):
        load_pipeline(spark, str(model))


def test_pipelines_of_our_stages_may_be_nested(spark: SparkSession, model: Path) -> None:
    loaded = load_pipeline(spark, str(nest(model)))
    assert loaded.uid == "outer_0"
    (inner,) = loaded.stages
    assert isinstance(inner, PipelineModel)
    assert [type(one).__name__ for one in inner.stages] == [
        "StringIndexerModel",
        "DeepImageFeaturizer",
        "LogisticRegressionModel",
        "IndexToString",
    ]


def test_a_pipeline_that_never_ends_is_refused(spark: SparkSession, model: Path) -> None:
    edit(model, paramMap={"stageUids": ["inner"]})
    shutil.rmtree(model / "stages")
    (model / "stages").mkdir()
    (model / "stages" / "0_inner").symlink_to(model)
    with pytest.raises(ModelError, match="nested more than 5 deep"):
        load_pipeline(spark, str(model))


@pytest.mark.parametrize("uid", ["../../other", "a/b", "{a,b}", "a,b", "*", "", None, "a\nb"])
def test_a_stage_is_a_plain_name_below_its_pipeline(
    spark: SparkSession, model: Path, uid: object
) -> None:
    edit(model, paramMap={"stageUids": [uid]})
    with pytest.raises(ModelError, match="is no name of a stage"):
        load_pipeline(spark, str(model))


def test_a_network_that_names_a_file_elsewhere_overwrites_nothing(
    spark: SparkSession, model: Path, tmp_path: Path
) -> None:
    network = stage(model) / "network"
    note = json.loads((network / "network.json").read_text())
    victim = tmp_path / "victim.xml"
    victim.write_text("precious")
    for name in (str(victim), f"../../../../..{victim}"):
        note["files"][0] = name
        (network / "network.json").write_text(json.dumps(note))
        with pytest.raises(ModelError, match="expected files to be"):
            load_model(spark, str(model))
        assert victim.read_text() == "precious"


def test_a_damaged_network_does_not_reach_the_cache(
    spark: SparkSession, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARKLES_CACHE", str(tmp_path / "cache"))
    (weights,) = (stage(model) / "network").glob("*.bin")
    weights.write_bytes(b"other weights")
    with pytest.raises(ModelError, match="damaged: the content of sparkles-network-"):
        load_model(spark, str(model))
    assert list((tmp_path / "cache" / "networks").iterdir()) == []


def test_a_network_of_keras_with_code_in_it_is_refused(spark: SparkSession, model: Path) -> None:
    from tests.models.test_keras_archive import archive, layer, model_of

    network = stage(model) / "network"
    path = archive(network / "draft.keras", model_of(layer("Lambda", function="code")))
    digest = sha256(sha256(path.read_bytes()).digest()).hexdigest()
    path.rename(network / f"sparkles-network-{digest}.keras")
    note = json.loads((network / "network.json").read_text())
    note |= {"engine": "keras", "files": [f"sparkles-network-{digest}.keras"]}
    (network / "network.json").write_text(json.dumps(note))
    with pytest.raises(ModelError, match=r"it holds keras\.layers\.Lambda"):
        load_model(spark, str(model))


def test_params_of_another_network_than_the_saved_one_are_refused(
    spark: SparkSession, model: Path
) -> None:
    """Its network would be built from weights at an address that the model's author chose."""
    edit(stage(model), paramMap={"weights": "http://169.254.169.254/x.weights.h5"})
    with pytest.raises(ModelError, match="describe another network"):
        load_model(spark, str(model))


def test_params_of_a_newer_version_are_reported_as_such(spark: SparkSession, model: Path) -> None:
    edit(stage(model), defaultParamMap={"cropMargin": 3})
    with pytest.raises(ModelError, match=r"saved by a newer version.*it has cropMargin"):
        load_model(spark, str(model))
