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
    TrainSettings,
)
from sparkles.settings.command import Command
from sparkles.settings.commands import CompletionSettings

__all__ = ["COMMANDS", "GROUPS", "JOBS"]

COMMANDS = (
    Command("train", TrainSettings, "sparkles.commands.train", is_job=True),
    Command("predict", PredictSettings, "sparkles.commands.predict", is_job=True),
    Command("evaluate", EvaluateSettings, "sparkles.commands.evaluate", is_job=True),
    Command("featurize", FeaturizeSettings, "sparkles.commands.featurize", is_job=True),
    Command("prepare", PrepareSettings, "sparkles.commands.prepare", is_job=True),
    Command("explore", ExploreSettings, "sparkles.commands.explore", is_job=True),
    Command("explain", ExplainSettings, "sparkles.commands.explain", is_job=True),
    Command("report", ReportSettings, "sparkles.commands.report", is_job=True),
    Command("demo", DemoSettings, "sparkles.commands.demo"),
    *EMR_COMMANDS,
    Command(
        "completion",
        CompletionSettings,
        "sparkles.cli.completion.print_completion",
        has_config=False,
    ),
)

# Commands of two words, by their first.
GROUPS = {"emr": "Check, size, price, launch and watch EMR clusters."}

JOBS = tuple(command.name for command in COMMANDS if command.is_job)
