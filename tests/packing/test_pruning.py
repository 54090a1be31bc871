"""Which files of installed packages stay, and which are deleted."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from packing.pruning import is_needed, prune

NEEDED = [
    "numpy/testing/__init__.py",
    "tests.py",  # a module, not a folder of tests
    "openvino/libs/libopenvino.so.2641",
    "sparkles/models/data/sparkles_demo.weights.h5",
    "tensorflow/python/include_me.py",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "botocore/data/endpoints.json",
    "numpy-2.1.3.dist-info/METADATA",
    "numpy-2.1.3.dist-info/licenses/LICENSE.txt",
]
LEFT_OUT = [
    "pandas/tests/test_frame.py",
    "tensorflow/include/tensorflow/core/public/session.h",
    "numpy/__init__.pyi",
    "numpy-2.1.3.dist-info/RECORD",
    "sparkles-0.1.0.dist-info/direct_url.json",
    "numpy-2.1.3.dist-info/uv_cache.json",
    "setuptools/__init__.py",
    "distutils-precedence.pth",
    "clang/native/libclang.so",
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
]


@pytest.mark.parametrize("name", NEEDED)
def test_files_that_run_are_needed(name: str) -> None:
    assert is_needed(PurePosixPath(name))


@pytest.mark.parametrize("name", LEFT_OUT)
def test_files_that_are_never_imported_are_not_needed(name: str) -> None:
    assert not is_needed(PurePosixPath(name))


def test_prune_deletes_unneeded_files(tmp_path: Path) -> None:
    for name in NEEDED + LEFT_OUT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    prune(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(NEEDED)
