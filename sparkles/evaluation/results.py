"""The shape of an evaluation: plain dicts, lists, numbers, strings and None, ready for JSON."""

from __future__ import annotations

from typing import TypedDict

__all__ = [
    "Bootstrap",
    "Calibration",
    "CalibrationBin",
    "ClassCurves",
    "ClassMetrics",
    "ConfusionMatrix",
    "Coverage",
    "Curves",
    "Estimate",
    "Evaluation",
    "Metrics",
    "Scores",
    "Threshold",
    "definitions",
]


class Estimate(TypedDict):
    """A metric's value and its bootstrap interval; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


class ClassMetrics(TypedDict):
    """One class against the rest; an area that is undefined is None."""

    name: str
    support: int
    precision: float
    recall: float
    f1: float
    roc_auc: float | None
    pr_auc: float | None


class ConfusionMatrix(TypedDict):
    """Counts, the true class by row and the predicted class by column."""

    labels: list[str]
    rows_are: str
    columns_are: str
    counts: list[list[int]]


class Metrics(TypedDict):
    """The metrics of one classifier, or of the baseline, over the same rows."""

    accuracy: Estimate
    balanced_accuracy: Estimate
    weighted_f1: Estimate
    weighted_precision: Estimate
    weighted_recall: Estimate
    macro_f1: Estimate
    roc_auc: Estimate
    weighted_roc_auc: Estimate
    pr_auc: Estimate
    log_loss: Estimate
    per_class: list[ClassMetrics]
    confusion_matrix: ConfusionMatrix


class Baseline(Metrics):
    """The metrics of always answering the class most frequent in training."""

    predicted_class: str


class Scores(TypedDict):
    """Which column the areas rank by, and whether scores were taken as they came."""

    column: str
    exact: bool


class Bootstrap(TypedDict):
    """How the intervals were drawn."""

    resamples: int
    seed: int
    confidence: float


class Evaluation(Metrics):
    """What :func:`sparkles.evaluation.evaluate_predictions` returns."""

    n: int
    classes: list[str]
    absent_classes: list[str]
    classes_without_auc: list[str]
    scores: Scores
    bootstrap: Bootstrap
    baseline: Baseline | None
    definitions: dict[str, str]


class ClassCurves(TypedDict):
    """One class against the rest, as points; ``share`` is that of its rows."""

    name: str
    share: float
    roc: list[list[float]]
    pr: list[list[float]]


class CalibrationBin(TypedDict):
    """Rows about as sure as one another: how sure on average, and how often right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class Calibration(TypedDict):
    """How sure against how right; see :mod:`sparkles.evaluation.confidence`."""

    bins: list[CalibrationBin]
    ece: float
    brier: float


class Threshold(TypedDict):
    """What comes of calling the second of two classes from some probability on."""

    threshold: float
    flagged: int
    precision: float | None
    recall: float | None
    false_positive_rate: float | None


class Coverage(TypedDict):
    """What comes of answering only from some probability on."""

    threshold: float
    answered: int
    coverage: float
    accuracy: float | None


class Curves(TypedDict):
    """The content of ``curves.json``: what figures are drawn from."""

    classes: list[ClassCurves]
    calibration: Calibration
    thresholds: list[Threshold]
    coverage: list[Coverage]


def definitions(labels: list[str], resamples: int, confidence: float) -> dict[str, str]:
    """Say in a sentence what each metric means, for these classes.

    Examples
    --------
    >>> definitions(["Car", "Dog"], 1000, 0.95)["accuracy"]
    'The share of rows whose predicted class is the true class.'
    """
    areas = _areas_of_two(labels[1]) if len(labels) == 2 else _areas_of_many()
    return {
        "accuracy": "The share of rows whose predicted class is the true class.",
        "balanced_accuracy": "The mean recall over the classes that occur as true class.",
        "weighted_f1": "The classes' F1 scores, averaged with their rows as weights.",
        "weighted_precision": "The classes' precisions, averaged with their rows as weights;"
        " a class never predicted has precision 0.",
        "weighted_recall": "The classes' recalls, averaged with their rows as weights;"
        " the same number as accuracy.",
        "macro_f1": "The plain mean of the F1 scores of the classes that occur as true or as"
        " predicted class.",
        **areas,
        "log_loss": "The mean of minus the natural logarithm of the true class's probability,"
        " clipped to float64's epsilon; lower is better.",
        "low, high": f"The {confidence:.0%} percentile bootstrap interval from {resamples}"
        " resamples of the evaluated rows; it does not cover training anew.",
        "baseline": "The same metrics for always answering the class most frequent in training,"
        " with the classes' shares of the training rows as probabilities.",
    }


def _areas_of_two(positive: str) -> dict[str, str]:
    return {
        "roc_auc": f"The chance that a row of {positive} has a higher rawPrediction for {positive}"
        " than another row has; ties count half.",
        "weighted_roc_auc": "With two classes the same number as roc_auc.",
        "pr_auc": f"Average precision of {positive} by rawPrediction: the sum over thresholds of"
        " the gain in recall times the precision there, without interpolation.",
    }


def _areas_of_many() -> dict[str, str]:
    spared = "classes without an area (classes_without_auc) are left out"
    return {
        "roc_auc": "The plain mean of the classes' one-vs-rest ROC AUC by probability: the chance"
        f" that a row of the class outscores another, ties half; {spared}.",
        "weighted_roc_auc": "The classes' one-vs-rest ROC AUC, averaged with their rows as"
        f" weights; {spared}.",
        "pr_auc": "The plain mean of the classes' one-vs-rest average precision by probability:"
        " the sum over thresholds of the gain in recall times the precision there, without"
        " interpolation; absent classes (absent_classes) are left out.",
    }
