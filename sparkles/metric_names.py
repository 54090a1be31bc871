"""Metrics by the names that people read."""

from __future__ import annotations

__all__ = ["METRICS", "metric_names"]

# An evaluation's metrics by their keys, in the order in which they are told, as people call them.
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
    """The metrics that are told of so many classes.

    Examples
    --------
    >>> "weighted_roc_auc" in metric_names(2)  # the same number as roc_auc
    False
    """
    return {key: name for key, name in METRICS.items() if key != "weighted_roc_auc" or classes > 2}
