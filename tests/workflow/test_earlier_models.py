"""Models that earlier versions saved load, and give what they gave then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

from sparkles.workflow.saved_model import load_model
from tests.workflow.saved_models.results import results_of

FOLDERS = sorted(Path(__file__).parent.glob("saved_models/*/model"))


@pytest.mark.parametrize("model", FOLDERS, ids=lambda path: path.parent.name)
def test_a_saved_model_gives_the_same_results(spark: SparkSession, model: Path) -> None:
    expected = json.loads((model.parent / "results.json").read_text(encoding="utf-8"))
    found = results_of(spark, model.parent)
    assert found.keys() == expected.keys()
    for photo, then in expected.items():
        now = found[photo]
        np.testing.assert_allclose(now["features"], then["features"], rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(now["probability"], then["probability"], atol=1e-4)
        assert now["predicted_label"] == then["predicted_label"]


@pytest.mark.parametrize("model", FOLDERS, ids=lambda path: path.parent.name)
def test_a_saved_model_is_one_of_sparkles_train(spark: SparkSession, model: Path) -> None:
    loaded = load_model(spark, str(model))
    assert loaded.labels == ["Car", "Tree"]
    assert loaded.featurizer.getModelName() == "MobileNetV2-0.35@32"
    assert loaded.classifier.numFeatures == loaded.featurizer.network().length


def test_there_is_a_saved_model() -> None:
    assert len(FOLDERS) >= 1
