"""explain_photos in Spark: maps sum to the model's logits, and every bad photo has its reason."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from sparkles.errors import ModelError, SettingsError
from sparkles.explanation import explain_photos, has_maps, photo_maps
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.featurize_job import prepare_job
from sparkles.models import NetworkSettings, Pooling
from sparkles.models.network import build_network
from tests.photos import encode, picture, pixels

PHOTOS = 30
COLUMNS = {
    "image_id": "string", "uri": "string", "explained": "int", "prediction": "int",
    "probability": "array<double>", "logit": "double", "intercept": "double",
    "map": "array<float>", "map_height": "int", "map_width": "int", "method": "string",
    "precision": "string", "photo": "binary", "overlay": "binary", "error": "string",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A network, and the number of classes of the classifier on its features."""

    options: dict[str, str | None]
    classes: int = 2
    method: str = "exact"


SMALL = {"modelName": "MobileNetV2-0.35@64", "weights": "random"}
CASES = {
    "binomial": Case({}),
    "multinomial": Case({}, classes=3),
    "max": Case({"pooling": "max"}, classes=3, method="approximate"),
    "flattened": Case({"pooling": None}, classes=3),
    "int8": Case({"precision": "int8"}),
    "keras": Case({"engine": "keras", "precision": "auto"}),
    "cut": Case(SMALL | {"outputLayer": "block_6_expand"}),
    "legacy-pooled": Case({"modelName": "ResNet50@64", "weights": "random", "pooling": None}),
}


def featurizer(**options: str | None) -> DeepImageFeaturizer:
    given = {"inputCol": "image", "outputCol": "features", "modelName": "SparklesDemo"}
    return DeepImageFeaturizer(**{**given, "precision": "f32", **options})


@pytest.fixture(scope="module")
def photos(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """Photos of 96 x 96 pixels, which SparklesDemo does not resize."""
    folder = tmp_path_factory.mktemp("explained")
    rows = []
    for seed in range(PHOTOS):
        path = folder / f"{seed:02}.png"
        path.write_bytes(encode(picture(96, 96, seed), "PNG"))
        rows.append((path.stem, str(path)))
    return spark.createDataFrame(rows, ["image_id", "uri"]).coalesce(2)


def fit(features: DataFrame, classes: int) -> LogisticRegressionModel:
    label = (F.col("image_id").cast("int") % classes).cast("double")
    regression = LogisticRegression(maxIter=5, regParam=0.01)
    return regression.fit(features.withColumn("label", label))


def rows_of(frame: DataFrame) -> dict[str, Row]:
    rows = {row.image_id: row for row in frame.collect()}
    assert len(rows) == PHOTOS
    return rows


@pytest.mark.parametrize("name", CASES)
def test_maps_sum_to_the_logits_of_the_model(photos: DataFrame, name: str) -> None:
    case = CASES[name]
    stage = featurizer(**case.options)
    named = photos.withColumn("image", F.col("uri"))
    stage = stage.calibrate(named)
    features = stage.transform(named).cache()
    classifier = fit(features, case.classes)
    predicted = rows_of(classifier.transform(features))
    assert has_maps(stage)
    explained = explain_photos(photos, stage, classifier, PHOTOS)
    assert dict(explained.dtypes) == COLUMNS
    binomial = classifier.coefficientMatrix.numRows == 1
    for image_id, row in rows_of(explained).items():
        raw = predicted[image_id].rawPrediction.toArray()
        scale = max(1.0, np.abs(raw).max())
        assert row.error is None
        assert row.method == case.method
        assert row.precision == case.options.get("precision", "f32").replace("auto", "f32")
        assert row.explained == row.prediction == predicted[image_id].prediction
        np.testing.assert_allclose(row.probability, predicted[image_id].probability, atol=1e-5)
        assert row.logit == pytest.approx(raw[row.explained], abs=1e-4 * scale)
        sign = -1 if binomial and row.explained == 0 else 1
        intercepts = classifier.interceptVector.toArray()
        assert row.intercept == sign * intercepts[0 if binomial else row.explained]
        assert len(row.map) == row.map_height * row.map_width
        assert sum(row.map) + row.intercept == pytest.approx(raw[row.explained], abs=1e-4 * scale)
    features.unpersist()


def test_maps_agree_with_einsum_on_the_feature_map_of_keras(photos: DataFrame) -> None:
    stage = featurizer()
    classifier = fit(stage.transform(photos.withColumn("image", F.col("uri"))), 3)
    network = build_network(NetworkSettings("SparklesDemo", pooling=None))
    batch = np.stack([pixels(96, 96, seed) for seed in range(PHOTOS)])
    keras_maps = network(batch, training=False).numpy().reshape(PHOTOS, 6, 6, 192)
    weights = classifier.coefficientMatrix.toArray()
    expected = np.einsum("nyxc,kc->nkyx", keras_maps.astype(np.float64), weights) / 36
    scale = np.abs(expected).max()
    asked = photos.withColumn("explained", F.array(F.lit(0), F.lit(1), F.lit(2)))
    rows = explain_photos(asked, stage, classifier, PHOTOS).collect()
    assert len({(row.image_id, row.explained) for row in rows}) == len(rows) == 3 * PHOTOS
    for row in rows:
        found = np.reshape(row.map, (row.map_height, row.map_width))
        np.testing.assert_allclose(
            found, expected[int(row.image_id), row.explained], atol=1e-4 * scale
        )


@pytest.fixture(scope="module")
def model(photos: DataFrame) -> tuple[DeepImageFeaturizer, LogisticRegressionModel]:
    stage = featurizer()
    return stage, fit(stage.transform(photos.withColumn("image", F.col("uri"))), 2)


def test_the_requested_class_is_explained(
    photos: DataFrame, model: tuple[DeepImageFeaturizer, LogisticRegressionModel]
) -> None:
    number = F.col("image_id").cast("int")
    asked = photos.withColumn("explained", F.when(number >= 4, number % 2))
    rows = rows_of(explain_photos(asked, *model, PHOTOS))
    predicted = rows_of(explain_photos(photos, *model, PHOTOS))
    assert {row.prediction for row in rows.values()} == {0, 1}
    for image_id, row in rows.items():
        expected = row.prediction if int(image_id) < 4 else int(image_id) % 2
        assert row.explained == expected
        sign = 1 if expected == row.prediction else -1  # for one, against the other
        np.testing.assert_allclose(row.map, sign * np.array(predicted[image_id].map), rtol=1e-5)


def test_bad_photos_are_rows_with_their_reason(
    spark: SparkSession,
    tmp_path: Path,
    model: tuple[DeepImageFeaturizer, LogisticRegressionModel],
) -> None:
    (tmp_path / "good.jpg").write_bytes(encode(picture(60, 130, 1)))
    (tmp_path / "text.jpg").write_bytes(b"<html>404</html>")
    (tmp_path / "half.jpg").write_bytes(encode(picture(90, 90, 2))[:900])
    names = ["good", "text", "half", "absent"]
    rows = [(name, str(tmp_path / f"{name}.jpg")) for name in names] + [("null", None)]
    photos = spark.createDataFrame(rows, "image_id string, uri string")
    counter = spark.sparkContext.accumulator(0)
    found = {
        row.image_id: row.asDict()
        for row in explain_photos(photos, *model, 5, side=100, counter=counter).collect()
    }
    reasons = {name: (found[name]["error"] or "").partition(":")[0] for name in found}
    assert reasons == {
        "good": "", "text": "not an image", "half": "truncated", "absent": "no photo",
        "null": "no photo",
    }  # fmt: skip
    for name in reasons:
        rest = {key: value for key, value in found[name].items() if key not in ("image_id", "uri")}
        given = {key for key, value in rest.items() if value is not None}
        assert given == (set(rest) - {"error"} if name == "good" else {"error"})
        assert found[name]["uri"] == dict(rows)[name]
    for name in ("photo", "overlay"):
        assert Image.open(io.BytesIO(found["good"][name])).size == (100, 46)
    assert counter.value == 5


def test_bytes_and_structs_are_explained_like_uris(
    spark: SparkSession,
    photos: DataFrame,
    model: tuple[DeepImageFeaturizer, LogisticRegressionModel],
) -> None:
    expected = rows_of(explain_photos(photos, *model, PHOTOS))
    folder = str(Path(expected["00"].uri).parent)
    content = spark.read.format("binaryFile").load(folder).select("path", "content")
    images = spark.read.format("image").load(folder).select("image.origin", "image")
    for frame, photo in ((content, "content"), (images, "image")):
        name = F.regexp_extract(F.col(frame.columns[0]), r"(\d+)\.png$", 1)
        given = frame.select(
            name.alias("image_id"),
            F.col(frame.columns[0]).alias("uri"),
            F.col(photo).alias("image"),
        )
        for image_id, row in rows_of(explain_photos(given, *model, PHOTOS)).items():
            np.testing.assert_allclose(row.map, expected[image_id].map, atol=1e-6)
            assert bytes(row.overlay) == bytes(expected[image_id].overlay)
    missing = spark.createDataFrame(
        [("a", "u", None)],
        f"image_id string, uri string, image {images.schema['image'].dataType.simpleString()}",
    )
    (row,) = explain_photos(missing, *model, 1).collect()
    assert row.error == "empty: the image struct is null"


def test_a_network_without_a_feature_map_is_refused_before_any_job(
    photos: DataFrame, model: tuple[DeepImageFeaturizer, LogisticRegressionModel]
) -> None:
    stage = featurizer(
        modelName="EfficientNetB0@32", weights="random", outputLayer="block1a_se_squeeze",
        engine="keras", precision="auto",
    )  # fmt: skip
    assert not has_maps(stage)
    with pytest.raises(ModelError, match="pools no feature map"):
        explain_photos(photos, stage, model[1], PHOTOS)


def test_a_classifier_of_other_features_is_refused(
    photos: DataFrame, model: tuple[DeepImageFeaturizer, LogisticRegressionModel]
) -> None:
    stage = featurizer(pooling=str(Pooling.MAX), outputLayer="block5_add")
    with pytest.raises(ModelError, match="has weights for 192 features, but the network gives 112"):
        explain_photos(photos, stage, model[1], PHOTOS)


def test_a_photo_that_is_deleted_between_two_reads_is_a_row_with_its_reason(
    photos: DataFrame, model: tuple[DeepImageFeaturizer, LogisticRegressionModel]
) -> None:
    """It is fetched first for the network and then for the picture."""
    stage, classifier = model
    path = photos.first().uri
    mapping = stage.featureMaps().setInputCol("uri")
    task = prepare_job(mapping, mapping.network(), photos)
    maps = photo_maps.maps_of(stage.networkBeforePooling(), classifier)
    plan = photo_maps._Plan(task, maps, side=64)
    content = Path(path).read_bytes()
    result = {"features": np.ones(6 * 6 * 192, np.float32), "error": None, "precision": "f32"}
    try:
        Path(path).unlink()
        (row,) = photo_maps._explain_photo(path, result, None, plan)
    finally:
        Path(path).write_bytes(content)
    assert row == {"error": f"no photo: nothing at {path}"}
    for index in (-1, 2):
        with pytest.raises(SettingsError, match="the classes are 0 to 1"):
            photo_maps._explain_photo(path, result, [index], plan)
