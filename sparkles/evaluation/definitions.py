"""What each metric means, in a sentence."""

from __future__ import annotations

__all__ = ["definitions"]


def definitions(labels: list[str], resamples: int, confidence: float) -> dict[str, str]:
    """Define each metric in a sentence, for these classes.

    Examples
    --------
    >>> definitions(["Car", "Dog"], 1000, 0.95)["accuracy"]
    'The share of rows whose predicted class is the true class.'
    """
    areas = _areas_of_two(labels[1]) if len(labels) == 2 else _areas_of_many()
    return {
        "accuracy": "The share of rows whose predicted class is the true class.",
        "balanced_accuracy": "The mean recall of the classes that occur as true class.",
        "weighted_f1": "The classes' F1 scores, averaged with their rows as weights.",
        "weighted_precision": "The classes' precisions, averaged with their rows as weights;"
        " a class that is never predicted has precision 0.",
        "weighted_recall": "The classes' recalls, averaged with their rows as weights;"
        " the same number as accuracy.",
        "macro_f1": "The unweighted mean of the F1 scores of the classes that occur as true or as"
        " predicted class.",
        **areas,
        "log_loss": "The mean of minus the natural logarithm of the true class's probability,"
        " clipped to float64's epsilon; lower is better.",
        "low, high": f"The {confidence:.0%} percentile bootstrap interval from {resamples}"
        " resamples of the evaluated rows; it does not include the variation that training again"
        " would add.",
        "baseline": "The same metrics for always predicting the most frequent class in training,"
        " with the classes' shares of the training rows as probabilities.",
    }


def _areas_of_two(positive: str) -> dict[str, str]:
    return {
        "roc_auc": f"The chance that a row of {positive} has a higher rawPrediction for {positive}"
        " than another row; ties count half.",
        "weighted_roc_auc": "With two classes, the same number as roc_auc.",
        "pr_auc": f"Average precision of {positive} by rawPrediction: the sum over thresholds of"
        " the gain in recall times the precision there, without interpolation.",
    }


def _areas_of_many() -> dict[str, str]:
    left_out = "classes without an area (classes_without_auc) are left out"
    return {
        "roc_auc": "The unweighted mean of the classes' one-vs-rest ROC AUC by probability: the"
        f" chance that a row of the class outscores another; ties count half; {left_out}.",
        "weighted_roc_auc": "The classes' one-vs-rest ROC AUC, averaged with their rows as"
        f" weights; {left_out}.",
        "pr_auc": "The unweighted mean of the classes' one-vs-rest average precision by"
        " probability: the sum over thresholds of the gain in recall times the precision there,"
        " without interpolation; absent classes (absent_classes) are left out.",
    }
