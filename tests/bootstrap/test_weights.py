"""Weights by content: once downloaded, checked on each run, never half there."""

from hashlib import sha256

import pytest

from tests.bootstrap.node import last_line

WEIGHTS = bytes(range(256)) * 300


@pytest.fixture
def weights(s3):
    return s3.put("keras/inception v3=tf.h5", WEIGHTS)


@pytest.fixture
def place(node):
    return node.models / sha256(WEIGHTS).hexdigest() / "inception v3=tf.h5"


def test_first_run_stages_and_second_does_nothing(node, s3, weights, place):
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
    assert (status, s3.asked) == (0, {}), log
    assert node.files() == before


def test_weights_need_neither_role_nor_python(node, weights, place):
    (node.root / "mnt/var/lib/info/instance.json").unlink()
    node.environment["SPARKLES_PYTHON"] = "/nowhere"
    status, log = node.run("--weights", weights)
    assert status == 0, log
    assert place.is_file()


def test_weights_with_an_environment(node, weights, place, archives):
    status, log = node.run(*archives, "--weights", weights)
    assert status == 0, log
    assert node.versions() == "1.0"
    assert place.is_file()


def test_damaged_weights_are_downloaded_again(node, s3, weights, place):
    node.run("--weights", weights)
    place.write_bytes(WEIGHTS[:-1])
    s3.forget()
    status, log = node.run("--weights", weights)
    assert status == 0, log
    assert f"{place} is damaged" in log
    assert s3.asked["GET"] == 1
    assert place.read_bytes() == WEIGHTS


def test_weights_that_never_come_whole_leave_the_staged_ones(node, s3, weights, place):
    node.run("--weights", weights)
    wrong = s3.put("keras/wrong.h5", b"something else").rpartition("=")[0]
    status, log = node.run("--weights", f"{wrong}={'0' * 64}")
    assert status == 1
    assert "SHA-256" in last_line(log)
    assert [path for path in node.models.rglob("*") if path.is_file()] == [place]
