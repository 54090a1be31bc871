"""What commands share: the life cycle of a run, its inputs, saved models and saved runs."""

from sparkles.workflow.classify_udf import register_udf
from sparkles.workflow.saved_outputs import SavedDataset, SavedExplanations, SavedExploration
from sparkles.workflow.saved_run import SavedRun, load_run

__all__ = [
    "SavedDataset",
    "SavedExplanations",
    "SavedExploration",
    "SavedRun",
    "load_run",
    "register_udf",
]
