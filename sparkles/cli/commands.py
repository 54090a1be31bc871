"""The table of commands: a new command is a new row."""

from __future__ import annotations

from sparkles.emr.arguments import EMR_COMMANDS
from sparkles.settings import (
    DemoSettings,
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    ReportSettings,
    Settings,
    TrainSettings,
)
from sparkles.settings.command import Command
from sparkles.settings.commands import CacheSettings, CompletionSettings

__all__ = ["COMMANDS", "FIRST_STEPS", "GROUPS", "JOBS"]


def _job(name: str, settings: type[Settings], *examples: str) -> Command:
    return Command(name, settings, f"sparkles.commands.{name}", is_job=True, examples=examples)


_DATA = "--labels labels.csv --images photos"

COMMANDS = (
    _job(
        "train",
        TrainSettings,
        "sparkles train --images photos --output runs/cars",
        f"sparkles train {_DATA} --classes Car,Tree --model MobileNetV2 --output runs/fast",
        "sparkles train --config train.yaml --output runs/again --overwrite",
    ),
    _job(
        "predict",
        PredictSettings,
        "sparkles predict --model runs/cars/model --images new --output predicted",
        "sparkles predict --model runs/cars/model --images s3://bucket/new --output s3://bucket/out",
    ),
    _job(
        "evaluate",
        EvaluateSettings,
        "sparkles evaluate --model runs/cars/model --labels new.csv --images new --output check",
        "sparkles evaluate --config other.yaml --model runs/cars/model --output check --overwrite",
    ),
    _job(
        "featurize",
        FeaturizeSettings,
        "sparkles featurize --images photos --output features",
        "sparkles featurize --images photos --model ResNet50 --precision f32 --output features",
    ),
    _job(
        "prepare",
        PrepareSettings,
        f"sparkles prepare {_DATA} --classes Car,Tree --output dataset",
        f"sparkles prepare {_DATA} --classes Car,Tree --ambiguous first --output dataset",
    ),
    _job(
        "explore",
        ExploreSettings,
        "sparkles explore --images photos --output explored",
        f"sparkles explore {_DATA} --classes Car,Tree --output explored",
    ),
    _job(
        "explain",
        ExplainSettings,
        "sparkles explain --model runs/cars/model --images new --output explained",
        "sparkles explain --model runs/cars/model --images new --classes Car --output explained",
    ),
    _job(
        "report",
        ReportSettings,
        "sparkles report --run runs/cars",
        "sparkles report --run runs/cars --report-photos 200",
    ),
    Command(
        "demo",
        DemoSettings,
        "sparkles.commands.demo",
        examples=(
            "sparkles demo",
            "sparkles demo --photos open-images --limit 200 --output runs/real",
        ),
    ),
    *EMR_COMMANDS,
    Command(
        "cache",
        CacheSettings,
        "sparkles.commands.cache",
        has_config=False,
        examples=("sparkles cache", "sparkles cache --empty"),
    ),
    Command(
        "completion",
        CompletionSettings,
        "sparkles.cli.completion.print_completion",
        has_config=False,
        examples=("sparkles completion bash", "sparkles completion fish"),
    ),
)

# The first things to try, with what each does.
FIRST_STEPS = {
    "sparkles demo": "train on photos drawn here, offline, and see the report",
    "sparkles train --images photos --output runs/cars": "then with yours, a folder for each class",
}

# Commands of two words, by their first.
GROUPS = {"emr": "Check, size, price, launch and watch EMR clusters."}

JOBS = tuple(command.name for command in COMMANDS if command.is_job)
