"""Wrong arguments end with status 2 before anything is changed."""

from __future__ import annotations

import re

import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import Node, last_line

HASH = "#sha256=" + "0" * 64
ARCHIVE = f"s3://bucket/environment.tar.gz{HASH}"
LOCK = f"s3://bucket/some.lock{HASH}"
WHEEL = f"s3://bucket/sparkles_ml-1.0-py3-none-any.whl{HASH}"

WRONG = {
    "nothing": ([], "nothing to do"),
    "role alone": (["--role", "driver"], "nothing to do"),
    "unknown": (["--archive", ARCHIVE], "unknown argument '--archive'"),
    "stray": ([ARCHIVE], f"unknown argument '{ARCHIVE}'"),
    "no value": (["--weights"], "--weights is ''"),
    "option for value": (["--weights", "--role", "driver"], "--weights is '--role'"),
    "no hash": (["--weights", "s3://bucket/a.h5"], "expected s3://bucket/key#sha256="),
    "short hash": (["--weights", "s3://bucket/a.h5#sha256=abc"], "64 hex digits"),
    "upper-case hash": (["--weights", f"s3://bucket/a.h5#sha256={'A' * 64}"], "lower case"),
    "no key": (["--weights", f"s3://bucket/{HASH}"], "s3://bucket/key"),
    "a folder": (["--weights", f"s3://bucket/folder/{HASH}"], "s3://bucket/key"),
    "no S3": (["--weights", f"https://bucket/a.h5{HASH}"], "s3://bucket/key"),
    "twice": (["--driver-archive", ARCHIVE] * 2, "--driver-archive is given twice"),
    "driver alone": (["--driver-archive", ARCHIVE], "--executor-archive is missing"),
    "executor alone": (["--executor-archive", ARCHIVE], "--driver-archive is missing"),
    "no wheel": (
        ["--driver-requirements", LOCK, "--executor-requirements", LOCK],
        "--wheel is missing",
    ),
    "wheel alone": (["--wheel", WHEEL], "--driver-requirements is missing"),
    "both ways": (
        ["--driver-archive", ARCHIVE, "--executor-archive", ARCHIVE, "--wheel", WHEEL],
        "archives cannot be combined",
    ),
    "unknown role": (["--role=core", "--weights", ARCHIVE], "--role is 'core'"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_errors(
    node: Node, s3: FaultySource, arguments: list[str], message: str
) -> None:
    status, log = node.run(*arguments)
    assert status == 2
    assert log.startswith("usage: install.sh ")
    assert message in last_line(log)
    assert not node.base.exists()
    assert not s3.requests


def test_help_ends_with_status_0(node: Node) -> None:
    process = node.start("--help")
    output, log = process.communicate()
    assert (process.returncode, log) == (0, "")
    assert output.startswith("usage: install.sh ")


def test_readme_and_help_list_the_same_options(node: Node, readme: str) -> None:
    output = node.start("--help").communicate()[0].partition("\n\n")[0]
    cells = re.findall(r"^\| (`--.+?) \| ", readme, re.MULTILINE)
    options = re.compile(r"--[a-z]+(?:-[a-z]+)*")
    assert set(options.findall("".join(cells))) == set(options.findall(output))
