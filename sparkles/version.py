"""The version of this package, from the file that packaging also reads, and those of others."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

__all__ = ["__version__", "package_versions"]

__version__ = files("sparkles").joinpath("VERSION").read_text().strip()


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of those packages that are installed, in the order of the names.

    Examples
    --------
    >>> list(package_versions(["numpy", "no-such-package"]))
    ['numpy']
    """
    found = {name: _installed(name) for name in names}
    return {name: number for name, number in found.items() if number is not None}


@functools.cache
def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
