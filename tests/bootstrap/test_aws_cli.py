"""The real AWS CLI, where there is one: the stand-in's words are its words."""

import re
import shutil
import subprocess

import pytest

from tests.bootstrap.node import last_line

CLI = shutil.which("aws")


@pytest.fixture
def real(node):
    """The node of the other tests, with the real AWS CLI."""
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


def test_download_with_the_real_cli(real, s3):
    uri = s3.put("keras/inception v3=tf.h5", b"weights")
    status, log = real.run("--weights", uri)
    assert status == 0, log
    assert [path.read_bytes() for path in real.models.rglob("*.h5")] == [b"weights"]


def test_missing_key_with_the_real_cli(real, s3):
    status, log = real.run("--weights", f"s3://models/none.h5#sha256={'0' * 64}")
    assert status == 1
    assert re.search(r"\(404\).+; expected a bucket and a key that exist", last_line(log))


def test_refusal_with_the_real_cli(real, s3):
    uri = s3.put("refused.h5", b"weights")
    s3.faults["HEAD", "refused.h5"] = ["403"]
    status, log = real.run("--weights", uri)
    assert status == 1
    assert re.search(r"\(403\).+; expected s3:GetObject", last_line(log))
