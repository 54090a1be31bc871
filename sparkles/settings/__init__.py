"""What users can choose, as data: the command line, config files and ``run.json`` follow it."""

from sparkles.choices import DemoPhotos, Listing, OtherOpinion, PoolingChoice, Shell
from sparkles.settings.base import Settings, options_of, places_of, settings_to_json
from sparkles.settings.classifier import ClassifierSettings
from sparkles.settings.command import Command
from sparkles.settings.command_line import command_line, flag
from sparkles.settings.commands import (
    CompletionSettings,
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
from sparkles.settings.labels import AmbiguityPolicy, LabelPolicy, LabelSettings
from sparkles.settings.option import Option, setting
from sparkles.settings.run import OutputSettings, PhotoSettings, RunSettings, SparkSettings
from sparkles.settings.split import SplitPolicy

__all__ = [
    "AmbiguityPolicy",
    "ClassifierSettings",
    "Command",
    "CompletionSettings",
    "DemoPhotos",
    "DemoSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "FeaturizerSettings",
    "LabelPolicy",
    "LabelSettings",
    "Listing",
    "Option",
    "OtherOpinion",
    "OutputSettings",
    "PhotoSettings",
    "PoolingChoice",
    "PredictSettings",
    "PrepareSettings",
    "ReportSettings",
    "RunSettings",
    "Settings",
    "Shell",
    "SparkSettings",
    "SplitPolicy",
    "TrainSettings",
    "command_line",
    "flag",
    "options_of",
    "places_of",
    "read_config",
    "setting",
    "settings_to_json",
]
