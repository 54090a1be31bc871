"""Exclude files that an environment on a cluster does not need."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

__all__ = ["is_needed", "prune"]

# Tests of other projects, and files that only compilers and type checkers read.
_FOLDERS = frozenset({"tests", "include"})
_SUFFIXES = frozenset({".a", ".h", ".hpp", ".lib", ".pyi", ".pyx", ".pxd", ".pc", ".cmake"})
# Installers record the build folder, times and their own name.
_NOTES = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})
# TensorFlow's metadata requires these, but converting and quantizing networks does not import
# them. clang and tensorboard_data_server are 80 MB.
_PACKAGES = frozenset({"clang", "pip", "pkg_resources", "setuptools", "tensorboard_data_server"})
# botocore describes 400 AWS services in 28 MB; nodes use S3, and the others for credentials.
_SERVICES = frozenset({"s3", "signin", "sso", "sso-oidc", "sts"})


def is_needed(name: PurePosixPath) -> bool:
    """Return whether a node needs a file of ``site-packages``.

    Examples
    --------
    >>> is_needed(PurePosixPath("numpy/linalg/_linalg.py"))
    True
    >>> is_needed(PurePosixPath("numpy/linalg/tests/test_linalg.py"))
    False
    >>> is_needed(PurePosixPath("numpy-2.1.3.dist-info/RECORD"))
    False
    """
    if name.parts[0] in _PACKAGES or name.parts[0].startswith(("_distutils", "distutils-prec")):
        return False
    if name.parts[:2] == ("botocore", "data") and len(name.parts) > 3:
        return name.parts[2] in _SERVICES
    if name.parts[0].endswith(".dist-info"):
        return name.name not in _NOTES and not name.name.startswith("uv_")
    return name.suffix not in _SUFFIXES and not _FOLDERS & set(name.parts[:-1])


def prune(folder: Path) -> None:
    """Delete the files of ``site-packages`` that a node does not need."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not is_needed(PurePosixPath(path.relative_to(folder).as_posix())):
            path.unlink()
