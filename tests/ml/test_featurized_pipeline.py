"""FeaturizedPipeline: the network runs once, and the model is that of Spark's Pipeline."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyspark import Accumulator
from pyspark.ml import Pipeline, PipelineModel, Transformer
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import SQLTransformer, StringIndexer, VectorAssembler
from pyspark.ml.tuning import CrossValidator, CrossValidatorModel, ParamGridBuilder
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import sparkles
from sparkles.errors import SettingsError
from sparkles.ml import DeepImageFeaturizer, FeaturizedPipeline
from sparkles.ml import featurizer as featurizer_module
from sparkles.ml.featurize_udf import featurize_udf
from tests.photos import encode

PHOTOS = 12


@pytest.fixture(scope="module")
def photos(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """Photos of two classes as bytes, with some noise.

    In one partition, because Spark adds what several give in the order in which they end: fitted
    twice, a pipeline is then not the same to the bit.
    """
    folder = tmp_path_factory.mktemp("photos")
    noise = np.random.default_rng(0)
    for number in range(PHOTOS):
        shade = (200, 30, 30) if number % 2 else (30, 30, 200)
        pixels = np.clip(np.array(shade) + noise.normal(0, 40, (32, 32, 3)), 0, 255)
        name = f"{number:02}-{'red' if number % 2 else 'blue'}.png"
        (folder / name).write_bytes(encode(Image.fromarray(pixels.astype(np.uint8)), "PNG"))
    read = spark.read.format("binaryFile").load(str(folder))
    kind = F.regexp_extract("path", r"-(\w+)\.png", 1).alias("class")
    return read.select("path", "content", kind).coalesce(1)


@pytest.fixture
def done(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Accumulator[int]:
    """Count the photos that go through a network."""
    counter = spark.sparkContext.accumulator(0)
    counted = partial(featurize_udf, counter=counter)
    monkeypatch.setattr(featurizer_module, "featurize_udf", counted)
    return counter


def featurizer(**options: object) -> DeepImageFeaturizer:
    given = {"inputCol": "content", "outputCol": "features", "modelName": "SparklesDemo"}
    return DeepImageFeaturizer(**{**given, **options})


def stages(*last: object) -> list[object]:
    return [StringIndexer(inputCol="class", outputCol="label"), featurizer(), *last]


def regression() -> LogisticRegression:
    return LogisticRegression(maxIter=5, regParam=0.05, elasticNetParam=0.3)


def classifier(model: PipelineModel) -> LogisticRegressionModel:
    last = model.stages[-1]
    found = last.bestModel if isinstance(last, CrossValidatorModel) else last
    assert isinstance(found, LogisticRegressionModel)
    return found


def cached(spark: SparkSession) -> set[int]:
    """Return the ids of what the session holds in memory."""
    return set(spark.sparkContext._jsc.getPersistentRDDs())


def test_the_model_is_that_of_a_pipeline_and_each_photo_is_featurized_once(
    spark: SparkSession, photos: DataFrame, done: Accumulator[int]
) -> None:
    kept = cached(spark)
    usual = Pipeline(stages=stages(regression())).fit(photos)
    passes = done.value / PHOTOS
    assert passes > 1, "Pipeline has become as good: FeaturizedPipeline is not needed"
    done.value = 0
    once = FeaturizedPipeline(stages=stages(regression())).fit(photos)
    assert done.value == PHOTOS
    assert type(once) is PipelineModel
    assert [type(stage) for stage in once.stages] == [type(stage) for stage in usual.stages]
    assert classifier(once).coefficientMatrix == classifier(usual).coefficientMatrix
    assert classifier(once).interceptVector == classifier(usual).interceptVector
    assert once.transform(photos).columns == usual.transform(photos).columns
    assert cached(spark) == kept


def test_a_cross_validator_inside_featurizes_each_photo_once(
    photos: DataFrame, done: Accumulator[int]
) -> None:
    estimator = regression()
    grid = ParamGridBuilder().addGrid(estimator.regParam, [0.05, 5.0]).build()
    evaluator = MulticlassClassificationEvaluator(metricName="logLoss")
    validator = CrossValidator(
        estimator=estimator, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2,
        seed=1, parallelism=2,
    )  # fmt: skip
    model = FeaturizedPipeline(stages=stages(validator)).fit(photos)
    assert done.value == PHOTOS
    assert isinstance(model.stages[-1], CrossValidatorModel)
    assert classifier(model).getRegParam() == 0.05
    predicted = model.transform(photos).where("prediction = label")
    assert predicted.count() == PHOTOS


class Seen(Transformer):
    """Remember the columns that arrive, as a stage that the pipeline does not know."""

    columns: tuple[str, ...] = ()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self.columns = tuple(dataset.columns)
        return dataset


def test_photos_are_stored_only_for_stages_that_name_them(
    spark: SparkSession, photos: DataFrame, done: Accumulator[int]
) -> None:
    few, seen = photos.where("path rlike '0[0-3]-'"), Seen()
    other = featurizer(outputCol="more", pooling="max")
    both = VectorAssembler(inputCols=["features", "more"], outputCol="both")
    first = LogisticRegression(featuresCol="both", maxIter=1)
    last = first.copy().setPredictionCol("p").setProbabilityCol("q").setRawPredictionCol("r")
    index = StringIndexer(inputCol="class", outputCol="label")
    model = FeaturizedPipeline(stages=[featurizer(), index, other, both, first, seen, last]).fit(
        few
    )
    assert done.value == 2 * 4  # once through each of the two networks
    assert len(model.stages) == 7
    assert {"path", "class", "features", "both"} <= set(seen.columns)
    assert "content" not in seen.columns
    size = SQLTransformer(statement="SELECT *, length(content) AS size FROM __THIS__")
    fitted = FeaturizedPipeline(stages=[featurizer(), index, size, index.copy()])
    fitted.getStages()[-1].setOutputCol("again")
    assert len(fitted.fit(few).stages) == 4


def test_a_copy_with_a_param_map_has_copies_of_the_stages(spark: SparkSession) -> None:
    estimator = regression()
    pipeline = FeaturizedPipeline(stages=stages(estimator))
    copied = pipeline.copy({estimator.maxIter: 1})
    assert type(copied) is FeaturizedPipeline
    assert [stage.getMaxIter() for stage in (copied.getStages()[-1], estimator)] == [1, 5]


def test_a_pipeline_is_saved_and_loaded(spark: SparkSession, tmp_path: Path) -> None:
    pipeline = FeaturizedPipeline(stages=stages(regression()))
    pipeline.write().save(str(tmp_path / "pipeline"))
    loaded = FeaturizedPipeline.load(str(tmp_path / "pipeline"))
    assert type(loaded) is FeaturizedPipeline
    assert loaded.uid == pipeline.uid
    assert [stage.uid for stage in loaded.getStages()] == [
        stage.uid for stage in pipeline.getStages()
    ]
    assert loaded.getStages()[1].getModelName() == "SparklesDemo"


def test_stages_that_cannot_work_are_refused(spark: SparkSession) -> None:
    refused: dict[str, list[object]] = {
        "got no stages": [],
        r"got LogisticRegression; .* pyspark\.ml\.Pipeline": [regression()],
        r"expected stages of pyspark\.ml .*, got str": [featurizer(), "regression"],
    }
    for message, given in refused.items():
        with pytest.raises(SettingsError, match=message):
            FeaturizedPipeline(stages=given).fit(spark.sql("SELECT 1 AS label"))


def test_the_package_exports_it() -> None:
    assert sparkles.FeaturizedPipeline is FeaturizedPipeline
