"""Random predictions for the tests, and their metrics by scikit-learn, computed row by row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from sklearn import metrics as sk

from sparkles.evaluation.tables import Tally, clipped_log_loss

LABELS = ["Car", "Dog", "Tree", "Boat", "Hat"]


@dataclass(frozen=True)
class Rows:
    """Class names, and the true class and the margins of each row."""

    labels: list[str]
    truth: np.ndarray
    raw: np.ndarray

    @property
    def probability(self) -> np.ndarray:
        powers = np.exp(self.raw - self.raw.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    @property
    def predicted(self) -> np.ndarray:
        return self.probability.argmax(axis=1)

    @property
    def scores(self) -> np.ndarray:
        return self.raw if len(self.labels) == 2 else self.probability

    def taken(self, index: npt.ArrayLike) -> Rows:
        return Rows(self.labels, self.truth[index], self.raw[index])

    def tally(self) -> Tally:
        n = np.arange(self.truth.size)
        losses = clipped_log_loss(self.probability[n, self.truth])
        return Tally.of_rows(
            self.labels, self.truth, self.predicted, self.scores, losses, np.ones_like(n)
        )

    def frame(self, spark: SparkSession) -> DataFrame:
        rows = [
            (self.labels[t], float(t), Vectors.dense(r), Vectors.dense(p), float(y))
            for t, r, p, y in zip(
                self.truth, self.raw, self.probability, self.predicted, strict=True
            )
        ]
        names = ["label", "label_index", "rawPrediction", "probability", "prediction"]
        return spark.createDataFrame(rows, names)


def made_rows(
    classes: int,
    n: int = 90,
    seed: int = 0,
    skill: float = 1.0,
    shares: list[float] | None = None,
    decimals: int | None = None,
) -> Rows:
    """Make random rows; the more skill, the more often the true class has the largest margin."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, size=n, p=shares)
    raw = rng.normal(size=(n, classes)) + skill * np.eye(classes)[truth]
    if classes == 2:
        raw = np.stack([-raw[:, 1] + raw[:, 0], raw[:, 1] - raw[:, 0]], axis=1)
    return Rows(LABELS[:classes], truth, raw if decimals is None else raw.round(decimals))


CASES = {
    "binary": made_rows(2),
    "three classes": made_rows(3),
    "five classes": made_rows(5, n=120),
    "ties, binary": made_rows(2, decimals=0),
    "ties, three classes": made_rows(3, decimals=0),
    "absent of two": made_rows(2, shares=[1.0, 0.0]),
    "absent of three": made_rows(3, shares=[0.5, 0.0, 0.5]),
    "imbalanced": made_rows(2, n=200, shares=[0.97, 0.03]),
    "perfectly separated": made_rows(2, skill=50.0),
    "three separated": made_rows(3, skill=50.0),
    "constant, binary": Rows(LABELS[:2], made_rows(2).truth, np.zeros((90, 2))),
    "constant, three classes": Rows(LABELS[:3], made_rows(3).truth, np.zeros((90, 3))),
}


def sklearn_areas(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Compute ROC AUC and average precision of each class against the rest; NaN if undefined."""
    roc, pr = [], []
    for k in range(len(rows.labels)):
        positive = rows.truth == k
        both = 0 < positive.sum() < positive.size
        roc.append(sk.roc_auc_score(positive, rows.scores[:, k]) if both else np.nan)
        some = positive.any()
        pr.append(sk.average_precision_score(positive, rows.scores[:, k]) if some else np.nan)
    return np.array(roc), np.array(pr)


def sklearn_headlines(rows: Rows) -> dict[str, float | None]:
    """Compute the headline metrics; None or NaN if undefined."""
    y, p, classes = rows.truth, rows.predicted, len(rows.labels)
    roc, pr = sklearn_areas(rows)
    support = np.bincount(y, minlength=classes)
    chosen = np.array([1]) if classes == 2 else np.flatnonzero(~np.isnan(roc))
    weighted = np.average(roc[chosen], weights=support[chosen]) if support[chosen].any() else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "y_pred contains classes not in y_true"
        return {
            "accuracy": sk.accuracy_score(y, p),
            "balanced_accuracy": sk.balanced_accuracy_score(y, p),
            "weighted_f1": sk.f1_score(y, p, average="weighted", zero_division=0),
            "weighted_precision": sk.precision_score(y, p, average="weighted", zero_division=0),
            "weighted_recall": sk.recall_score(y, p, average="weighted", zero_division=0),
            "macro_f1": sk.f1_score(y, p, average="macro", zero_division=0),
            "roc_auc": np.mean(roc[chosen]),
            "weighted_roc_auc": weighted,
            "pr_auc": np.mean(pr[chosen]),
            "log_loss": sk.log_loss(y, rows.probability, labels=range(classes)),
        }
