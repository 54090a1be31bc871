"""A run as an object, against the files that it was loaded from."""

import io
import json

import pytest
from PIL import Image

import sparkles
from sparkles.commands import evaluate
from sparkles.errors import ModelError
from sparkles.settings import EvaluateSettings


@pytest.fixture(scope="module")
def run(spark, drawn_run):
    return sparkles.load_run(str(drawn_run.folder), spark)


def test_it_holds_what_the_files_hold(run, drawn_run):
    for name in ("metrics", "curves", "ledger", "run"):
        expected = json.loads((drawn_run.folder / f"{name}.json").read_text())
        assert getattr(run, name) == expected
    assert run.report() == f"{drawn_run.folder}/report.html"


def test_tables(run):
    predictions = run.predictions().toPandas()
    assert len(predictions) == run.ledger["images"]["featurized"]
    tested = predictions[predictions.split == "test"]
    wrong = tested[tested.label != tested.predicted_label]
    mistakes = run.mistakes().toPandas()
    assert set(mistakes.image_id) == set(wrong.image_id)
    assert mistakes.probability.is_monotonic_decreasing
    accuracy = 1 - len(mistakes) / len(tested)
    assert run.metrics["accuracy"]["value"] == pytest.approx(accuracy)
    assert run.rejected().count() == run.ledger["images"]["rejected"]


def test_the_model(run):
    stages = [type(stage).__name__ for stage in run.model().stages]
    assert "DeepImageFeaturizer" in stages


PLOTS = ("funnel", "metrics", "confusion", "roc", "pr", "thresholds", "calibration", "seconds")


@pytest.mark.parametrize("name", PLOTS)
def test_each_plot_by_one_call(run, name):
    picture = getattr(run, f"plot_{name}")()
    assert picture.name == name
    with Image.open(io.BytesIO(picture._repr_png_())) as image:
        assert image.format == "PNG"


def test_a_notebook_shows_it(run):
    shown = run._repr_html_()
    assert "<b>Car, Tree</b>" in shown
    one = run.metrics["accuracy"]
    assert f"<td>{one['value']:.3f}</td><td>{one['low']:.3f} to {one['high']:.3f}</td>" in shown
    assert "<th>baseline</th>" in shown
    assert len(repr(run)) < 5_000


def test_what_a_notebook_shows_is_escaped(run, drawn_run):
    import dataclasses

    evil = "<script>alert(1)</script>"
    named = dataclasses.replace(
        run, folder=evil, metrics=run.metrics | {"classes": [evil, "Tree"], "baseline": None}
    )
    assert "<script>" not in named._repr_html_()
    assert "baseline" not in named._repr_html_()


def test_an_evaluation_is_a_run_too(spark, drawn_run, tmp_path):
    drawn = drawn_run.dataset
    given = {
        "model": f"{drawn_run.folder}/model",
        "labels": str(drawn.labels),
        "class_names": str(drawn.class_names),
        "images": str(drawn.images),
        "output": str(tmp_path / "evaluated"),
        "quiet": True,
    }
    metrics = evaluate(EvaluateSettings.create(given), spark)
    found = sparkles.load_run(str(tmp_path / "evaluated"))
    assert found.metrics == json.loads(json.dumps(metrics))
    assert found.mistakes().count() == sum(
        count for r, row in enumerate(metrics["confusion_matrix"]["counts"])
        for c, count in enumerate(row) if r != c
    )  # fmt: skip
    assert found.plot_calibration().alt
    assert found.model().stages


def test_no_run(spark, tmp_path):
    with pytest.raises(ModelError, match="is not a run of sparkles train or evaluate"):
        sparkles.load_run(str(tmp_path), spark)
