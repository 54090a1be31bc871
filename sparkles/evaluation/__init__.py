"""Metrics of a classifier from a Spark DataFrame of its predictions.

One Spark job counts equal rows. The metrics (the same as scikit-learn computes from the raw rows),
their bootstrap intervals and the majority-class baseline are computed from these small tables.
"""

from sparkles.evaluation.baseline import majority_tally
from sparkles.evaluation.bootstrap import bootstrap_intervals
from sparkles.evaluation.counting import EXACT_ROWS, count_predictions
from sparkles.evaluation.curves import measure_curves, trace_curves
from sparkles.evaluation.describe import describe_metrics
from sparkles.evaluation.evaluate import evaluate_predictions, evaluate_tally
from sparkles.evaluation.tables import Tally
from sparkles.run_files import Curves, Evaluation

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
