"""Choices that only a command line knows; the others are among the columns."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DemoPhotos", "Listing", "OtherOpinion", "PoolingChoice"]


class PoolingChoice(StrEnum):
    """How the last feature map becomes a vector."""

    AVG = "avg"
    MAX = "max"
    NONE = "none"


class DemoPhotos(StrEnum):
    """What the demo works on."""

    DRAWN = "drawn"
    OPEN_IMAGES = "open-images"


class Listing(StrEnum):
    """Whether photos are listed, or looked up by the names ``<image_id>.jpg``."""

    AUTO = "auto"  # folders are listed, prefixes in S3 only where nothing else names the photos
    ALWAYS = "always"
    NEVER = "never"


class OtherOpinion(StrEnum):
    """Who explains a prediction beside the class activation map."""

    NONE = "none"
    SHAP = "shap"
