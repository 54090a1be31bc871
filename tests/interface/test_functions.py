"""The functions of the package, against the commands that they call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

import sparkles
from sparkles import commands
from sparkles.commands.train import Trained
from sparkles.demo.dataset import DemoDataset
from sparkles.errors import ModelError, SettingsError, UnknownModelError, UserError
from sparkles.interface import inputs
from sparkles.settings import TrainSettings
from sparkles.sources import photos_from_dataframe
from tests.drawn_run import DrawnRun


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that default outputs lie there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if anything starts Spark or runs a command."""

    def start(*_: object, **__: object) -> None:
        raise AssertionError("Spark was started")

    for place in ("interface.inputs", "workflow.run"):
        monkeypatch.setattr(f"sparkles.{place}.open_session", start)
    monkeypatch.setattr("sparkles.spark.session.build_session", start)


WRONG: list[tuple[dict[str, Any], type[UserError], str]] = [
    ({"modle": "MobileNetV2"}, SettingsError, "no setting 'modle'. Did you mean model?"),
    ({"model": "InceptonV3"}, UnknownModelError, "Did you mean InceptionV3"),
    ({"weights": "imagnet"}, ModelError, "Did you mean imagenet"),
    (
        {"engine": "opnvino"},
        SettingsError,
        "engine: expected auto or openvino or keras",
    ),
    ({"engine": "keras", "precision": "int8"}, SettingsError, "needs the openvino engine"),
    (
        {"model": "SparklesDemo", "output_layer": "block_1_dw"},
        ModelError,
        "outputLayer 'block_1_dw' is not a layer of",
    ),
    ({"test_fraction": 1.0}, SettingsError, "add up to less than 1"),
    ({"images": 7}, SettingsError, "images: expected a path, a list of paths, or a DataFrame"),
    ({"labels": ["a.csv"]}, SettingsError, "labels: expected a path, or a DataFrame"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG)
@pytest.mark.usefixtures("no_spark", "in_folder")
def test_wrong_names_are_refused_before_spark_starts(
    wrong: dict[str, Any], error: type[UserError], message: str
) -> None:
    table = pd.DataFrame({"image_id": ["a"], "path": ["a.jpg"]})
    with pytest.raises(error, match=message):
        sparkles.train(**{"images": table, "labels": "labels.csv", "classes": "Car,Tree", **wrong})


@pytest.mark.usefixtures("in_folder")
def test_train_gives_its_settings_to_the_command_and_returns_the_run(
    spark: SparkSession, drawn_run: DrawnRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainSettings] = []

    def train(settings: TrainSettings, spark: SparkSession) -> Trained:
        asked.append(settings)
        return drawn_run.trained

    monkeypatch.setattr(commands, "train", train)
    run = sparkles.train(
        Path("photos"), "labels.csv", ["Car, large", "Tree"], max_iter=5, pooling="max"
    )
    (settings,) = asked
    assert re.fullmatch(r"runs/train-\d{8}-\d{6}", settings.output)
    assert (settings.images, settings.labels) == ("photos", "labels.csv")
    assert settings.classes == ("Car, large", "Tree")
    assert (settings.max_iter, settings.pooling) == (5, "max")
    assert settings.reg_param == TrainSettings.__dataclass_fields__["reg_param"].default
    assert run.folder == str(drawn_run.folder)
    assert run.metrics == drawn_run.trained.metrics


def test_outputs_do_not_collide(in_folder: Path) -> None:
    names = set()
    for _ in range(3):
        name = inputs._new_output(TrainSettings)
        Path(name).mkdir(parents=True)
        names.add(name)
    assert len(names) == 3


@pytest.mark.usefixtures("in_folder")
def test_photos_of_pandas_are_predicted_like_files(
    spark: SparkSession, drawn_run: DrawnRun
) -> None:
    run = sparkles.load_run(str(drawn_run.folder), spark)
    expected = run.predictions().orderBy("image_id").limit(3).toPandas()
    paths = [Path(uri.removeprefix("file:")) for uri in expected["uri"]]
    photos = pd.DataFrame(
        {
            "image_id": [*expected["image_id"], "nothing"],
            "content": [*(path.read_bytes() for path in paths), b"?"],
        }
    )
    found = sparkles.predict(run, photos, quiet=True).toPandas().set_index("image_id")
    assert found.columns.tolist() == [
        "uri", "predicted_label", "probability", "probabilities", "error",
    ]  # fmt: skip
    for _, row in expected.iterrows():
        assert found["predicted_label"][row["image_id"]] == row["predicted_label"]
        assert found["probability"][row["image_id"]] == pytest.approx(row["probability"], abs=1e-6)
    assert found["error"]["nothing"].startswith("not an image")


def table_of(spark: SparkSession, photos: Any) -> DataFrame:
    found = photos_from_dataframe(inputs._photo_table(spark, photos)).table
    assert found is not None
    return found.orderBy("uri")


def test_photo_tables_of_every_shape(spark: SparkSession, in_folder: Path) -> None:
    here = str(in_folder)
    shapes: list[Any] = [
        ["b/x.jpg", Path("y.jpg")],
        pd.DataFrame({"path": ["b/x.jpg", "y.jpg"]}),
        pd.DataFrame({"uri": [f"{here}/b/x.jpg", f"{here}/y.jpg"], "other": 1}),
        pd.DataFrame({"image_id": ["x", "y"], "path": [Path("b/x.jpg"), "y.jpg"]}),
    ]
    for shape in shapes:
        rows = table_of(spark, shape).collect()
        assert [(row["image_id"], row["uri"]) for row in rows] == [
            ("x", f"{here}/b/x.jpg"), ("y", f"{here}/y.jpg"),
        ]  # fmt: skip
    remote = pd.DataFrame({"uri": ["s3://bucket/x.jpg", None]})
    assert inputs._photo_table(spark, remote).first()["uri"] == "s3://bucket/x.jpg"
    same = sorted(row["image_id"] for row in table_of(spark, ["b/x.jpg", "c/x.jpg"]).collect())
    assert same == ["b/x.jpg", "c/x.jpg"]
    of_spark = spark.sql("SELECT 'x.jpg' AS path, X'00' AS content")
    assert inputs._photo_table(spark, of_spark) is of_spark


def test_a_model_may_be_a_run_or_its_folder(drawn_run: DrawnRun, spark: SparkSession) -> None:
    from sparkles.settings import PredictSettings

    folder = str(drawn_run.folder)
    places = [sparkles.load_run(folder, spark), drawn_run.folder, folder, f"{folder}/model"]
    for model in places:
        given = inputs.read_inputs(PredictSettings, None, {}, model=model, images="photos")
        assert given.settings.model == f"{folder}/model"
    with pytest.raises(SettingsError, match=r"model: expected a path, or a run .* got int"):
        sparkles.predict(3, "photos")  # type: ignore[arg-type]


def labels_of(drawn: DemoDataset) -> pd.DataFrame:
    """Return the verified cars and trees in two columns, as people write such tables."""
    rows = pd.read_csv(drawn.labels)
    rows["class"] = rows["LabelName"].map({"/m/0k4j": "Car", "/m/07j7r": "Tree"})
    rows["file"] = rows["ImageID"]
    shown = rows[(rows["Confidence"] == 1) & rows["class"].notna()]
    return shown[["file", "class"]].drop_duplicates()


def test_outputs_are_short_texts_and_tables_in_notebooks(
    drawn_run: DrawnRun, spark: SparkSession, in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = drawn_run.dataset
    labels = {"labels": drawn.labels, "class_names": drawn.class_names, "quiet": True}
    shown = labels_of(drawn)
    dataset = sparkles.prepare(drawn.images, shown, quiet=True)
    once = shown.drop_duplicates("file", keep=False).set_index("file")["class"].to_dict()
    rows = dataset.table().toPandas()
    assert len(rows) == sum(sum(part.values()) for part in dataset.ledger["splits"].values())
    assert len(rows) > 50
    for row in rows.itertuples():
        assert row.label == once[row.image_id]
        assert row.uri.endswith(f"/{row.image_id}.jpg")
    assert re.fullmatch(
        r"SavedDataset\(runs/prepare-\S+: \d+ train, \d+ test rows\)", repr(dataset)
    )
    assert f"<td>Car</td><td>{dataset.ledger['splits']['train']['Car']}</td>" in (
        dataset._repr_html_()
    )

    explored = sparkles.explore(**labels)
    assert repr(explored) == f"SavedExploration({explored.folder}: 230 label rows of 18 classes)"
    first = explored.facts["classes"][0]
    assert f"<td>{first['name']}</td><td>{first['positive']}</td>" in explored._repr_html_()
    explored.show()
    assert capsys.readouterr().out.endswith(f"page: {explored.folder}/explore.html\n")

    photos = sorted(drawn.images.glob("*.jpg"))[:2]
    why = sparkles.explain(drawn_run.folder, photos, quiet=True)
    assert repr(why) == f"SavedExplanations({why.folder}: 2 photos)"
    assert why.table().count() == 2
    shown = why._repr_html_()
    assert shown.count("data:image/jpeg;base64,") == 2
    assert all(f"{path.stem}: " in shown for path in photos)
