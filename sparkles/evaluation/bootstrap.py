"""Percentile bootstrap intervals of every metric, computed from counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparkles.errors import SettingsError
from sparkles.evaluation.measures import HEADLINES, Measures, headline_classes, measure
from sparkles.evaluation.tables import FloatArray, IntArray, Table, Tally

__all__ = [
    "CONFIDENCE_LEVEL",
    "RESAMPLES",
    "Interval",
    "affordable_resamples",
    "bootstrap_intervals",
    "check_bootstrap",
]

RESAMPLES = 1_000
CONFIDENCE_LEVEL = 0.95

Interval = tuple[float, float]

# Counts in memory at once: 8 MB per array, with about eight arrays alive in the area formulas.
_CHUNK_CELLS = 1_000_000

# Counts to draw for all resamples; more would take minutes.
_MOST_DRAWN = 2_000_000_000
_FEWEST_RESAMPLES = 100

# Drawing one multinomial count takes as long as drawing about ten rows one by one, and both give
# the same distribution. So rows are drawn where nearly every row is a separate cell.
_ROWS_PER_CELL = 10


def check_bootstrap(resamples: int, seed: int, confidence: float) -> None:
    """Check the settings of a bootstrap.

    Raises
    ------
    SettingsError
        If `resamples` or `seed` is negative, or `confidence` is not between 0 and 1.

    Examples
    --------
    >>> check_bootstrap(resamples=1000, seed=0, confidence=0.95)
    """
    if resamples < 0:
        raise SettingsError(f"resamples must be 0 or more, not {resamples}. Try {RESAMPLES}.")
    if seed < 0:
        raise SettingsError(f"seed must be 0 or more, not {seed}. Try 0.")
    if not 0.0 < confidence < 1.0:
        raise SettingsError(f"confidence must lie between 0 and 1, not {confidence}. Try 0.95.")


def affordable_resamples(tally: Tally, wanted: int) -> int:
    """Return the number of resamples to draw: fewer than wanted if a tally has very many cells.

    Examples
    --------
    >>> tables = [Table(np.ones(9_999_998, dtype=np.int64), losses=np.ones(9_999_998))]
    >>> affordable_resamples(Tally(("Car", "Dog"), tuple(tables), exact=False), 1000)
    200
    """
    cells = sum(table.counts.size * max(1, len(table.scores)) for table in tally.tables)
    most = _MOST_DRAWN // max(1, cells + len(tally.labels))
    return min(wanted, max(_FEWEST_RESAMPLES, most))


def bootstrap_intervals(
    tally: Tally,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = CONFIDENCE_LEVEL,
) -> dict[str, Interval | None]:
    """Compute the percentile bootstrap interval of every headline metric.

    Resampling n rows with replacement means drawing one of the table's cells n times, each with
    probability ``count / n``: the new counts follow the multinomial distribution with these
    probabilities. Every metric here depends on the rows only through their counts, so it gets
    *exactly* the distribution that resampling the rows would give, without reading any row.

    This holds for every metric of an exact tally, whose single table keeps each row's true class,
    prediction, loss and scores together. A rounded tally keeps them in separate tables. A metric
    that reads one table is then still exact. Only the mean area of three or more classes reads
    several tables; it is computed as if the areas of all classes rose and fell together. No other
    dependence gives the mean a larger standard deviation, so this interval is rather too wide.

    Resamples in which a metric is undefined, because no row of the class was drawn, are left out.

    Parameters
    ----------
    tally
        The counts.
    resamples
        The number of resamples; 0 for no intervals.
    seed
        The random seed. The same seed gives the same result for the same rows in any order.
    confidence
        The share of resamples within an interval, between 0 and 1.

    Returns
    -------
    dict
        Every name in :data:`sparkles.evaluation.measures.HEADLINES` to (low, high), or to None if
        the metric is undefined or `resamples` is 0.

    Raises
    ------
    SettingsError
        If `resamples` or `seed` is negative, or `confidence` is not between 0 and 1.

    References
    ----------
    B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993:
    chapters 6 (resampling from the empirical distribution), 13 (percentile intervals) and 20
    (a resample as a multinomial vector of proportions).

    Examples
    --------
    >>> rows = np.arange(100)
    >>> tally = Tally.of_rows(
    ...     ["Car", "Dog"],
    ...     truth=rows % 2,
    ...     predicted=(rows % 2) ^ (rows < 10),
    ...     scores=np.stack([-rows / 1.0, rows / 1.0], axis=1),
    ...     losses=rows / 100.0,
    ...     counts=np.ones(100, dtype=np.int64),
    ... )
    >>> low, high = bootstrap_intervals(tally, resamples=200)["accuracy"]
    >>> low < 0.9 < high
    True
    """
    check_bootstrap(resamples, seed, confidence)
    if resamples == 0:
        return dict.fromkeys(HEADLINES)
    classes = len(tally.labels)
    rng, wanted = np.random.default_rng(seed), headline_classes(classes)
    drawn = Measures.merged(
        Measures.joined(
            measure(table, weights, classes, wanted)
            for weights in _draws(table, classes, resamples, rng)
        )
        for table in tally.tables
    )
    headlines = drawn.headlines(classes, comonotone=not tally.exact)
    tails = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    return {name: _quantiles(values, tails) for name, values in headlines.items()}


def _draws(
    table: Table, classes: int, resamples: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Draw the counts of the resamples, a limited number at a time."""
    width = table.counts.size if table.outcomes is None else max(table.counts.size, classes)
    most = max(1, _CHUNK_CELLS // width)
    for done in range(0, resamples, most):
        size = min(most, resamples - done)
        yield _drawn_counts(table.counts, size, rng).astype(np.float64)


def _drawn_counts(counts: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    n, cells = int(counts.sum()), counts.size
    if n > _ROWS_PER_CELL * cells:
        return np.asarray(rng.multinomial(n, counts / n, size=size))
    cell_of = np.repeat(np.arange(cells), counts)
    draws = (cell_of[rng.integers(0, n, size=n)] for _ in range(size))
    return np.stack([np.bincount(draw, minlength=cells) for draw in draws])


def _quantiles(values: FloatArray, tails: list[float]) -> Interval | None:
    defined = values[~np.isnan(values)]
    if defined.size == 0:
        return None
    low, high = np.quantile(defined, tails)
    return float(low), float(high)
