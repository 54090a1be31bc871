"""What an environment on a cluster does without."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

__all__ = ["is_needed", "prune"]

# Tests of other projects, and what only compilers and type checkers read.
_FOLDERS = frozenset({"tests", "include"})
_SUFFIXES = frozenset({".a", ".h", ".hpp", ".lib", ".pyi", ".pyx", ".pxd", ".pc", ".cmake"})
# Installers write down where and how they worked: the build folder, times, their own name.
_NOTES = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})
# TensorFlow's metadata asks for these; nothing that converts or quantizes a network imports them.
# clang and tensorboard_data_server are 80 MB.
_PACKAGES = frozenset({"clang", "pip", "pkg_resources", "setuptools", "tensorboard_data_server"})
# botocore describes 400 services of AWS, in 28 MB; nodes ask S3, and these for credentials.
_SERVICES = frozenset({"s3", "signin", "sso", "sso-oidc", "sts"})


def is_needed(name: PurePosixPath) -> bool:
    """Whether a file of ``site-packages`` is wanted on a node.

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
    """Delete the files of ``site-packages`` that are not wanted."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not is_needed(PurePosixPath(path.relative_to(folder).as_posix())):
            path.unlink()
