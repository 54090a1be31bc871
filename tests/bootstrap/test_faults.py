"""Faults of S3 and of disks: retried where that helps, and otherwise an error of one line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import SCRIPT, Node, environment_archive, last_line

KEY = "keras/weights.h5"
WEIGHTS = os.urandom(100_000)
NOTHING = ["mnt/sparkles/.lock"]


@pytest.fixture
def weights(s3: FaultySource) -> list[str]:
    return ["--weights", s3.put(KEY, WEIGHTS)]


def staged(node: Node) -> list[bytes]:
    return [path.read_bytes() for path in node.models.rglob("*") if path.is_file()]


def assert_failed(result: tuple[int, str], *parts: str) -> None:
    """Check that the last line has what failed, what was expected and the remedy."""
    status, log = result
    assert status == 1, log
    assert re.search(r"failed: .+; expected .+; remedy: .+$", last_line(log))
    for part in parts:
        assert part in last_line(log)


@pytest.mark.parametrize("fault", ["corrupt", "short", "cut", "503", "500"])
def test_a_temporary_fault_is_retried(
    node: Node, s3: FaultySource, weights: list[str], fault: str
) -> None:
    s3.faults["GET", KEY] = [fault]
    status, log = node.run(*weights)
    assert status == 0, log
    assert staged(node) == [WEIGHTS]
    assert s3.requests["GET"] == 2
    assert f"attempt 1 of 3 for s3://models/{KEY}" in log


def test_a_throttled_request_for_the_size_is_retried(
    node: Node, s3: FaultySource, weights: list[str]
) -> None:
    s3.faults["HEAD", KEY] = ["503", "503"]
    assert node.run(*weights)[0] == 0
    assert s3.requests == {"HEAD": 3, "GET": 1}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("corrupt", "received 100000 of 100000 bytes with SHA-256 "),
        ("short", "received 50000 of 100000 bytes with SHA-256 "),
        ("cut", "IncompleteRead(50000 bytes read, 50000 more expected)"),
        ("503", "An error occurred (503) when calling the GetObject operation: Slow Down"),
    ],
)
def test_a_permanent_fault_is_an_error_and_leaves_nothing_behind(
    node: Node, s3: FaultySource, weights: list[str], fault: str, message: str
) -> None:
    s3.faults["GET", KEY] = [fault] * 5
    assert_failed(node.run(*weights), "attempt 3 of 3", f"s3://models/{KEY}", message)
    assert s3.requests["GET"] == 3
    assert list(node.files()) == NOTHING


def test_a_damaged_archive_leaves_nothing_behind(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    s3.faults["GET", "executors.tar.gz"] = ["corrupt"] * 5
    digest = archives[3].rpartition("=")[2]
    assert_failed(node.run(*archives), f"instead of {digest}", "correct its #sha256=")
    assert list(node.files()) == NOTHING


@pytest.mark.parametrize(
    ("uri", "message"),
    [("s3://models/no/such.h5", "(404)"), ("s3://no-such-bucket/weights.h5", "(404)")],
)
def test_a_missing_object_is_requested_once(
    node: Node, s3: FaultySource, uri: str, message: str
) -> None:
    result = node.run("--weights", f"{uri}#sha256={'0' * 64}")
    assert_failed(result, uri, message, "a bucket and a key that exist", "upload it")
    assert s3.requests == {"HEAD": 1}


@pytest.mark.parametrize(
    ("method", "requests"), [("HEAD", {"HEAD": 1}), ("GET", {"HEAD": 1, "GET": 1})]
)
def test_a_denied_object_is_requested_once(
    node: Node, s3: FaultySource, weights: list[str], method: str, requests: dict[str, int]
) -> None:
    s3.faults[method, KEY] = ["403"] * 5
    assert_failed(node.run(*weights), "(403)", "s3:GetObject", "instance profile")
    assert s3.requests == requests


def test_a_missing_network_is_an_error_after_retries(node: Node, weights: list[str]) -> None:
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        node.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
        status, log = node.run(*weights)
    assert_failed((status, log), "attempt 3 of 3", "Could not connect", "gateway endpoint or NAT")
    assert log.count("trying again") == 2


def test_missing_credentials_are_an_error_after_retries(node: Node, weights: list[str]) -> None:
    # The AWS CLI's message; it is retried, because the metadata service may be late.
    words = (
        'Unable to locate credentials. You can configure credentials by running "aws configure".'
    )
    node.command("aws", f"echo -e '\\n{words}' >&2; exit 253")
    status, log = node.run(*weights)
    assert_failed((status, log), words, "EC2 instance profile")
    assert log.count("trying again") == 2


def test_delays_grow_and_differ(node: Node, weights: list[str], tmp_path: Path) -> None:
    naps = tmp_path / "naps"
    node.command("sleep", f'echo "$1" >>{naps}')
    node.environment |= {"SPARKLES_ATTEMPTS": "5", "SPARKLES_FIRST_WAIT": "100"}
    node.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    node.run(*weights)
    waited = [int(line) for line in naps.read_text().split()]
    assert len(waited) == 4
    for wait, least in zip(waited, [100, 200, 400, 800], strict=True):
        assert least <= wait <= 2 * least
    assert waited != [100, 200, 400, 800], "otherwise all nodes would retry at the same time"


def test_a_full_disk_is_detected_before_the_download(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    node.command("df", 'echo Avail; echo 500; echo "$@" >&2')
    size = len(environment_archive({}))
    assert size < 500 < 5 * size, "the content also needs space"
    archive = s3.put("small.tar.gz", environment_archive({}))
    status, log = node.run(*archives[:3], archive)
    assert_failed((status, log), "it needs 1 MiB", f"{node.base} has 1 MiB free")
    assert "EbsRootVolumeSize" in last_line(log)
    assert s3.requests == {"HEAD": 1}
    assert f"--block-size=1 {node.base}\n" in log


def in_small_volume(node: Node, kibibytes: int, *arguments: str) -> tuple[int, str]:
    """Run with /mnt/sparkles on a separate volume of the given size in KiB."""
    node.base.mkdir(parents=True, exist_ok=True)
    script = f'mount -t tmpfs -o size={kibibytes}k tmpfs {node.base} && exec {SCRIPT} "$@"'
    unshare = ["unshare", "--map-root-user", "--mount", "bash", "-c"]
    if subprocess.run([*unshare, f"mount -t tmpfs tmpfs {node.base}"], check=False).returncode:
        pytest.skip("volumes cannot be mounted here: user namespaces are not permitted")
    done = subprocess.run(
        [*unshare, script, "install.sh", *arguments],
        env=node.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_small_volume_is_detected_before_the_download(
    node: Node, s3: FaultySource, weights: list[str]
) -> None:
    result = in_small_volume(node, 64, *weights)
    assert_failed(result, f"no space for s3://models/{KEY}: it needs 1 MiB", "MiB free")
    assert s3.requests == {"HEAD": 1}


def test_an_archive_larger_than_expected_is_an_error(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    zeros = f"zeros = '{'0' * 2_000_000}'\n"  # 1000 times smaller in the archive
    archive = s3.put("zeros.tar.gz", environment_archive({"sparkles": "1"}, source=zeros))
    result = in_small_volume(node, 1024, *archives[:3], archive)
    assert_failed(result, "zeros.tar.gz does not unpack", "Wrote only", "larger volumes")


def test_a_disk_that_fills_during_the_download_is_an_error(
    node: Node, s3: FaultySource, weights: list[str]
) -> None:
    node.command("df", "echo Avail; echo 1000000000")  # as if others then used the space
    result = in_small_volume(node, 64, *weights)
    assert_failed(result, "No space left on device", "EbsRootVolumeSize")
    assert s3.requests["GET"] == 1


def test_a_lock_that_cannot_be_opened_is_an_error(node: Node, weights: list[str]) -> None:
    (node.base / ".lock").mkdir(parents=True)
    assert_failed(node.run(*weights), f"cannot open {node.base}/.lock")


def test_an_unexpected_failure_also_ends_with_one_line(node: Node, weights: list[str]) -> None:
    node.command("df", "echo broken >&2; exit 3")
    status, log = node.run(*weights)
    assert_failed((status, log), "df", "ended with status 3")
    assert not (node.base / ".staging").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_leaves_nothing_behind(
    node: Node, s3: FaultySource, weights: list[str], number: signal.Signals
) -> None:
    s3.hold()
    run = node.start(*weights)
    assert s3.arrived.wait(60)
    os.killpg(run.pid, number)
    log = run.communicate()[1]
    assert run.returncode == 143
    assert "stopped by a signal" in last_line(log)
    assert list(node.files()) == NOTHING


def test_the_next_run_cleans_up_after_a_killed_one(
    node: Node, s3: FaultySource, archives: list[str], weights: list[str]
) -> None:
    s3.hold()
    run = node.start(*weights)
    assert s3.arrived.wait(60)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    (node.base / ".staging/environment").symlink_to("environments/half")  # as before the rename
    s3.forget()
    status, log = node.run(*archives, *weights)
    assert status == 0, log
    assert (staged(node), node.versions()) == ([WEIGHTS], "1.0")
    assert not (node.base / ".staging").exists()


def test_two_runs_at_once_download_once(
    node: Node, s3: FaultySource, archives: list[str], weights: list[str]
) -> None:
    s3.hold()
    first = node.start(*archives, *weights)
    assert s3.arrived.wait(60)
    second = node.start(*archives, *weights)
    assert second.stderr
    line = second.stderr.readline()
    s3.released.set()
    logs = [first.communicate()[1], line + second.communicate()[1]]
    assert (first.returncode, second.returncode) == (0, 0), logs
    assert "another run is active on this node" in line
    assert s3.requests == {"HEAD": 2, "GET": 2}
    assert staged(node) == [WEIGHTS]
    assert node.versions() == "1.0"
