"""DeepImageFeaturizer in Spark: its inputs, outputs, bad photos and schemas."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

import sparkdl
import sparkles
from sparkles.errors import SchemaError, SettingsError, UnknownModelError, WeightsError
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml import featurizer as featurizer_module
from sparkles.ml.featurize_udf import featurize_udf
from sparkles.models import NetworkSettings
from sparkles.models.network import build_network
from tests.photos import encode, picture, pixels

SMALL = "MobileNetV2-0.35@32"
LENGTH = 1280


def featurizer(**options: object) -> DeepImageFeaturizer:
    given = {"inputCol": "uri", "outputCol": "features", "modelName": SMALL, "weights": "random"}
    given["precision"] = "f32"  # these tests compare with Keras; auto may be bf16
    return DeepImageFeaturizer(**{**given, **options})


def keras_features(*photos: np.ndarray, pooling: str | None = "avg") -> np.ndarray:
    """Compute features with Keras on the same pixels, without Spark, an engine or a file."""
    network = build_network(NetworkSettings(SMALL, weights="random", pooling=pooling))
    return np.asarray(network(np.stack(photos), training=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine lossless photos of the network's input size, so that decoders make no difference."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(9):
        (folder / f"{seed}.png").write_bytes(encode(picture(32, 32, seed), "PNG"))
    return folder


def uris(spark: SparkSession, folder: Path, *more: str) -> DataFrame:
    paths = [str(path) for path in sorted(folder.glob("*.png"))]
    return spark.createDataFrame([(path,) for path in [*paths, *more]], ["uri"])


def vectors(frame: DataFrame, column: str = "features") -> np.ndarray:
    return np.stack([row[column].toArray() for row in frame.select(column).collect()])


@pytest.mark.parametrize("batch_size", [1, 4, 16])
def test_uris_give_keras_features_in_order(
    spark: SparkSession, folder: Path, batch_size: int
) -> None:
    frame = uris(spark, folder).coalesce(1)
    result = featurizer(batchSize=batch_size).transform(frame)
    expected = keras_features(*[pixels(32, 32, seed) for seed in range(9)])
    assert expected.shape == (9, LENGTH)
    np.testing.assert_array_almost_equal(vectors(result), expected, decimal=4)


def test_bytes_uris_and_structs_give_the_same(spark: SparkSession, folder: Path) -> None:
    binary = spark.read.format("binaryFile").load(str(folder)).orderBy("path")
    images = spark.read.format("image").load(str(folder)).orderBy("image.origin")
    by_bytes = featurizer(inputCol="content").transform(binary)
    by_struct = featurizer(inputCol="image").transform(images)
    expected = keras_features(*[pixels(32, 32, seed) for seed in range(9)])
    np.testing.assert_array_almost_equal(vectors(by_bytes), expected, decimal=4)
    np.testing.assert_array_almost_equal(vectors(by_struct), expected, decimal=4)
    limit = spark.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert int(limit or 0) <= 16


def test_the_legacy_vector_is_the_flattened_map(spark: SparkSession, folder: Path) -> None:
    result = featurizer(pooling=None).transform(uris(spark, folder).limit(2))
    expected = keras_features(pixels(32, 32, 0), pixels(32, 32, 1), pooling=None)
    assert expected.shape == (2, LENGTH)  # 32 pixels leave a map of 1 x 1
    np.testing.assert_array_almost_equal(vectors(result), expected, decimal=4)


def test_photos_are_resized_as_pillow_resizes(spark: SparkSession, tmp_path: Path) -> None:
    original = picture(301, 200, 5)
    (tmp_path / "large.png").write_bytes(encode(original, "PNG"))
    result = featurizer().transform(uris(spark, tmp_path))
    resized = np.asarray(original.resize((32, 32), Image.Resampling.BILINEAR))
    np.testing.assert_array_almost_equal(vectors(result), keras_features(resized), decimal=4)


def varied_photos() -> dict[str, tuple[bytes | None, str | None]]:
    """Photos by name: their content, and the expected reason (None: features)."""
    jpeg = encode(picture(64, 80))
    bomb = encode(Image.new("1", (20_000, 20_000)), "PNG")
    turned = picture(64, 80)
    exif = turned.getexif()
    exif[0x0112] = 6
    deep = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16)
    return {
        "gray": (encode(picture(64, 64).convert("L")), None),
        "rgba": (encode(picture(64, 64).convert("RGBA"), "PNG"), None),
        "cmyk": (encode(picture(64, 64).convert("CMYK")), None),
        "16-bit": (encode(deep, "PNG"), None),
        "palette": (encode(picture(64, 64).convert("P"), "PNG"), None),
        "exif": (encode(turned, exif=exif), None),
        "png": (encode(picture(64, 64), "PNG"), None),
        "truncated": (jpeg[: len(jpeg) // 2], "truncated"),
        "empty": (b"", "empty"),
        "null": (None, "empty"),
        "text": (b"<html>404 Not Found</html>", "not an image"),
        "bomb": (bomb, "too large"),
    }


def test_every_photo_gives_features_or_a_reason(spark: SparkSession) -> None:
    photos = varied_photos()
    rows = [(name, content) for name, (content, _) in photos.items()]
    frame = spark.createDataFrame(rows, "name string, content binary")
    stage = featurizer(inputCol="content", handleInvalid="keep", errorCol="error")
    found = {row["name"]: row for row in stage.transform(frame).collect()}
    assert found.keys() == photos.keys()
    for name, (_, reason) in photos.items():
        if reason is None:
            assert found[name]["error"] is None, name
            assert found[name]["features"].size == LENGTH, name
        else:
            assert found[name]["features"] is None, name
            assert found[name]["error"].startswith(f"{reason}: "), name


def test_images_that_spark_could_not_decode_are_corrupt(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "good.png").write_bytes(encode(picture(32, 32), "PNG"))
    (tmp_path / "bad.png").write_bytes(b"no image")
    images = spark.read.format("image").load(str(tmp_path))
    stage = featurizer(inputCol="image", handleInvalid="keep", errorCol="error")
    rows = stage.transform(images).select("image.origin", "features", "error").collect()
    errors = {Path(row["origin"]).name: row["error"] for row in rows}
    assert errors["good.png"] is None
    assert errors["bad.png"].startswith("corrupt: mode -1")


def test_invalid_photos_are_kept_skipped_or_end_the_job(spark: SparkSession, folder: Path) -> None:
    frame = uris(spark, folder, str(folder / "absent.jpg"))
    kept = featurizer(handleInvalid="keep").transform(frame)
    assert kept.count() == 10
    assert kept.where("features is null").select("uri").first()[0].endswith("absent.jpg")
    assert kept.columns == ["uri", "features"]
    skipped = featurizer(handleInvalid="skip").transform(frame)
    assert sorted(row.uri for row in skipped.collect()) == [
        str(path) for path in sorted(folder.glob("*.png"))
    ]
    with pytest.raises(Exception, match=r"absent\.jpg: no photo: .*handleInvalid"):
        featurizer().transform(frame).collect()


def test_a_null_uri_gives_a_reason(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(None,)], "uri string")
    stage = featurizer(handleInvalid="keep", errorCol="error")
    assert stage.transform(frame).first()["error"] == "no photo: the URI is null or empty"


def test_other_columns_stay_and_each_photo_is_featurized_once(
    spark: SparkSession, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = spark.sparkContext.accumulator(0)
    frame = uris(spark, folder).withColumn("a.b", F.lit(1)).withColumn("label", F.lit("x"))
    stage = featurizer(handleInvalid="keep", errorCol="error")
    counted = partial(featurize_udf, counter=done)
    monkeypatch.setattr(featurizer_module, "featurize_udf", counted)
    result = stage.transform(frame)
    rows = result.where("error is null and features is not null").select("label", "`a.b`").collect()
    assert len(rows) == 9
    assert done.value == 9


@pytest.mark.parametrize(
    "options",
    [{}, {"errorCol": "why"}, {"handleInvalid": "skip"}, {"errorCol": "e", "precisionCol": "p"}],
)
@pytest.mark.parametrize("nullable", [True, False])
def test_transform_schema_equals_the_transformed_schema(
    spark: SparkSession, folder: Path, options: dict[str, str], nullable: bool
) -> None:
    schema = StructType(
        [StructField("uri", StringType(), nullable), StructField("n", IntegerType(), nullable)]
    )
    frame = spark.createDataFrame([(str(folder / "0.png"), 1)], schema)
    stage = featurizer(**options)
    given, stated = stage.transform(frame).schema, stage.transformSchema(schema)
    assert [(field.name, field.dataType, field.nullable) for field in given] == [
        (field.name, field.dataType, field.nullable) for field in stated
    ]


def test_the_vector_s_length_is_known_without_reading_a_photo(
    spark: SparkSession, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = spark.sparkContext.accumulator(0)
    counted = partial(featurize_udf, counter=done)
    monkeypatch.setattr(featurizer_module, "featurize_udf", counted)
    frame = featurizer().transform(uris(spark, folder))
    assembled = VectorAssembler(inputCols=["features"], outputCol="all").transform(frame)
    attributes = assembled.schema["all"].metadata["ml_attr"]
    assert attributes["num_attrs"] == LENGTH
    assert done.value == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"inputCol": "url"}, SchemaError, "there is no column 'url'. Did you mean uri"),
        ({"inputCol": "number"}, SchemaError, "type bigint; expected string"),
        ({"inputCol": "pair"}, SchemaError, "expected string .* or an image struct"),
        ({"outputCol": "number"}, SchemaError, "'number' exists already"),
        ({"errorCol": "number"}, SchemaError, "'number' exists already"),
        ({"weights": "nowhere.h5"}, WeightsError, "no such file"),
        ({"precisionCol": "number"}, SchemaError, "'number' exists already"),
        ({"outputCol": "NUMBER"}, SchemaError, "'NUMBER' exists already"),
        ({"errorCol": "features"}, SchemaError, "'features' exists already"),
        ({"errorCol": "x", "precisionCol": "X"}, SchemaError, "'X' exists already"),
    ],
)
def test_wrong_settings_fail_before_any_job(
    spark: SparkSession, options: dict[str, str], error: type[Exception], message: str
) -> None:
    frame = spark.sql("select 'a' as uri, 1L as number, named_struct('x', 1) as pair")
    with pytest.raises(error, match=message):
        featurizer(**options).transform(frame)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"modelName": "InceptonV3"}, UnknownModelError, "is not known. Did you mean InceptionV3"),
        ({"weights": "imagnet"}, WeightsError, "Did you mean imagenet"),
        ({"engine": "opnvino"}, SettingsError, "engine: .* Did you mean openvino"),
        ({"engine": "keras", "precision": "int8"}, SettingsError, "needs the openvino engine"),
        ({"engine": "keras", "precision": "bf16"}, SettingsError, "needs the openvino engine"),
        ({"outputlayer": "mixed8"}, TypeError, "outputlayer"),
    ],
)
def test_wrong_names_are_refused_when_the_stage_is_made(
    options: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        DeepImageFeaturizer(**{"modelName": SMALL, **options})


def test_a_stage_keeps_its_network_if_another_is_refused() -> None:
    stage = DeepImageFeaturizer(modelName=SMALL)
    with pytest.raises(UnknownModelError):
        stage.setModelName("MobilNet")
    assert stage.getModelName() == SMALL


def test_transform_needs_the_required_params(spark: SparkSession) -> None:
    frame = spark.sql("select 'a' as uri")
    with pytest.raises(SettingsError, match="modelName is not set"):
        DeepImageFeaturizer(inputCol="uri", outputCol="f").transform(frame)
    with pytest.raises(SettingsError, match="inputCol is not set"):
        DeepImageFeaturizer(outputCol="f", modelName=SMALL).transform(frame)


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "mean"},
        {"handleInvalid": "drop"},
        {"precision": "fp16"},
        {"engine": "tensorrt"},
        {"batchSize": 0},
        {"batchSize": 1.5},
        {"modelName": ""},
        {"modelName": 3},
    ],
)
def test_params_refuse_wrong_values(options: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError), match="expected"):
        DeepImageFeaturizer(**options)
    name, value = next(iter(options.items()))
    stage = DeepImageFeaturizer()
    with pytest.raises((ValueError, TypeError), match="expected"):
        getattr(stage, f"set{name[0].upper()}{name[1:]}")(value)


def test_sparkdl_and_sparkles_export_the_same_class() -> None:
    assert sparkdl.DeepImageFeaturizer is sparkles.DeepImageFeaturizer is DeepImageFeaturizer


@pytest.mark.slow  # another test tunes a pipeline, and test_stage_contract.py tests copies
def test_a_cross_validator_tunes_the_featurizer(spark: SparkSession, tmp_path: Path) -> None:
    for n in range(12):
        shade = Image.new("RGB", (32, 32), (200 + n, 30, 30) if n % 2 else (30, 30, 200 + n))
        (tmp_path / f"{n:02}.png").write_bytes(encode(shade, "PNG"))
    rows = [(str(tmp_path / f"{n:02}.png"), float(n % 2)) for n in range(12)]
    frame = spark.createDataFrame(rows, ["uri", "label"])
    regression = LogisticRegression(maxIter=3, regParam=0.05, elasticNetParam=0.3)
    stage = featurizer()
    grid = ParamGridBuilder().addGrid(stage.pooling, ["avg", "max"]).build()
    validator = CrossValidator(
        estimator=Pipeline(stages=[stage, regression]),
        estimatorParamMaps=grid,
        evaluator=MulticlassClassificationEvaluator(metricName="accuracy"),
        numFolds=2,
        seed=1,
    )
    best = validator.fit(frame)
    assert len(best.avgMetrics) == 2
    predictions = best.transform(frame).select("label", "prediction").collect()
    assert all(row.label == row.prediction for row in predictions)


def test_a_png_cut_off_in_memory_is_truncated(spark: SparkSession) -> None:
    content = encode(picture(64, 64), "PNG")
    assert Image.open(io.BytesIO(content)).size == (64, 64)
    frame = spark.createDataFrame([(bytearray(content[:-200]),)], "content binary")
    stage = featurizer(inputCol="content", handleInvalid="keep", errorCol="error")
    assert stage.transform(frame).first()["error"].startswith("truncated")
