"""The real AWS CLI, where it is installed, behaves like the stand-in of the other tests."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import Node, last_line

CLI = shutil.which("aws")


@pytest.fixture
def real(node: Node) -> Node:
    """Return the node of the other tests, with the real AWS CLI."""
    works = (
        CLI and not subprocess.run([CLI, "--version"], capture_output=True, check=False).returncode
    )
    if not works:
        pytest.skip("the AWS CLI is not installed")
    node.command("aws", f'exec {CLI} "$@"')
    node.environment |= {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    return node


def test_the_real_cli_downloads(real: Node, s3: FaultySource) -> None:
    uri = s3.put("keras/inception v3=tf.h5", b"weights")
    status, log = real.run("--weights", uri)
    assert status == 0, log
    assert [path.read_bytes() for path in real.models.rglob("*.h5")] == [b"weights"]


def test_the_real_cli_reports_a_missing_key(real: Node, s3: FaultySource) -> None:
    status, log = real.run("--weights", f"s3://models/none.h5#sha256={'0' * 64}")
    assert status == 1
    assert re.search(r"\(404\).+; expected a bucket and a key that exist", last_line(log))


def test_the_real_cli_reports_a_denied_request(real: Node, s3: FaultySource) -> None:
    uri = s3.put("refused.h5", b"weights")
    s3.faults["HEAD", "refused.h5"] = ["403"]
    status, log = real.run("--weights", uri)
    assert status == 1
    assert re.search(r"\(403\).+; expected s3:GetObject", last_line(log))
