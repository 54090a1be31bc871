"""What a user can choose, as data: the command line, the config file and ``run.json`` follow it."""

from sparkles.choices import DemoPhotos, Listing, OtherOpinion, PoolingChoice
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
from sparkles.settings.conversion import flag
from sparkles.settings.setting import (
    Settings,
    command_line,
    options_of,
    places_of,
    settings_to_json,
)

__all__ = [
    "DemoPhotos",
    "DemoSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "Listing",
    "OtherOpinion",
    "PoolingChoice",
    "PredictSettings",
    "PrepareSettings",
    "ReportSettings",
    "Settings",
    "TrainSettings",
    "command_line",
    "flag",
    "options_of",
    "places_of",
    "read_config",
    "settings_to_json",
]
