from pathlib import Path

import numpy as np

from sparkles.evaluation import describe_metrics, evaluate_tally, majority_tally

from .made_rows import CASES

GOLDEN = Path(__file__).parent / "golden"


def described(case, **settings):
    return describe_metrics(evaluate_tally(CASES[case].tally(), **settings))


def test_the_page_is_the_golden_one():
    page = described("binary", training_counts={"Car": 30, "Dog": 20}, resamples=200)
    assert page + "\n" == (GOLDEN / "binary.txt").read_text(encoding="utf-8")


def test_what_is_undefined_reads_not_available():
    page = described("absent of three", resamples=0)
    assert "n/a" in page
    assert "nan" not in page
    assert "No area for Dog" in page


def test_without_a_baseline_none_is_described():
    assert "Baseline:" not in described("binary", resamples=0)


def test_a_confusion_matrix_too_wide_is_left_out():
    labels = [f"class {i}" for i in range(13)]
    tally = majority_tally(labels, np.ones(13, dtype=np.int64), {"class 0": 1})
    page = describe_metrics(evaluate_tally(tally, resamples=0))
    assert "left out here, as 13 columns are too wide" in page
