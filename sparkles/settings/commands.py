"""The settings of each command, composed of the settings of its steps."""

from __future__ import annotations

from sparkles.choices import DemoPhotos, OtherOpinion, Shell
from sparkles.errors import SettingsError, UserError
from sparkles.ranges import EVALUATIONS, MANY, SEED, between
from sparkles.settings.base import Settings
from sparkles.settings.classifier import ClassifierSettings
from sparkles.settings.featurizer import FeaturizerOptions, FeaturizerSettings
from sparkles.settings.labels import AmbiguityPolicy, ClassSettings, LabelSettings
from sparkles.settings.option import setting
from sparkles.settings.run import (
    OutputSettings,
    PhotoSettings,
    RejectionPolicy,
    RunSettings,
    SparkSettings,
)
from sparkles.settings.split import SplitPolicy

__all__ = [
    "CacheSettings",
    "CompletionSettings",
    "DemoSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "PredictSettings",
    "PrepareSettings",
    "ReportOptions",
    "ReportSettings",
    "TrainSettings",
]

_MODEL = "saved model, for example runs/demo/model"
_INTERVALS_SEED = "seed of the confidence intervals"
_FEW = between(0, 10_000)  # photos that a page shows, or that are slow to explain
_FEWEST = 40  # photos of a demo: enough to train and to test on


class PrepareSettings(LabelSettings, ClassSettings, AmbiguityPolicy, SplitPolicy, PhotoSettings):
    """Join labels and photos into a dataset, without opening a photo."""


class ReportOptions(Settings):
    """What the report of a training run shows."""

    section = "report"

    report_photos: int = setting(
        "photos in the galleries of report.html; 0 for none", default=48, metavar="N", within=_FEW
    )


class TrainSettings(
    FeaturizerSettings, ClassifierSettings, ReportOptions, PrepareSettings, RejectionPolicy
):
    """Train, evaluate and save a classifier."""

    seed: int = setting(
        "seed of the split, of random weights and of the confidence intervals",
        default=0,
        metavar="N",
        within=SEED,
    )

    def find_problems(self) -> list[UserError]:
        """Check that something is left to test on."""
        if self.test_fraction != 0:
            return super().find_problems()
        problem = SettingsError(
            "test_fraction: expected more than 0, or nothing is left to test on",
            settings=["test_fraction"],
        )
        return [*super().find_problems(), problem]


class ReportSettings(ReportOptions, SparkSettings):
    """Write the report of a finished training run again."""

    run: str = setting("folder that sparkles train wrote", metavar="DIR", place="input")


class FeaturizeSettings(FeaturizerSettings, PhotoSettings, RejectionPolicy):
    """Write the features of photos as Parquet."""

    labels: str | None = setting(
        "featurize only the photos that this table names: CSV, TSV, Parquet or JSON lines",
        default=None,
        metavar="TABLE",
        place="input",
    )
    id_column: str | None = setting(
        "column of labels that names the photo; default: found by its name",
        default=None,
        metavar="NAME",
    )


class EvaluateSettings(LabelSettings, AmbiguityPolicy, PhotoSettings, RejectionPolicy):
    """Evaluate a saved model on other labels."""

    model: str = setting(_MODEL, metavar="DIR", place="input")
    seed: int = setting(_INTERVALS_SEED, default=0, metavar="N", within=SEED)


class PredictSettings(PhotoSettings, RejectionPolicy):
    """Predict the classes of photos with a saved model."""

    model: str = setting(_MODEL, metavar="DIR", place="input")


class ExplainSettings(PhotoSettings):
    """Show which parts of photos count for a class and which count against it."""

    model: str = setting(_MODEL, metavar="DIR", place="input")
    classes: tuple[str, ...] = setting(
        "classes to explain in every photo, by name; default: the predicted one",
        default=(),
        metavar="A,B",
    )
    limit: int = setting(
        "photos to explain, chosen by a hash of their ids if there are more; 0 for all",
        default=100,
        metavar="N",
        within=between(0, MANY),
    )
    side: int = setting(
        "longer side of the overlays in pixels",
        default=448,
        metavar="N",
        within=between(32, 4096),
    )
    second_opinion: OtherOpinion = setting(
        "second method that explains a few photos for every class; shap covers parts of them and "
        "measures how the logits change",
        default=OtherOpinion.NONE,
    )
    second_opinion_photos: int = setting(
        "photos that get a second opinion", default=8, metavar="N", within=_FEW
    )
    evaluations: int = setting(
        "times that each of these photos goes through the network",
        default=500,
        metavar="N",
        within=EVALUATIONS,
    )


class ExploreSettings(LabelSettings, ClassSettings, RunSettings):
    """Count and draw labels and photos before anything is trained."""

    classes: tuple[str, ...] = setting(
        "classes whose balance to show, by name or key; only their photos are opened; or top:50, "
        "at-least:500 or @FILE",
        default=(),
        metavar="A,B",
    )
    images: str | None = setting(
        "folder or s3:// prefix of photos named <ImageID>.jpg, or a manifest; only the first "
        "kilobytes of each are read; default: labels alone",
        default=None,
        metavar="PATH",
        place="input",
    )
    top: int = setting(
        "number of the most frequent classes to draw and to pair",
        default=48,
        metavar="N",
        within=between(2, 100),  # a matrix can show as many
    )


class DemoSettings(FeaturizerOptions, ReportOptions, OutputSettings):
    """Run the whole job on photos that are drawn here, or on real ones."""

    output: str = setting("folder to write", default="runs/demo", metavar="DIR", place="output")
    photos: DemoPhotos = setting(
        "drawn here, or real ones from the public bucket", default=DemoPhotos.DRAWN
    )
    limit: int = setting(
        "photos to use", default=400, metavar="N", within=between(_FEWEST, 1_000_000)
    )
    model: str | None = setting(
        "name of the network; default: SparklesDemo for drawn photos, InceptionV3 for real ones",
        default=None,
        metavar="NAME",
    )
    seed: int = setting(
        "seed of the drawings and of the split", default=0, metavar="N", within=SEED
    )


class CacheSettings(Settings):
    """Show the converted networks that this machine keeps, or delete them.

    Jobs convert a network once and keep it in ``$SPARKLES_CACHE``, by default
    ``~/.cache/sparkles``. Above ``$SPARKLES_CACHE_GB`` gigabytes, by default 10, the networks that
    were not used for longest are deleted.
    """

    empty: bool = setting("delete them all; do this while no job starts", default=False)


class CompletionSettings(Settings):
    """Print a script that completes commands and options in a shell.

    Add ``source <(sparkles completion bash)`` to ``~/.bashrc``, the same with ``zsh`` to
    ``~/.zshrc``, or ``sparkles completion fish | source`` to ``~/.config/fish/config.fish``.
    """

    shell: Shell = setting("bash, zsh or fish", metavar="SHELL", positional=True)
