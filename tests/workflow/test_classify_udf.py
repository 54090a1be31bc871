"""A saved model as a function of SQL, against the model's own ``transform``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

import sparkles
from sparkles.choices import Precision
from sparkles.errors import ModelError
from sparkles.explanation import LinearClassifier
from sparkles.worker import featurize as featurize_module
from sparkles.worker.featurize import FeaturizeTask
from sparkles.worker.load import PhotoKind
from sparkles.workflow import classify_udf as classify_module
from tests.drawn_run import DrawnRun
from tests.photos import encode, picture

PHOTOS = 5
KINDS = ("content", "uri", "image")


@pytest.fixture(scope="module")
def photos(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """Return good photos as bytes, URIs and image structs, and two rows without a photo."""
    folder = tmp_path_factory.mktemp("served")
    for seed in range(PHOTOS):
        (folder / f"{seed}.png").write_bytes(encode(picture(90, 120, seed), "PNG"))
    structs = spark.read.format("image").load(str(folder)).select("image.origin", "image")
    names = F.element_at(F.split("origin", "/"), -1)
    rows = [(str(path), bytearray(path.read_bytes())) for path in sorted(folder.iterdir())]
    rows += [(f"{folder}/gone.png", bytearray(b"no photo")), (None, None)]
    table = spark.createDataFrame(rows, "uri string, content binary")
    name = F.element_at(F.split("uri", "/"), -1)
    return table.join(structs.withColumn("name", names), name == F.col("name"), "left").cache()


@pytest.fixture(scope="module")
def model(drawn_run: DrawnRun) -> PipelineModel:
    return PipelineModel.load(f"{drawn_run.folder}/model")


@pytest.fixture(scope="module")
def classify(spark: SparkSession, drawn_run: DrawnRun) -> Callable[[Column | str], Column]:
    return sparkles.register_udf(spark, "classify", str(drawn_run.folder))


def test_it_gives_what_transform_gives_for_every_kind_of_photo(
    spark: SparkSession,
    photos: DataFrame,
    model: PipelineModel,
    classify: Callable[[Column | str], Column],
) -> None:
    photos.createOrReplaceTempView("served")
    calls = ", ".join(f"classify({kind}) AS of_{kind}" for kind in KINDS)
    found = spark.sql(f"SELECT uri, {calls} FROM served WHERE image IS NOT NULL").toPandas()
    for kind in ("content", "image"):
        given = photos.where("name is not null").select("uri", F.col(kind).alias("image"))
        columns = ["predicted_label", vector_to_array("probability").alias("probabilities")]
        expected = model.transform(given).select("uri", *columns).toPandas().set_index("uri")
        of_both = [kind, "uri"] if kind == "content" else [kind]
        for name in of_both:
            for uri, row in zip(found["uri"], found[f"of_{name}"], strict=True):
                assert row["error"] is None
                assert row["predicted_label"] == expected["predicted_label"][uri]
                assert row["probability"] == max(row["probabilities"].values())
                assert list(row["probabilities"]) == ["Car", "Tree"]
                np.testing.assert_allclose(
                    list(row["probabilities"].values()),
                    expected["probabilities"][uri],
                    rtol=0,
                    atol=1e-12,
                )
    assert len(found) == PHOTOS


def test_a_bad_photo_has_its_reason_and_nulls(
    photos: DataFrame, classify: Callable[[Column | str], Column]
) -> None:
    bad = photos.where("name is null").orderBy(F.col("uri").isNull())
    of_bytes, of_uri, null = [
        row[0]
        for kind, rows in (("content", 1), ("uri", 2))
        for row in bad.select(classify(kind)).take(rows)
    ]
    assert of_bytes["error"].startswith("not an image: 8 bytes")
    assert of_uri["error"].startswith("no photo: ")
    assert null["error"] == "empty: the photo has no bytes"
    for row in (of_bytes, of_uri, null):
        assert row["predicted_label"] is row["probability"] is row["probabilities"] is None


def test_sql_calls_the_network_once_for_all_fields_of_a_call(
    spark: SparkSession, photos: DataFrame, classify: Callable[[Column | str], Column]
) -> None:
    photos.createOrReplaceTempView("served")
    fields = "classify(content).predicted_label AS label, classify(content).probability AS p"
    plan = spark.sql(f"SELECT label, avg(p) FROM (SELECT {fields} FROM served) GROUP BY label")
    assert runs_of_the_network(plan) == 1


def test_a_run_gives_the_function_and_a_filter_does_not_call_it_again(
    spark: SparkSession, photos: DataFrame, drawn_run: DrawnRun, model: PipelineModel
) -> None:
    run = sparkles.load_run(str(drawn_run.folder), spark)
    classify = run.udf()
    named = photos.where("name is not null").select("uri", classify("content").alias("found"))
    cars = named.where("found.predicted_label = 'Car'").select("uri", "found.probability")
    assert runs_of_the_network(cars) == 1
    given = photos.where("name is not null").select("uri", F.col("content").alias("image"))
    expected = model.transform(given).where("predicted_label = 'Car'").select("uri").collect()
    assert {row["uri"] for row in cars.collect()} == {row["uri"] for row in expected}


def runs_of_the_network(plan: DataFrame) -> int:
    text = plan._jdf.queryExecution().executedPlan().toString()  # type: ignore[operator]
    return len(re.findall("ArrowEvalPython", text))


def test_there_is_no_model(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no saved model at"):
        sparkles.register_udf(spark, "classify_nothing", str(tmp_path))


class Colours:
    """An engine whose features are the mean colours of a photo."""

    precision = Precision.F32
    batches: ClassVar[list[int]] = []

    def __init__(self, *_: object) -> None:
        Colours.batches = []

    def start(self, pixels: np.ndarray) -> Colours.Pending:
        Colours.batches.append(len(pixels))
        return self.Pending(pixels.mean(axis=(1, 2)).astype(np.float32))

    class Pending:
        def __init__(self, means: np.ndarray) -> None:
            self.means = means

        def result(self) -> np.ndarray:
            return self.means

        def cancel(self) -> None:
            raise AssertionError("nothing is cancelled")


def test_rows_stay_in_order_among_bad_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setattr(featurize_module, "_engines", type(featurize_module._engines)())
    monkeypatch.setattr(featurize_module, "load_engine", Colours)
    red, green, blue = (
        encode(Image.new("RGB", (8, 8), name), "PNG") for name in ("red", "lime", "blue")
    )
    task = FeaturizeTask(
        engine="openvino", network="net", height=8, width=8, kind=PhotoKind.ANY, batch_size=4,
        fail_fast=False,
    )  # fmt: skip
    classifier = LinearClassifier.of_coefficients(np.eye(3), np.zeros(3))
    plan = classify_module._Plan(task, classifier, ("red", "green", "blue"))
    batches = [pd.Series([blue, b"?", red]), pd.Series([None] * 4), pd.Series([green, blue])]
    tables = list(classify_module._classify_batches(iter(batches), plan, str))
    rows = pd.concat(tables)
    assert [len(table) for table in tables] == [4, 4, 1]
    named = ["blue", None, "red", None, None, None, None, "green", "blue"]
    assert rows["predicted_label"].tolist() == named
    assert [error is None for error in rows["error"]] == [name is not None for name in named]
    assert Colours.batches == [2, 1, 1]
