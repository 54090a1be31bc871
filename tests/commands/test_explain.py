"""``sparkles explain``: the files it leaves, what they say, and what it refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StringIndexerModel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sparkles.cli import main
from sparkles.commands import explain
from sparkles.errors import (
    MissingDependencyError,
    ModelError,
    OutputExistsError,
    SettingsError,
    UnknownClassError,
)
from sparkles.explanation.file_name import file_name
from sparkles.ml import DeepImageFeaturizer
from sparkles.settings import ExplainSettings
from sparkles.training import assemble_model
from sparkles.workflow import before_start
from tests.commands.scenes import draw_with_mask
from tests.drawn_run import DrawnRun
from tests.photos import encode, picture

CLASSES = ["Car", "Tree"]


def settings_for(run: DrawnRun, output: Path, **more: object) -> ExplainSettings:
    given = {
        "model": str(run.folder / "model"),
        "images": str(run.dataset.images),
        "output": str(output),
        "quiet": True,
    }
    return ExplainSettings.create({**given, **more})


def facts_of(output: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((output / "run.json").read_text())
    return facts


@pytest.fixture(scope="module")
def output(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    output = tmp_path_factory.mktemp("explain") / "out"
    explain(settings_for(drawn_run, output, limit=0), spark)
    return output


def test_every_photo_has_a_map_or_a_reason(
    spark: SparkSession, drawn_run: DrawnRun, output: Path
) -> None:
    photos = {path.stem for path in drawn_run.dataset.images.iterdir()}
    rows = spark.read.parquet(str(output / "explanations")).collect()
    assert sorted(row.image_id for row in rows) == sorted(photos)
    bad = [row for row in rows if row.error is not None]
    assert [row.error.partition(":")[0] for row in bad] == ["truncated"]
    assert bad[0].overlay is None
    assert bad[0].map is None
    good = {row.overlay for row in rows if row.error is None}
    files = {path.relative_to(output).as_posix() for path in output.glob("overlays/**/*.*")}
    assert files == good == {f"overlays/{photo}.jpg" for photo in photos - {bad[0].image_id}}
    facts = facts_of(output)
    assert facts["command"] == "explain"
    assert facts["named"] == facts["chosen"] == len(photos)
    assert facts["chosen_by"] == "all"
    assert facts["explained"] == facts["overlays"] == len(good)
    assert facts["rejected"] == {"truncated": 1}
    assert facts["method"] == "exact"
    assert sum(facts["precisions"].values()) == len(good)
    assert not (output / "_work").exists()


def test_maps_add_up_to_what_the_run_predicted(
    spark: SparkSession, drawn_run: DrawnRun, output: Path
) -> None:
    """Against the probabilities that train wrote, by another way through the network."""
    said = {
        row.image_id: row
        for row in spark.read.parquet(str(drawn_run.folder / "predictions")).collect()
    }
    rows = spark.read.parquet(str(output / "explanations")).where("error is null").collect()
    known = [row for row in rows if row.image_id in said]
    assert len(known) == len(said) >= 50
    for row in known:
        expected = said[row.image_id]
        assert row.explained_label == row.predicted_label == expected.predicted_label
        odds = np.log(expected.probability / (1 - expected.probability))
        assert sum(row.map) + row.intercept == pytest.approx(odds, abs=1e-4 * max(1, abs(odds)))
        assert row.logit == pytest.approx(odds, abs=1e-4 * max(1, abs(odds)))
        assert row.probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def test_maps_point_at_what_was_drawn(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On new drawings, in which the box around the subject is known."""
    boxes = {}
    (tmp_path / "photos").mkdir()
    for seed in range(40):
        photo, mask = draw_with_mask(CLASSES[seed % 2], seed, monkeypatch)
        photo.save(tmp_path / "photos" / f"{seed:02}.png")
        rows, columns = np.nonzero(mask)
        boxes[f"{seed:02}"] = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    given = {"images": str(tmp_path / "photos"), "classes": ",".join(CLASSES)}
    explain(settings_for(drawn_run, tmp_path / "out", **given), spark)
    found = spark.read.parquet(str(tmp_path / "out" / "explanations")).collect()
    masses, areas = [], []
    for row in found:
        if row.explained_label != CLASSES[int(row.image_id) % 2]:
            continue
        heat = np.reshape(row.map, (row.map_height, row.map_width)).astype(np.float32)
        picture = Image.fromarray(heat, mode="F").resize((96, 96), Image.Resampling.BILINEAR)
        positive = np.asarray(picture).clip(min=0)
        inside = np.zeros((96, 96), bool)
        inside[boxes[row.image_id]] = True
        masses.append(positive[inside].sum() / positive.sum())
        areas.append(inside.mean())
    assert len(masses) == 40
    assert np.mean(masses) > np.mean(areas) + 0.1
    assert np.mean(np.array(masses) > np.array(areas)) >= 0.75


def test_overlays_have_the_photo_s_own_shape(drawn_run: DrawnRun, output: Path) -> None:
    for path in sorted(output.glob("overlays/*.jpg"))[:12]:
        overlay = Image.open(path)
        photo = Image.open(drawn_run.dataset.images / path.name)
        assert max(overlay.size) == 448
        assert overlay.width / overlay.height == pytest.approx(photo.width / photo.height, rel=0.01)


def test_classes_asked_for_and_a_limit(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        options = {"classes": "Tree,Car", "limit": 5, "side": 100, "quiet": name == "two"}
        explain(settings_for(drawn_run, tmp_path / name, **options), spark)
    images = {path.name for path in (tmp_path / "one" / "overlays" / "tree").iterdir()}
    assert len(images) == 5
    for folder in ("one/overlays/car", "two/overlays/car", "two/overlays/tree"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == images
    facts = facts_of(tmp_path / "one")
    assert (facts["chosen"], facts["overlays"]) == (5, 10)
    assert facts["chosen_by"] == "the 5 whose ids have the smallest xxhash64"
    assert f"5 of {facts['named']} photos, chosen by a hash" in capsys.readouterr().err
    rows = spark.read.parquet(str(tmp_path / "one" / "explanations")).collect()
    for image in images:
        car, tree = sorted(
            (row for row in rows if f"{row.image_id}.jpg" == image),
            key=lambda row: row.explained_label,
        )
        assert [car.explained_label, tree.explained_label] == CLASSES
        np.testing.assert_allclose(car.map, -np.array(tree.map), rtol=1e-5)
        assert car.overlay == f"overlays/car/{image}"


def test_odd_ids_and_photos_as_bytes(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    names = ["a", "A", "../up", "été/1", "plain"]
    rows = [(name, bytearray(encode(picture(60, 90, seed)))) for seed, name in enumerate(names)]
    photos = spark.createDataFrame(rows, "image_id string, image binary")
    output = tmp_path / "out"
    explain(settings_for(drawn_run, output, images="unused", limit=4), spark, photos)
    written = {path.relative_to(output).as_posix() for path in output.glob("overlays/**/*.*")}
    found = spark.read.parquet(str(output / "explanations")).collect()
    assert len(found) == 4
    assert written == {f"overlays/{file_name(row.image_id)}.jpg" for row in found}
    assert {row.overlay for row in found} == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        (
            {"classes": "Care"},
            UnknownClassError,
            "'Care' is not a class of this model. Did you",
        ),
        ({"side": 10}, SettingsError, "side: expected a whole number from 32 to 4,096, got 10"),
        ({"limit": -1}, SettingsError, "limit: expected a whole number from 0 to"),
        (
            {"second_opinion": "shap", "evaluations": 5},
            SettingsError,
            "evaluations: expected a whole number from 50 to 1,000,000, got 5",
        ),
        ({"model": "nowhere"}, ModelError, "there is no saved model at nowhere"),
    ],
)
def test_what_cannot_work_leaves_nothing(
    spark: SparkSession,
    drawn_run: DrawnRun,
    tmp_path: Path,
    changed: dict[str, object],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        explain(settings_for(drawn_run, tmp_path / "out", **changed), spark)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_exists_is_kept(
    spark: SparkSession, drawn_run: DrawnRun, output: Path
) -> None:
    before = (output / "run.json").read_bytes()
    with pytest.raises(OutputExistsError, match="or set overwrite"):
        explain(settings_for(drawn_run, output), spark)
    assert (output / "run.json").read_bytes() == before


def test_second_opinions(spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path) -> None:
    output = tmp_path / "out"
    more = {"limit": 6, "second_opinion": "shap", "second_opinion_photos": 2, "evaluations": 80}
    explain(settings_for(drawn_run, output, **more), spark)
    maps = spark.read.parquet(str(output / "explanations")).where("error is null").collect()
    by_id = {row.image_id: row for row in maps}
    rows = spark.read.parquet(str(output / "second-opinions" / "values")).collect()
    expected = {(image, label) for image in sorted(by_id)[:2] for label in CLASSES}
    assert {(row.image_id, row.explained_label) for row in rows} == expected
    for row in rows:
        assert sum(row["values"]) == pytest.approx(row.logit - row.blurred_logit, abs=1e-6)
        own = by_id[row.image_id]
        sign = 1 if own.explained_label == row.explained_label else -1
        # SHAP's logit comes from the driver's engine, the map's from a worker's.
        assert row.logit == pytest.approx(sign * own.logit, abs=1e-4 * max(1, abs(own.logit)))
        assert (row.agreement is None) == (sign == -1)
        folder = output / "second-opinions" / "overlays" / row.explained_label.lower()
        overlay = Image.open(io.BytesIO((folder / f"{row.image_id}.jpg").read_bytes()))
        assert max(overlay.size) == 448
    facts = facts_of(output)["second_opinion"]
    assert (facts["by"], facts["photos"], facts["rejected"]) == ("shap", 2, {})
    assert -1 <= facts["agreement"] <= 1


def test_shap_is_asked_for_before_spark_is_started(
    monkeypatch: pytest.MonkeyPatch, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    def missing() -> None:
        raise MissingDependencyError.of_extra("no SHAP", "explain")

    monkeypatch.setattr(before_start, "import_shap", missing)
    monkeypatch.setattr(before_start, "_lacks", lambda name: name == "shap")
    monkeypatch.setitem(explain.__globals__, "start_run", None)
    with pytest.raises(MissingDependencyError, match="no SHAP"):
        explain(settings_for(drawn_run, tmp_path / "out", second_opinion="shap"))


@pytest.fixture(scope="module")
def vector_model(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A model whose network gives vectors at its output layer: it has no map."""
    featurizer = DeepImageFeaturizer(
        inputCol="uri", outputCol="features", modelName="EfficientNetB0@32", weights="random",
        outputLayer="block1a_se_squeeze", engine="keras",
    )  # fmt: skip
    paths = sorted(str(path) for path in drawn_run.dataset.images.iterdir())[:8]
    rows = [(path, float(place % 2)) for place, path in enumerate(paths)]
    frame = spark.createDataFrame(rows, ["uri", "label_index"]).coalesce(1)
    features = featurizer.setHandleInvalid("skip").transform(frame)
    classifier = LogisticRegression(labelCol="label_index", maxIter=2).fit(features)
    indexer = StringIndexerModel.from_labels(CLASSES, "label", "label_index")
    folder = str(tmp_path_factory.mktemp("vectors") / "model")
    assemble_model(indexer, featurizer, classifier).save(folder)
    return folder


def test_a_network_without_a_map(
    spark: SparkSession,
    drawn_run: DrawnRun,
    vector_model: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is refused with the remedy, and the remedy works."""
    words = ["--model", vector_model, "--images", str(drawn_run.dataset.images), "--quiet"]
    words += ["--output", str(tmp_path / "out"), "--limit", "2"]
    assert main(["explain", *words]) == 2
    assert "explain by covering parts: second_opinion='shap'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    more = ["--second-opinion", "shap", "--second-opinion-photos", "1", "--evaluations", "50"]
    assert main(["explain", *words, *more]) == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["run.json", "second-opinions"]
    values = spark.read.parquet(str(tmp_path / "out" / "second-opinions" / "values"))
    assert values.where(F.col("agreement").isNull()).count() == 2
    assert "method" not in facts_of(tmp_path / "out")
