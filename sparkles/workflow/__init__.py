"""The commands: the only place that composes the steps."""

from sparkles.workflow.demo import demo
from sparkles.workflow.evaluate import evaluate
from sparkles.workflow.explain import explain
from sparkles.workflow.explore import explore
from sparkles.workflow.featurize import featurize
from sparkles.workflow.pilot import pilot
from sparkles.workflow.predict import predict
from sparkles.workflow.prepare import prepare
from sparkles.workflow.report import report
from sparkles.workflow.saved_run import SavedRun, load_run
from sparkles.workflow.train import train

__all__ = [
    "SavedRun",
    "demo",
    "evaluate",
    "explain",
    "explore",
    "featurize",
    "load_run",
    "pilot",
    "predict",
    "prepare",
    "report",
    "train",
]
