"""What commands share: Spark, an output folder, and photos to read."""

from __future__ import annotations

import re

from sparkles.choices import Listing
from sparkles.errors import SettingsError, UserError
from sparkles.ranges import FRACTION
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["OutputSettings", "PhotoSettings", "RejectionPolicy", "RunSettings", "SparkSettings"]

# What Spark accepts (SparkMasterRegex, and the schemes of its other cluster managers).
_MASTER = re.compile(
    r"local(\[(\*|[1-9]\d{0,4})(, *[1-9]\d{0,4})?\])?|local-cluster\[.+\]|yarn"
    r"|spark://[^\s/:]+:\d+(,[^\s/:]+:\d+)*/?|(k8s|mesos)://\S+"
)


class SparkSettings(Settings):
    """Settings of commands that run Spark."""

    section = "Spark and progress"

    master: str | None = setting(
        "Spark master, for example local[2] or spark://host:7077", default=None, metavar="URL"
    )
    quiet: bool = setting("print no progress", default=False)

    def find_problems(self) -> list[UserError]:
        """Check the form of the master."""
        problems = super().find_problems()
        if self.master is not None and not _MASTER.fullmatch(self.master):
            text = (
                "master: expected local[*], local[2], spark://host:7077, yarn or k8s://host, got "
                f"{self.master!r}"
            )
            problems.append(SettingsError(text, settings=["master"]))
        return problems


class OutputSettings(SparkSettings):
    """Settings of commands that write a folder."""

    section = "output"

    output: str = setting("folder to write; it must not exist", metavar="DIR", place="output")
    overwrite: bool = setting("replace an output that Sparkles wrote before", default=False)


class RunSettings(OutputSettings):
    """Settings of commands that may read photos and that write a folder."""

    section = "photos"

    list_images: Listing = setting(
        "whether to list the photos or to find each by its name; auto lists folders, and s3:// "
        "only where no labels name the photos",
        default=Listing.AUTO,
    )
    requester_pays: bool = setting(
        "pay for reading photos from a requester-pays bucket", default=False
    )


class PhotoSettings(RunSettings):
    """Settings of commands that read photos and write a folder."""

    section = "photos"

    images: str = setting(
        "folder or s3:// prefix of photos named <ImageID>.jpg, or a manifest (.csv, .parquet) "
        "with image_id and uri",
        metavar="PATH",
        place="input",
    )


class RejectionPolicy(Settings):
    """Settings of commands that put all photos through the network."""

    section = "photos"

    max_rejected: float | None = setting(
        "share of the photos found that may be rejected; if there are more, the run ends and keeps "
        "what it computed; default: 0.05, and up to 20 photos in any case",
        default=None,
        metavar="X",
        within=FRACTION,
    )
