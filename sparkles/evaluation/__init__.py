"""Metrics of a classifier from a Spark DataFrame of its predictions.

One pass over Spark counts the rows that are alike; from these small tables come the metrics (as
scikit-learn computes them from the raw rows), their bootstrap intervals and the majority-class
baseline.
"""

from sparkles.evaluation.baseline import majority_tally
from sparkles.evaluation.bootstrap import bootstrap_intervals
from sparkles.evaluation.counting import EXACT_ROWS, count_predictions
from sparkles.evaluation.curves import measure_curves, trace_curves
from sparkles.evaluation.describe import describe_metrics
from sparkles.evaluation.evaluate import evaluate_predictions, evaluate_tally
from sparkles.evaluation.results import Curves, Evaluation
from sparkles.evaluation.tables import Tally

__all__ = [
    "evaluate_predictions",
    "describe_metrics",
    "Evaluation",
    "Curves",
    "EXACT_ROWS",
    "Tally",
    "bootstrap_intervals",
    "count_predictions",
    "evaluate_tally",
    "majority_tally",
    "measure_curves",
    "trace_curves",
]
