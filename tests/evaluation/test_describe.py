"""Evaluations as plain text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sparkles.evaluation import describe_metrics, evaluate_tally, majority_tally

from .made_rows import CASES

GOLDEN = Path(__file__).parent / "golden"


def describe_case(case: str, **settings: Any) -> str:
    return describe_metrics(evaluate_tally(CASES[case].tally(), **settings))


def test_the_text_equals_the_golden_file() -> None:
    text = describe_case("binary", training_counts={"Car": 30, "Dog": 20}, resamples=200)
    assert text + "\n" == (GOLDEN / "binary.txt").read_text(encoding="utf-8")


def test_undefined_metrics_are_shown_as_not_available() -> None:
    text = describe_case("absent of three", resamples=0)
    assert "n/a" in text
    assert "nan" not in text
    assert "No area for Dog" in text


def test_an_evaluation_without_baseline_describes_none() -> None:
    assert "Baseline:" not in describe_case("binary", resamples=0)


def test_a_confusion_matrix_that_is_too_wide_is_left_out() -> None:
    labels = [f"class {i}" for i in range(13)]
    tally = majority_tally(labels, np.ones(13, dtype=np.int64), {"class 0": 1})
    text = describe_metrics(evaluate_tally(tally, resamples=0))
    assert "left out here, because 13 columns are too wide" in text
