"""A run as an object, against the files that it was loaded from."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from pyspark.sql import SparkSession

import sparkles
from sparkles.commands import evaluate
from sparkles.errors import ModelError
from sparkles.evaluation import describe_metrics
from sparkles.settings import EvaluateSettings
from sparkles.workflow import run_display, saved_run
from sparkles.workflow.run_display import describe_run
from sparkles.workflow.saved_run import SavedRun
from tests.drawn_run import DrawnRun


@pytest.fixture(scope="module")
def run(spark: SparkSession, drawn_run: DrawnRun) -> SavedRun:
    return sparkles.load_run(str(drawn_run.folder), spark)


def test_it_holds_what_the_files_hold(run: SavedRun, drawn_run: DrawnRun) -> None:
    for name in ("metrics", "curves", "ledger", "run"):
        expected = json.loads((drawn_run.folder / f"{name}.json").read_text())
        assert getattr(run, name) == expected
    assert run.report() == f"{drawn_run.folder}/report.html"


def test_tables(run: SavedRun) -> None:
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


def test_the_model(run: SavedRun) -> None:
    stages = [type(stage).__name__ for stage in run.model().stages]
    assert "DeepImageFeaturizer" in stages


PLOTS = ("funnel", "metrics", "confusion", "roc", "pr", "thresholds", "calibration", "seconds")


@pytest.mark.parametrize("name", PLOTS)
def test_each_plot_by_one_call(run: SavedRun, name: str) -> None:
    picture = getattr(run, f"plot_{name}")()
    assert picture.name == name
    with Image.open(io.BytesIO(picture._repr_png_())) as image:
        assert image.format == "PNG"


def test_a_notebook_shows_it(run: SavedRun) -> None:
    shown = run._repr_html_()
    assert "<b>Car, Tree</b>" in shown
    one = run.metrics["accuracy"]
    assert f"<td>{one['value']:.3f}</td><td>{one['low']:.3f} to {one['high']:.3f}</td>" in shown
    assert "<th>baseline</th>" in shown


def test_it_is_a_line_of_text_elsewhere(run: SavedRun) -> None:
    one = run.metrics["accuracy"]
    interval = f"({one['low']:.3f} to {one['high']:.3f})"
    assert repr(run) == (
        f"SavedRun({run.folder}: Car, Tree; {run.metrics['n']} test rows, "
        f"accuracy {one['value']:.3f} {interval})"
    )
    many = run.metrics | {"classes": [f"class {n}" for n in range(600)]}
    assert ": 600 classes; " in describe_run(run.folder, many)


def test_completion_offers_what_a_run_has(run: SavedRun) -> None:
    offered = {name for name in dir(run) if not name.startswith("_")}
    assert {"folder", "metrics", "show", "udf", "mistakes", "model", "plot_roc"} <= offered


def test_its_report_is_named_on_a_terminal(
    run: SavedRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run.show()
    printed = capsys.readouterr().out
    assert printed.startswith(repr(run))
    assert describe_metrics(run.metrics) in printed
    assert printed.endswith(f"report: {run.folder}/report.html\n")


def test_its_report_is_shown_in_a_notebook(
    run: SavedRun, drawn_run: DrawnRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed = []
    for module in (run_display, saved_run):
        monkeypatch.setattr(module, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda shown: displayed.append(shown.data))
    run.show()
    page = (drawn_run.folder / "report.html").read_text(encoding="utf-8")
    (frame,) = displayed
    found = re.fullmatch(r'<div><iframe srcdoc="([^"]*)" [^>]*></iframe></div>', frame)
    assert found
    assert unescape(found[1]) == page
    # Without allow-same-origin, a page of somebody else's run cannot act as the notebook.
    assert frame.count('sandbox="allow-scripts"') == 1


def test_what_a_notebook_shows_is_escaped(run: SavedRun, drawn_run: DrawnRun) -> None:
    import dataclasses

    evil = "<script>alert(1)</script>"
    named = dataclasses.replace(
        run, folder=evil, metrics=run.metrics | {"classes": [evil, "Tree"], "baseline": None}
    )
    assert "<script>" not in named._repr_html_()
    assert "baseline" not in named._repr_html_()


def test_an_evaluation_is_a_run_too(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
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


def test_no_run(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a run of sparkles train or evaluate"):
        sparkles.load_run(str(tmp_path), spark)
