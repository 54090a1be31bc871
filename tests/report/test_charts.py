"""Figures: their alternative texts, and that they can be drawn for any run."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from sparkles.pages import Picture
from sparkles.report import CHARTS, draw_charts
from sparkles.report.curve_figures import draw_calibration, draw_pr, draw_roc, draw_thresholds
from sparkles.report.metric_figures import draw_confusion, draw_metrics
from sparkles.report.run_figures import draw_funnel, draw_seconds

from .made_facts import EVIL, facts_of


def pixels(picture: Picture) -> np.ndarray:
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.asarray(image.convert("RGB"))


def has_colour(picture: Picture, colour: tuple[int, int, int]) -> bool:
    return bool((pixels(picture) == colour).all(axis=2).any())


@pytest.mark.parametrize("classes", [2, 5])
def test_every_chart_is_drawn_with_title_and_alternative_text(classes: int) -> None:
    pictures = draw_charts(facts_of(classes))
    assert [picture.name for picture in pictures] == list(CHARTS)
    for picture in pictures:
        assert picture.title
        assert picture.alt.endswith(".")
        assert len(np.unique(pixels(picture).reshape(-1, 3), axis=0)) > 5


def test_the_alternative_text_of_the_funnel_has_the_counts() -> None:
    picture = draw_funnel(facts_of()["ledger"])
    assert "label rows read: 256,707; rows of the chosen classes: 8,823" in picture.alt
    assert "images featurized: 8,755; then 6,000 train, 2,000 test." in picture.alt


def test_a_funnel_with_one_part_and_without_dropped_rows() -> None:
    ledger = facts_of()["ledger"]
    ledger["label_rows"]["kept"] = ledger["label_rows"]["read"]
    ledger["splits"] = {"train": {}, "test": {"Car": 4}}
    assert draw_funnel(ledger).alt.endswith("then 4 test.")


def test_metrics_are_drawn_with_intervals_and_the_baseline() -> None:
    metrics = facts_of()["metrics"]
    picture = draw_metrics(metrics)
    one = metrics["accuracy"]
    expected = f"accuracy {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
    assert expected in picture.alt
    assert "ROC AUC, weighted" not in picture.alt  # the same number
    assert "ROC AUC, weighted" in draw_metrics(facts_of(3)["metrics"]).alt
    assert has_colour(picture, (0xD5, 0x5E, 0))  # the baseline
    without = draw_metrics(metrics | {"baseline": None})
    assert not has_colour(without, (0xD5, 0x5E, 0))


def test_undefined_metrics_are_left_out() -> None:
    undefined = {"value": None, "low": None, "high": None}
    metrics = facts_of()["metrics"] | {"roc_auc": undefined, "pr_auc": undefined}
    assert "AUC" not in draw_metrics(metrics).alt


def test_the_confusion_matrix_has_its_counts() -> None:
    metrics = facts_of()["metrics"]
    counts = metrics["confusion_matrix"]["counts"]
    picture = draw_confusion(metrics)
    assert f"Car {counts[0][0]} of {sum(counts[0])}" in picture.alt
    assert "left out" not in picture.caption


def test_the_confusion_matrix_of_many_classes_keeps_the_largest() -> None:
    names = [f"class {k}" for k in range(70)]
    counts = np.diag(np.arange(1, 71))
    counts[69, 0] = 5
    metrics = {"confusion_matrix": {"labels": names, "counts": counts.tolist()}}
    picture = draw_confusion(metrics)
    assert "of 60 classes" in picture.alt
    assert "The 10 classes with the fewest rows are left out." in picture.caption
    assert max(pixels(picture).shape[:2]) < 2500


def test_the_alternative_texts_of_curves_have_the_areas() -> None:
    facts = facts_of(3)
    areas = [one["roc_auc"] for one in facts["metrics"]["per_class"]]
    listed = ", ".join(
        f"{one['name']} {one['roc_auc']:.3f}" for one in facts["metrics"]["per_class"]
    )
    assert listed in draw_roc(facts["metrics"], facts["curves"]).alt
    assert len(areas) == 3
    assert "Average precision" in draw_pr(facts["metrics"], facts["curves"]).alt


def test_of_many_classes_those_with_the_lowest_areas_are_drawn() -> None:
    names = [f"c{k}" for k in range(12)]
    per_class = [{"name": name, "roc_auc": 0.5 + k / 30} for k, name in enumerate(names)]
    line = {"share": 0.1, "roc": [[0.0, 0.0], [1.0, 1.0]], "pr": []}
    curves = {"classes": [line | {"name": name} for name in names]}
    picture = draw_roc({"per_class": per_class}, curves)
    assert "shows the 7 of 12 classes with the lowest areas." in picture.caption
    assert "c0 0.500" in picture.alt
    assert "c7" not in picture.alt


def test_curves_without_points_are_not_drawn() -> None:
    facts = facts_of()
    for curve in facts["curves"]["classes"]:
        curve["roc"] = curve["pr"] = []
    assert draw_roc(facts["metrics"], facts["curves"]) is None
    assert draw_pr(facts["metrics"], facts["curves"]) is None
    assert "roc" not in [picture.name for picture in draw_charts(facts)]


def test_thresholds_show_precision_of_two_classes_and_coverage_of_more() -> None:
    two, more = facts_of(2), facts_of(3)
    assert "precision, recall" in draw_thresholds(two["metrics"], two["curves"]).alt
    assert "answered" in draw_thresholds(more["metrics"], more["curves"]).alt


def test_the_alternative_text_of_the_calibration_has_error_and_bins() -> None:
    picture = draw_calibration(facts_of()["curves"])
    assert "calibration error 0.034" in picture.alt
    assert " have accuracy " in picture.alt


@pytest.mark.parametrize("seconds", [{}, {"featurize": 0.0}, {"a": 1.0, "b": 86_400.0}])
def test_the_caption_of_the_seconds_has_their_sum(seconds: dict[str, float]) -> None:
    assert draw_seconds(seconds).caption.startswith(f"{sum(seconds.values()):,.0f} seconds")


def test_names_of_classes_stay_text() -> None:
    names = [EVIL, "$\\frac{1}{0}$ a very long name that goes on and on"]
    for picture in draw_charts(facts_of(names=names)):
        assert "<script" not in picture.svg
