"""Weights are stored by content, downloaded once, verified on each run, and never incomplete."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import Node, last_line

WEIGHTS = bytes(range(256)) * 300


@pytest.fixture
def weights(s3: FaultySource) -> str:
    return s3.put("keras/inception v3=tf.h5", WEIGHTS)


@pytest.fixture
def place(node: Node) -> Path:
    return node.models / sha256(WEIGHTS).hexdigest() / "inception v3=tf.h5"


def test_the_first_run_stages_weights_and_the_second_changes_nothing(
    node: Node, s3: FaultySource, weights: str, place: Path
) -> None:
    other = s3.put("resnet.h5", b"other weights")
    status, log = node.run("--weights", weights, f"--weights={other}")
    assert status == 0, log
    assert place.read_bytes() == WEIGHTS
    staged = {path.name for path in node.models.rglob("*.h5")}
    assert staged == {place.name, "resnet.h5"}
    assert place.stat().st_mode & 0o777 == 0o644
    before = node.files()
    s3.forget()
    status, log = node.run("--weights", weights, "--weights", other)
    assert (status, s3.requests) == (0, {}), log
    assert node.files() == before


def test_weights_need_neither_role_nor_python(node: Node, weights: str, place: Path) -> None:
    (node.root / "mnt/var/lib/info/instance.json").unlink()
    node.environment["SPARKLES_PYTHON"] = "/nowhere"
    status, log = node.run("--weights", weights)
    assert status == 0, log
    assert place.is_file()


def test_weights_can_be_combined_with_an_environment(
    node: Node, weights: str, place: Path, archives: list[str]
) -> None:
    status, log = node.run(*archives, "--weights", weights)
    assert status == 0, log
    assert node.versions() == "1.0"
    assert place.is_file()


def test_damaged_weights_are_downloaded_again(
    node: Node, s3: FaultySource, weights: str, place: Path
) -> None:
    node.run("--weights", weights)
    place.write_bytes(WEIGHTS[:-1])
    s3.forget()
    status, log = node.run("--weights", weights)
    assert status == 0, log
    assert f"{place} is damaged" in log
    assert s3.requests["GET"] == 1
    assert place.read_bytes() == WEIGHTS


def test_a_failed_download_keeps_the_staged_weights(
    node: Node, s3: FaultySource, weights: str, place: Path
) -> None:
    node.run("--weights", weights)
    wrong = s3.put("keras/wrong.h5", b"something else").rpartition("=")[0]
    status, log = node.run("--weights", f"{wrong}={'0' * 64}")
    assert status == 1
    assert "SHA-256" in last_line(log)
    assert [path for path in node.models.rglob("*") if path.is_file()] == [place]
