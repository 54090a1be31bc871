"""The main job on drawn photos: what it leaves, and that it is right."""

from __future__ import annotations

import csv
import importlib
import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark import SparkContext
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn import metrics as sk

from sparkles.commands import evaluate, featurize, predict, prepare, train
from sparkles.dataset import split_of
from sparkles.demo.dataset import DemoDataset
from sparkles.errors import SparklesError
from sparkles.settings import (
    EvaluateSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    SplitPolicy,
)
from tests.drawn_run import DrawnRun, settings_for


def read_json(path: Path) -> dict:
    return json.loads(path.read_text())


def positives(dataset: DemoDataset) -> dict[str, set[str]]:
    """Image id to its Car and Tree labels, by the csv module alone."""
    names = dict(csv.reader(dataset.class_names.open()))
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(dataset.labels.open()):
        name = names[row["LabelName"]]
        if float(row["Confidence"]) >= 1 and name in ("Car", "Tree"):
            found.setdefault(row["ImageID"], set()).add(name)
    return found


@pytest.fixture
def without_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out ``report.html``, a quarter of a run's work, where a test does not look at it."""
    monkeypatch.setattr("sparkles.workflow.training.why_no_report", lambda: "not in this test")


def test_the_folder_holds_all_that_is_promised_and_nothing_half_written(
    drawn_run: DrawnRun,
) -> None:
    names = {path.name for path in drawn_run.folder.iterdir()}
    assert names == {
        *("model", "metrics.json", "ledger.json", "rejected", "predictions", "run.json"),
        "curves.json",
        "report.html",
        "report.md",
    }
    assert [path.name for path in drawn_run.folder.parent.iterdir()] == ["drawn"]


def test_the_ledger_agrees_with_the_drawing(drawn_run: DrawnRun) -> None:
    ledger, counts = read_json(drawn_run.folder / "ledger.json"), drawn_run.dataset.counts
    images, rows = ledger["images"], ledger["label_rows"]
    assert rows["read"] == counts.label_rows
    assert images["ambiguous"] == images["dropped_as_ambiguous"] == counts.both
    assert images["named"] == counts.cars + counts.trees + counts.missing + counts.corrupt
    assert ledger["rejected"] == {"no photo": counts.missing, "truncated": counts.corrupt}
    assert images["featurized"] == counts.cars + counts.trees
    assert images["named"] == images["featurized"] + images["rejected"]
    assert ledger["photos"]["listed"] == counts.photos
    assert ledger["photos"]["without_label"] == counts.unlabelled
    contents = [path.read_bytes() for path in drawn_run.dataset.images.iterdir()]
    assert len(set(contents)) == len(contents)
    assert (ledger["same_bytes"]["groups"], ledger["same_bytes"]["photos"]) == (0, 0)
    assert rows["duplicates"] + rows["kept"] + 2 * counts.both == (
        rows["read"] - rows["other_classes"] - rows["negative"] - rows["unsure"]
    )
    assert rows["without_photo"] >= rows["kept_without_photo"] == counts.missing


def test_rejected_images_have_a_reason_each(spark: SparkSession, drawn_run: DrawnRun) -> None:
    rows = spark.read.parquet(str(drawn_run.folder / "rejected")).collect()
    assert Counter(row.reason for row in rows) == {"no photo": 1, "truncated": 1}
    named = positives(drawn_run.dataset)
    for row in rows:
        assert set(row.labels) == named[row.image_id]
        assert row.error.startswith(f"{row.reason}: ")


def test_predictions_cover_each_featurized_image_once(
    spark: SparkSession, drawn_run: DrawnRun
) -> None:
    rows = spark.read.parquet(str(drawn_run.folder / "predictions")).collect()
    named = positives(drawn_run.dataset)
    assert len({row.image_id for row in rows}) == len(rows)
    for row in rows:
        assert {row.label} == named[row.image_id]
        assert row.split == split_of(row.image_id, SplitPolicy())
        assert math.isclose(sum(row.probabilities.values()), 1)
        best = max(row.probabilities, key=row.probabilities.get)
        assert (row.predicted_label, row.probability) == (best, row.probabilities[best])


def test_metrics_agree_with_scikit_learn(spark: SparkSession, drawn_run: DrawnRun) -> None:
    metrics = read_json(drawn_run.folder / "metrics.json")
    table = spark.read.parquet(str(drawn_run.folder / "predictions"))
    rows = table.where("split = 'test'").collect()
    truth = [row.label for row in rows]
    said = [row.predicted_label for row in rows]
    score = [row.probabilities["Tree"] for row in rows]
    is_tree = [label == "Tree" for label in truth]
    expected = {
        "accuracy": sk.accuracy_score(truth, said),
        "weighted_f1": sk.f1_score(truth, said, average="weighted"),
        "weighted_precision": sk.precision_score(truth, said, average="weighted", zero_division=0),
        "weighted_recall": sk.recall_score(truth, said, average="weighted"),
        "roc_auc": sk.roc_auc_score(is_tree, score),
        "pr_auc": sk.average_precision_score(is_tree, score),
        "log_loss": sk.log_loss(is_tree, score),
    }
    for name, value in expected.items():
        found = metrics[name]
        assert found["value"] == pytest.approx(value, abs=1e-9), name
        assert found["low"] <= found["value"] <= found["high"], name
    counts = sk.confusion_matrix(truth, said, labels=["Car", "Tree"]).tolist()
    assert metrics["confusion_matrix"]["counts"] == counts
    training = [row.label for row in table.where("split = 'train'").collect()]
    majority = Counter(training).most_common(1)[0][0]
    share = sum(label == majority for label in truth) / len(truth)
    assert metrics["baseline"]["accuracy"]["value"] == pytest.approx(share)
    assert metrics["accuracy"]["value"] > share  # it has learnt something


def test_the_model_predicts_from_photo_to_class_name(
    spark: SparkSession, drawn_run: DrawnRun
) -> None:
    model = PipelineModel.load(str(drawn_run.folder / "model"))
    kinds = [type(stage).__name__ for stage in model.stages]
    assert kinds == [
        *("StringIndexerModel", "DeepImageFeaturizer", "LogisticRegressionModel", "IndexToString")
    ]
    stored = spark.read.parquet(str(drawn_run.folder / "predictions")).limit(6)
    known = {row.image_id: row for row in stored.collect()}
    photos = spark.createDataFrame(
        [(row.image_id, row.uri) for row in known.values()], ["id", "image"]
    )
    probability = vector_to_array(F.col("probability"))
    for row in model.transform(photos).withColumn("probability", probability).collect():
        expected = known[row.id]
        assert row.predicted_label == expected.predicted_label
        assert max(row.probability) == pytest.approx(expected.probability, abs=1e-6)


def test_run_json_says_how_it_was_made(drawn_run: DrawnRun) -> None:
    run = read_json(drawn_run.folder / "run.json")
    assert run["command"] == "train"
    assert run["settings"]["classes"] == ["Car", "Tree"]
    assert run["network"]["model"] == "SparklesDemo"
    assert len(run["network"]["fingerprint"]) == 64
    assert {"sparkles", "spark", "python", "java", "keras", "numpy"} <= run["versions"].keys()
    assert {"featurize", "train", "evaluate", "save"} <= run["seconds"].keys()
    ledger = read_json(drawn_run.folder / "ledger.json")
    assert run["training_counts"] == ledger["splits"]["train"]


def test_predict_gives_every_photo_a_class_or_a_reason(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    output = tmp_path / "predictions"
    predict(
        PredictSettings.create(
            {
                "model": str(drawn_run.folder / "model"),
                "images": str(drawn_run.dataset.images),
                "output": str(output),
                "quiet": True,
            }
        ),
        spark,
    )
    rows = spark.read.parquet(str(output)).collect()
    assert len(rows) == drawn_run.dataset.counts.photos
    bad = [row for row in rows if row.error]
    assert len(bad) == drawn_run.dataset.counts.corrupt
    note = read_json(output / "_run.json")
    assert note["images"]["named"] == note["photos"]["listed"] == len(rows)
    assert note["images"]["rejected"] == len(bad) == sum(note["rejected"].values())
    assert all(row.predicted_label is None and row.probability is None for row in bad)
    trained = spark.read.parquet(str(drawn_run.folder / "predictions")).collect()
    found = {row.image_id: row for row in rows}
    for row in trained:
        assert found[row.image_id].predicted_label == row.predicted_label
        assert found[row.image_id].probability == pytest.approx(row.probability, abs=1e-6)


def test_evaluate_repeats_the_training_run_s_figures(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    """On the test images' labels alone, the saved model has the metrics of its training run."""
    test_only = tmp_path / "labels.csv"
    with drawn_run.dataset.labels.open() as source, test_only.open("w") as target:
        target.write(next(source))
        target.writelines(
            line for line in source if split_of(line.split(",")[0], SplitPolicy()) == "test"
        )
    metrics = evaluate(
        EvaluateSettings.create(
            {
                "model": str(drawn_run.folder / "model"),
                "labels": str(test_only),
                "class_names": str(drawn_run.dataset.class_names),
                "images": str(drawn_run.dataset.images),
                "output": str(tmp_path / "evaluation"),
                "quiet": True,
            }
        ),
        spark,
    )
    before = read_json(drawn_run.folder / "metrics.json")
    assert metrics["confusion_matrix"] == before["confusion_matrix"]
    assert metrics["log_loss"]["value"] == pytest.approx(before["log_loss"]["value"], abs=1e-6)
    assert metrics["baseline"] == before["baseline"]


def test_featurize_writes_what_the_network_gives(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path
) -> None:
    from sparkles.imaging import read_pixels
    from sparkles.models import NetworkSettings
    from sparkles.models.network import build_network

    output = tmp_path / "features"
    given = {"images": str(drawn.images), "model": "SparklesDemo", "output": str(output)}
    given["precision"] = "f32"
    featurize(FeaturizeSettings.create({**given, "quiet": True}), spark)
    table = spark.read.parquet(str(output))
    assert table.columns == ["image_id", "uri", "features", "error", "precision", "sha256"]
    assert dict(table.dtypes)["features"] == "array<float>"
    rows = table.collect()
    assert len(rows) == drawn.counts.photos
    assert sum(row.features is None for row in rows) == drawn.counts.corrupt
    good = [row for row in rows if row.features][:5]
    content = [(drawn.images / f"{row.image_id}.jpg").read_bytes() for row in good]
    assert {row.precision for row in rows} == {"f32", None}
    photos = np.stack([read_pixels(one, 96, 96) for one in content])
    expected = np.asarray(build_network(NetworkSettings("SparklesDemo"))(photos, training=False))
    np.testing.assert_array_almost_equal([row.features for row in good], expected, decimal=4)


def test_featurize_only_what_labels_name(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path
) -> None:
    labels = tmp_path / "two.csv"
    lines = drawn.labels.read_text().splitlines()
    labels.write_text("\n".join([lines[0], *lines[1:4]]) + "\n")
    named = {line.split(",")[0] for line in lines[1:4]}
    given = {"images": str(drawn.images), "model": "SparklesDemo", "labels": str(labels)}
    for listing in ("always", "never"):
        output = tmp_path / listing
        more = {"output": str(output), "list_images": listing, "quiet": True}
        featurize(FeaturizeSettings.create({**given, **more}), spark)
        rows = spark.read.parquet(str(output)).collect()
        assert {row.image_id for row in rows} == named


def test_prepare_joins_without_opening_a_photo(
    spark: SparkSession, drawn: DemoDataset, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    chosen = settings_for(drawn, tmp_path / "prepared")
    fields = PrepareSettings.__dataclass_fields__
    prepare(PrepareSettings(**{name: getattr(chosen, name) for name in fields}), spark)
    table = spark.read.parquet(str(tmp_path / "prepared" / "dataset"))
    named = {image: labels for image, labels in positives(drawn).items() if len(labels) == 1}
    found = {row.image_id: row.label for row in table.collect()}
    assert found == {
        image: next(iter(labels))
        for image, labels in named.items()
        if (drawn.images / f"{image}.jpg").exists()
    }
    before = read_json(drawn_run.folder / "ledger.json")
    after = read_json(tmp_path / "prepared" / "ledger.json")
    assert after["label_rows"] == before["label_rows"]


@pytest.mark.parametrize("ambiguous", [pytest.param("first", marks=pytest.mark.slow), "keep"])
@pytest.mark.usefixtures("without_page")
def test_ambiguous_images_are_featurized_once(
    spark: SparkSession,
    drawn: DemoDataset,
    tmp_path: Path,
    ambiguous: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One pass through the network for training, three tables and all metrics together."""
    passes: list[Any] = []

    @contextmanager
    def count(context: SparkContext, *_: object, **__: object) -> Iterator[Any]:
        passes.append(context.accumulator(0))
        yield passes[-1]

    monkeypatch.setattr("sparkles.workflow.featurization.show_progress", count)
    trained = train(settings_for(drawn, tmp_path / "run", ambiguous=ambiguous), spark)
    counts = drawn.counts
    images = trained.ledger["images"]
    assert images["ambiguous"] == counts.both
    assert images["featurized"] == counts.cars + counts.trees + counts.both
    assert [done.value for done in passes] == [images["named"]]
    rows = spark.read.parquet(str(tmp_path / "run" / "predictions")).collect()
    extra = counts.both if ambiguous == "keep" else 0
    assert len(rows) == images["featurized"] + extra
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row.image_id, set()).add(row.split)
    assert all(len(parts) == 1 for parts in splits.values())


def test_photos_by_name_manifest_and_dataframe_give_the_same_predictions(
    spark: SparkSession, drawn: DemoDataset, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    manifest = tmp_path / "photos.csv"
    lines = [f"{path.stem},{path}" for path in drawn.images.iterdir()]
    manifest.write_text("image_id,uri\n" + "\n".join(lines) + "\n")
    frame = spark.read.format("binaryFile").load(str(drawn.images))
    given = {
        "model": str(drawn_run.folder / "model"),
        "labels": str(drawn.labels),
        "class_names": str(drawn.class_names),
        "images": str(drawn.images),
        "quiet": True,
    }
    sources: dict[str, tuple[dict[str, str], DataFrame | None]] = {
        "by_name": ({"list_images": "never"}, None),
        "manifest": ({"images": str(manifest)}, None),
        "dataframe": ({}, frame),
    }
    trained = spark.read.parquet(str(drawn_run.folder / "predictions")).collect()
    expected = {row.image_id: row for row in trained}
    for name, (more, photos) in sources.items():
        output = tmp_path / name
        settings = EvaluateSettings.create({**given, **more, "output": str(output)})
        evaluate(settings, spark, photos)
        rows = spark.read.parquet(str(output / "predictions")).collect()
        assert {row.image_id for row in rows} == expected.keys(), name
        for row in rows:
            before = expected[row.image_id]
            assert (row.label, row.predicted_label) == (before.label, before.predicted_label), name
            assert row.probability == pytest.approx(before.probability, abs=1e-6), name
        ledger = read_json(output / "ledger.json")
        assert ledger["rejected"] == drawn_run.trained.ledger["rejected"], name
        assert ledger["images"] == drawn_run.trained.ledger["images"], name


def test_int8_is_calibrated_on_the_job_s_own_photos_and_reported(
    spark: SparkSession, drawn: DemoDataset, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    trained = train(settings_for(drawn, tmp_path / "run", precision="int8"), spark)
    network = read_json(tmp_path / "run" / "run.json")["network"]
    featurized = trained.ledger["images"]["featurized"]
    assert network["precisions"] == {"int8": featurized}
    assert network["int8"]["photos"] == math.ceil(featurized / 3)
    report = (tmp_path / "run" / "report.md").read_text()
    assert "engine in int8. On " in report
    assert "between the features of the int8 and the float32 network" in report
    exact = read_json(drawn_run.folder / "run.json")["network"]
    assert exact["int8"] is None
    assert exact["fingerprint"] != network["fingerprint"]
    assert set(exact["precisions"]) <= {"f32", "bf16"}
    stage = PipelineModel.load(str(tmp_path / "run" / "model")).stages[1]
    assert stage.network().int8 == network["int8"]


@pytest.mark.slow  # tests/training/test_classifier.py compares weighted fits with scikit-learn's
@pytest.mark.usefixtures("without_page")
def test_class_weights_balance_an_uneven_set(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path
) -> None:
    """Balanced weights move an uneven classifier towards the rare class."""
    lines = drawn.labels.read_text().splitlines(keepends=True)
    tree = "/m/07j7r"
    trees = [line for line in lines if tree in line]
    uneven = tmp_path / "uneven.csv"
    uneven.write_text("".join([line for line in lines if tree not in line] + trees[:12]))
    recalls = {}
    for weights in ("none", "balanced"):
        asked = settings_for(
            drawn, tmp_path / weights, labels=str(uneven), class_weights=weights, reg_param=0.2
        )
        per_class = train(asked, spark).metrics["per_class"]
        recalls[weights] = {row["name"]: row["recall"] for row in per_class}["Tree"]
    assert recalls["balanced"] >= recalls["none"]


def test_a_failure_leaves_no_folder_and_keeps_what_was_there(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("sparkles.workflow.training")
    output = tmp_path / "run"
    output.mkdir()
    (output / "precious.txt").write_text("old")
    note = {"command": "train", "versions": {"sparkles": "0.1.0"}}  # marks an output of Sparkles
    (output / "run.json").write_text(json.dumps(note))

    def fail(*_: object) -> None:
        raise SparklesError("the disk is full")

    monkeypatch.setattr(module, "save_results", fail)
    with pytest.raises(SparklesError, match="disk is full"):
        train(settings_for(drawn, output, overwrite=True), spark)
    assert (output / "precious.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
