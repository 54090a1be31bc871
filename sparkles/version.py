"""The version of this package, from the file that packaging reads, too."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["__version__"]

__version__ = files("sparkles").joinpath("VERSION").read_text().strip()
