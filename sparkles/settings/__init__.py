"""What a user can choose, as data: the command line, the config file and ``run.json`` follow it."""

from sparkles.settings.choices import DemoPhotos, Listing, PoolingChoice
from sparkles.settings.commands import (
    DemoSettings,
    EvaluateSettings,
    ExploreSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    TrainSettings,
)
from sparkles.settings.config import read_config
from sparkles.settings.conversion import flag
from sparkles.settings.setting import UNITS, Settings, options_of, settings_to_json

__all__ = [
    "UNITS",
    "DemoPhotos",
    "DemoSettings",
    "EvaluateSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "Listing",
    "PoolingChoice",
    "PredictSettings",
    "PrepareSettings",
    "Settings",
    "TrainSettings",
    "flag",
    "options_of",
    "read_config",
    "settings_to_json",
]
