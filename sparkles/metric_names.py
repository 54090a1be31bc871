"""Readable names of metrics."""

from __future__ import annotations

__all__ = ["METRICS", "metric_names"]

# The metrics of an evaluation: key and readable name, in the order in which they are shown.
METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "weighted_f1": "F1, weighted",
    "weighted_precision": "precision, weighted",
    "weighted_recall": "recall, weighted",
    "macro_f1": "F1, macro",
    "roc_auc": "ROC AUC",
    "weighted_roc_auc": "ROC AUC, weighted",
    "pr_auc": "PR AUC",
    "log_loss": "log loss",
}


def metric_names(classes: int) -> dict[str, str]:
    """Return the metrics to show for a number of classes, by key.

    Examples
    --------
    >>> "weighted_roc_auc" in metric_names(2)  # the same number as roc_auc
    False
    """
    return {key: name for key, name in METRICS.items() if key != "weighted_roc_auc" or classes > 2}
