"""``sparkles demo``: the whole job on drawn photos, or on real ones from the public bucket."""

from __future__ import annotations

from sparkles.settings import DemoSettings

__all__ = ["demo"]


def demo(settings: DemoSettings) -> None:
    """To come."""
