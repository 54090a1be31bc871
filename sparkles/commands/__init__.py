"""The commands: one function each, for the command line and for Python users."""

from sparkles.commands.cache import cache
from sparkles.commands.demo import demo
from sparkles.commands.evaluate import evaluate
from sparkles.commands.explain import explain
from sparkles.commands.explore import explore
from sparkles.commands.featurize import featurize
from sparkles.commands.predict import predict
from sparkles.commands.prepare import prepare
from sparkles.commands.report import report
from sparkles.commands.train import train

__all__ = [
    "cache",
    "demo",
    "evaluate",
    "explain",
    "explore",
    "featurize",
    "predict",
    "prepare",
    "report",
    "train",
]
