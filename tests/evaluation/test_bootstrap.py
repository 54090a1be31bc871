"""Bootstrap intervals, compared with resampling the rows themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from sparkles.errors import SettingsError
from sparkles.evaluation import bootstrap
from sparkles.evaluation.bootstrap import bootstrap_intervals
from sparkles.evaluation.measures import HEADLINES, measure_tally
from sparkles.evaluation.tables import Tally

from .made_rows import CASES, LABELS, Rows, made_rows


def row_bootstrap(rows: Rows, resamples: int, seed: int) -> dict[str, np.ndarray]:
    """Resample the rows themselves, and tally each resample separately."""
    rng = np.random.default_rng(seed)
    n, classes = rows.truth.size, len(rows.labels)
    draws = (rows.taken(rng.integers(0, n, size=n)) for _ in range(resamples))
    headlines = [measure_tally(draw.tally()).headlines(classes) for draw in draws]
    return {
        name: np.quantile([one[name][0] for one in headlines], [0.025, 0.975]) for name in HEADLINES
    }


def assert_alike(ours: Any, expected: Any, n: int) -> None:
    # With 600 resamples, a bound has a standard error of 0.11 standard deviations of the metric, so
    # two bounds differ by 0.15; a metric that is made of counts changes in steps of about 1 / n.
    spread = (expected[1] - expected[0]) / 3.92
    np.testing.assert_allclose(ours, expected, atol=0.5 * spread + 1.0 / n)


@pytest.mark.parametrize("case", ["binary", "ties, binary", "three classes"])
def test_intervals_agree_with_those_of_resampled_rows(case: str) -> None:
    rows = CASES[case]
    ours = bootstrap_intervals(rows.tally(), seed=1)
    for name, expected in row_bootstrap(rows, 600, seed=2).items():
        assert_alike(ours[name], expected, rows.truth.size)


def test_intervals_agree_with_scikit_learn_on_resampled_rows() -> None:
    rows = CASES["binary"]
    rng = np.random.default_rng(3)
    draws = [rows.taken(rng.integers(0, 90, size=90)) for _ in range(300)]
    ours = bootstrap_intervals(rows.tally(), seed=1)
    areas = [sk.roc_auc_score(draw.truth, draw.raw[:, 1]) for draw in draws]
    precisions = [sk.average_precision_score(draw.truth, draw.raw[:, 1]) for draw in draws]
    assert_alike(ours["roc_auc"], np.quantile(areas, [0.025, 0.975]), 90)
    assert_alike(ours["pr_auc"], np.quantile(precisions, [0.025, 0.975]), 90)


def test_rows_drawn_one_by_one_and_multinomial_counts_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tally = made_rows(2, n=300).tally()
    one_by_one = bootstrap_intervals(tally)
    monkeypatch.setattr(bootstrap, "_ROWS_PER_CELL", 0)
    multinomial = bootstrap_intervals(tally)
    assert one_by_one != multinomial
    for name in HEADLINES:
        assert_alike(multinomial[name], one_by_one[name], 300)


def test_a_cell_of_many_rows_counts_as_many_cells_of_one_row() -> None:
    few = made_rows(2, n=8, decimals=0)
    many = few.taken(np.repeat(np.arange(8), 40))
    (table,) = few.tally().tables
    tally = Tally(
        few.labels,
        (type(table)(table.counts * 40, table.outcomes, table.losses, table.scores),),
        exact=True,
    )
    folded, spread = bootstrap_intervals(tally), bootstrap_intervals(many.tally(), seed=5)
    for name in HEADLINES:
        assert_alike(folded[name], spread[name], 320)


@pytest.mark.parametrize("rows_per_cell", [0, 10])
def test_the_size_of_a_chunk_does_not_change_the_intervals(
    monkeypatch: pytest.MonkeyPatch, rows_per_cell: int
) -> None:
    tally = CASES["three classes"].tally()
    monkeypatch.setattr(bootstrap, "_ROWS_PER_CELL", rows_per_cell)
    whole = bootstrap_intervals(tally, resamples=50)
    monkeypatch.setattr(bootstrap, "_CHUNK_CELLS", 7 * 90)
    parts = bootstrap_intervals(tally, resamples=50)
    for name in HEADLINES:
        assert parts[name] == pytest.approx(whole[name], rel=1e-12), name


def test_a_seed_gives_the_same_intervals_for_rows_in_any_order() -> None:
    rows = CASES["three classes"]
    turned = rows.taken(np.arange(rows.truth.size)[::-1])
    first = bootstrap_intervals(rows.tally(), resamples=50, seed=7)
    assert bootstrap_intervals(turned.tally(), resamples=50, seed=7) == first
    assert bootstrap_intervals(rows.tally(), resamples=50, seed=8) != first


def test_more_confidence_gives_wider_intervals() -> None:
    tally = CASES["binary"].tally()
    low, high = bootstrap_intervals(tally, confidence=0.5)["roc_auc"]
    lower, higher = bootstrap_intervals(tally, confidence=0.99)["roc_auc"]
    assert lower < low < high < higher


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0.0, 3.0))
def test_intervals_contain_the_value_and_stay_in_range(
    seed: int, classes: int, skill: float
) -> None:
    rows = made_rows(classes, n=80, seed=seed, skill=skill)
    tally = rows.tally()
    values = measure_tally(tally).headlines(classes)
    for name, interval in bootstrap_intervals(tally, resamples=200).items():
        low, high = interval
        assert low - 1e-9 <= high
        assert low >= 0.0
        assert name == "log_loss" or high <= 1.0 + 1e-9
        # The value of a skewed metric can lie outside its percentile interval, but not far outside.
        assert low - (high - low) <= values[name][0] + 1e-9
        assert values[name][0] <= high + (high - low) + 1e-9


def test_an_undefined_metric_has_no_interval() -> None:
    intervals = bootstrap_intervals(CASES["absent of two"].tally(), resamples=20)
    assert intervals["roc_auc"] is None
    assert intervals["pr_auc"] is None
    assert intervals["accuracy"] is not None


def test_perfect_separation_gives_intervals_of_zero_width() -> None:
    intervals = bootstrap_intervals(CASES["perfectly separated"].tally(), resamples=50)
    assert intervals["roc_auc"] == intervals["accuracy"] == (1.0, 1.0)


def test_no_resamples_give_no_intervals() -> None:
    assert set(bootstrap_intervals(CASES["binary"].tally(), resamples=0).values()) == {None}


@pytest.mark.parametrize(
    "wrong", [{"resamples": -1}, {"seed": -1}, {"confidence": 1.0}, {"confidence": 0.0}]
)
def test_wrong_settings_are_named(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(SettingsError, match=name):
        bootstrap_intervals(made_rows(len(LABELS)).tally(), **wrong)
