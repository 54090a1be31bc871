"""What users can choose, as data: the command line, config files and ``run.json`` follow it."""

from sparkles.settings.base import Settings, settings_to_json
from sparkles.settings.classifier import ClassifierSettings
from sparkles.settings.command_line import command_line
from sparkles.settings.commands import (
    DemoSettings,
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    ReportSettings,
    TrainSettings,
)
from sparkles.settings.config import read_config
from sparkles.settings.featurizer import FeaturizerSettings
from sparkles.settings.labels import (
    AmbiguityPolicy,
    ClassSettings,
    LabelPolicy,
    LabelSettings,
    LabelTableSettings,
)
from sparkles.settings.run import OutputSettings, PhotoSettings, RunSettings, SparkSettings
from sparkles.settings.split import SplitPolicy

__all__ = [
    "AmbiguityPolicy",
    "ClassSettings",
    "ClassifierSettings",
    "DemoSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "FeaturizerSettings",
    "LabelPolicy",
    "LabelSettings",
    "LabelTableSettings",
    "OutputSettings",
    "PhotoSettings",
    "PredictSettings",
    "PrepareSettings",
    "ReportSettings",
    "RunSettings",
    "Settings",
    "SparkSettings",
    "SplitPolicy",
    "TrainSettings",
    "command_line",
    "read_config",
    "settings_to_json",
]
