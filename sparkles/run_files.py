"""What the JSON files in the folder of a run contain.

Commands write these files; the report and :func:`sparkles.load_run` read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

__all__ = [
    "Baseline",
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
    "FeatureAgreement",
    "FeaturizedNote",
    "LedgerFile",
    "Metrics",
    "NetworkNote",
    "RunFiles",
    "RunNote",
    "SameBytes",
    "SameBytesPhoto",
    "Scores",
    "Threshold",
    "estimate_of",
]


class Estimate(TypedDict):
    """A metric's value and its bootstrap interval; None where it is undefined."""

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
    """The column that the areas rank rows by, and whether its scores were used unrounded."""

    column: str
    exact: bool


class Bootstrap(TypedDict):
    """How the intervals were drawn."""

    resamples: int
    seed: int
    confidence: float


class Evaluation(Metrics):
    """``metrics.json``: what :func:`sparkles.evaluation.evaluate_predictions` returns."""

    n: int
    classes: list[str]
    absent_classes: list[str]
    classes_without_auc: list[str]
    scores: Scores
    bootstrap: Bootstrap
    baseline: Baseline | None
    definitions: dict[str, str]


class ClassCurves(TypedDict):
    """One class against the rest, as points; ``share`` is the share of its rows in all rows."""

    name: str
    share: float
    roc: list[list[float]]
    pr: list[list[float]]


class CalibrationBin(TypedDict):
    """Rows with similar probabilities: their mean probability, and how often they are right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class Calibration(TypedDict):
    """Confidence against accuracy; see :mod:`sparkles.evaluation.confidence`."""

    bins: list[CalibrationBin]
    ece: float
    brier: float


class Threshold(TypedDict):
    """Predicting the second of two classes from a probability of ``threshold``."""

    threshold: float
    flagged: int
    precision: float | None
    recall: float | None
    false_positive_rate: float | None


class Coverage(TypedDict):
    """Predicting only where the probability is at least ``threshold``."""

    threshold: float
    answered: int
    coverage: float
    accuracy: float | None


class Curves(TypedDict):
    """``curves.json``: what the figures are drawn from."""

    classes: list[ClassCurves]
    calibration: Calibration
    thresholds: list[Threshold]
    coverage: list[Coverage]


class SameBytesPhoto(TypedDict):
    """A photo that has the same bytes as another."""

    image_id: str
    split: str
    labels: list[str]


class SameBytes(TypedDict):
    """Featurized photos that have the same bytes as another; they form groups.

    Each example is of two photos of a group: in different parts of the data or with different
    labels, if the group has such photos.
    """

    photos: int
    groups: int
    in_several_parts: int  # groups
    with_different_labels: int  # groups
    examples: list[list[SameBytesPhoto]]


class LedgerFile(TypedDict):
    """``ledger.json``: see :class:`sparkles.dataset.Ledger`."""

    label_rows: dict[str, int]
    images: dict[str, int]
    photos: dict[str, int] | None
    rejected: dict[str, int]
    splits: dict[str, dict[str, int]]
    stratification_error: float | None
    same_bytes: NotRequired[SameBytes | None]  # absent in older runs


class FeatureAgreement(TypedDict):
    """How close the features of a quantized network are to those in float32."""

    median: float  # cosine over the photos of the check
    least: float  # cosine
    photos: int


class NetworkNote(TypedDict):
    """The network of a run; ``precisions`` counts photos by what their features are computed in."""

    model: str
    weights: str
    output_layer: str | None
    pooling: str | None
    features: int
    input: list[int]
    engine: str
    fingerprint: str
    precision_asked: str
    int8: FeatureAgreement | None
    precisions: NotRequired[dict[str, int]]


class FeaturizedNote(TypedDict):
    """What became of the photos of ``featurize`` and ``predict``: counts of each outcome."""

    images: dict[str, int]
    rejected: dict[str, int]
    precisions: dict[str, int]


class RunNote(TypedDict):
    """``run.json``: how a run was made. Commands add facts of their own.

    The keys that are not required are those that ``train`` adds, and ``photos``, where photos were
    listed.
    """

    command: str
    settings: dict[str, Any]  # which there are depends on the command
    started: str
    seconds: dict[str, float]
    versions: dict[str, str]
    master: str
    photos: NotRequired[dict[str, int]]  # see sparkles.sources.Photos.counts
    explained: NotRequired[int]  # by explain
    network: NotRequired[NetworkNote]
    training_counts: NotRequired[dict[str, int]]
    notes: NotRequired[list[str]]


class PilotNote(TypedDict):
    """A pilot's measurement: how fast a machine put photos through a network on all its cores."""

    network: str
    precision: str  # what the features were computed in
    cpu: str
    per_vcpu: float  # photos per second and core
    worker_mb: int  # resident MiB of the largest worker
    photos: int
    seconds: float


class RunFiles(TypedDict):
    """The JSON files of a training run or an evaluation, by their names without suffix."""

    run: RunNote
    ledger: LedgerFile
    metrics: Evaluation
    curves: Curves


def estimate_of(metrics: Metrics, key: str) -> Estimate:
    """Look up a metric by a key that is only known when the program runs.

    Examples
    --------
    >>> estimate_of({"accuracy": {"value": 0.9, "low": 0.8, "high": 1.0}}, "accuracy")["value"]
    0.9
    """
    return cast(Mapping[str, Estimate], metrics)[key]
