"""S3 and disks on a bad day: asked again where that helps, and one clear line where not."""

import os
import re
import signal
import socket
import subprocess

import pytest

from tests.bootstrap.node import SCRIPT, environment_archive, last_line

KEY = "keras/weights.h5"
WEIGHTS = os.urandom(100_000)
NOTHING = ["mnt/sparkles/.lock"]


@pytest.fixture
def weights(s3):
    return ["--weights", s3.put(KEY, WEIGHTS)]


def staged(node):
    return [path.read_bytes() for path in node.models.rglob("*") if path.is_file()]


def assert_failed(result, *parts):
    """One line at the end with what failed, what was expected and the remedy."""
    status, log = result
    assert status == 1, log
    assert re.search(r"failed: .+; expected .+; remedy: .+$", last_line(log))
    for part in parts:
        assert part in last_line(log)


@pytest.mark.parametrize("fault", ["corrupt", "short", "cut", "503", "500"])
def test_what_passes_is_asked_again(node, s3, weights, fault):
    s3.faults["GET", KEY] = [fault]
    status, log = node.run(*weights)
    assert status == 0, log
    assert staged(node) == [WEIGHTS]
    assert s3.asked["GET"] == 2
    assert f"attempt 1 of 3 for s3://models/{KEY}" in log


def test_a_throttled_question_for_the_size_is_asked_again(node, s3, weights):
    s3.faults["HEAD", KEY] = ["503", "503"]
    assert node.run(*weights)[0] == 0
    assert s3.asked == {"HEAD": 3, "GET": 1}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("corrupt", "100000 of 100000 bytes came, with SHA-256 "),
        ("short", "50000 of 100000 bytes came, with SHA-256 "),
        ("cut", "IncompleteRead(50000 bytes read, 50000 more expected)"),
        ("503", "An error occurred (503) when calling the GetObject operation: Slow Down"),
    ],
)
def test_what_stays_is_refused_and_leaves_nothing(node, s3, weights, fault, said):
    s3.faults["GET", KEY] = [fault] * 5
    assert_failed(node.run(*weights), "attempt 3 of 3", f"s3://models/{KEY}", said)
    assert s3.asked["GET"] == 3
    assert list(node.files()) == NOTHING


def test_a_damaged_archive_leaves_nothing(node, s3, archives):
    s3.faults["GET", "executors.tar.gz"] = ["corrupt"] * 5
    digest = archives[3].rpartition("=")[2]
    assert_failed(node.run(*archives), f"instead of {digest}", "correct its #sha256=")
    assert list(node.files()) == NOTHING


@pytest.mark.parametrize(
    ("uri", "said"),
    [("s3://models/no/such.h5", "(404)"), ("s3://no-such-bucket/weights.h5", "(404)")],
)
def test_what_does_not_exist_is_asked_for_once(node, s3, uri, said):
    result = node.run("--weights", f"{uri}#sha256={'0' * 64}")
    assert_failed(result, uri, said, "a bucket and a key that exist", "upload it")
    assert s3.asked == {"HEAD": 1}


@pytest.mark.parametrize(
    ("method", "asked"), [("HEAD", {"HEAD": 1}), ("GET", {"HEAD": 1, "GET": 1})]
)
def test_no_permission_is_asked_for_once(node, s3, weights, method, asked):
    s3.faults[method, KEY] = ["403"] * 5
    assert_failed(node.run(*weights), "(403)", "s3:GetObject", "instance profile")
    assert s3.asked == asked


def test_no_network(node, weights):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        node.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
        status, log = node.run(*weights)
    assert_failed((status, log), "attempt 3 of 3", "Could not connect", "gateway endpoint or NAT")
    assert log.count("trying again") == 2


def test_no_credentials(node, weights):
    # The AWS CLI's words; the metadata service may be late, so they are looked for again.
    words = (
        'Unable to locate credentials. You can configure credentials by running "aws configure".'
    )
    node.command("aws", f"echo -e '\\n{words}' >&2; exit 253")
    status, log = node.run(*weights)
    assert_failed((status, log), words, "EC2 instance profile")
    assert log.count("trying again") == 2


def test_waits_grow_and_differ(node, weights, tmp_path):
    naps = tmp_path / "naps"
    node.command("sleep", f'echo "$1" >>{naps}')
    node.environment |= {"SPARKLES_ATTEMPTS": "5", "SPARKLES_FIRST_WAIT": "100"}
    node.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    node.run(*weights)
    waited = [int(line) for line in naps.read_text().split()]
    assert len(waited) == 4
    for wait, least in zip(waited, [100, 200, 400, 800], strict=True):
        assert least <= wait <= 2 * least
    assert waited != [100, 200, 400, 800], "every node would ask at the same time"


def test_a_full_disk_is_seen_before_the_download(node, s3, archives):
    node.command("df", 'echo Avail; echo 500; echo "$@" >&2')
    size = len(environment_archive({}))
    assert size < 500 < 5 * size, "what it holds needs room, too"
    archive = s3.put("small.tar.gz", environment_archive({}))
    status, log = node.run(*archives[:3], archive)
    assert_failed((status, log), "it needs 1 MiB", f"{node.base} has 1 MiB free")
    assert "EbsRootVolumeSize" in last_line(log)
    assert s3.asked == {"HEAD": 1}
    assert f"--block-size=1 {node.base}\n" in log


def in_small_volume(node, kibibytes, *arguments):
    """Run where /mnt/sparkles is a volume of its own, of so many KiB."""
    node.base.mkdir(parents=True, exist_ok=True)
    script = f'mount -t tmpfs -o size={kibibytes}k tmpfs {node.base} && exec {SCRIPT} "$@"'
    unshare = ["unshare", "--map-root-user", "--mount", "bash", "-c"]
    if subprocess.run([*unshare, f"mount -t tmpfs tmpfs {node.base}"], check=False).returncode:
        pytest.skip("no volume can be mounted here: user namespaces are not allowed")
    done = subprocess.run(
        [*unshare, script, "install.sh", *arguments],
        env=node.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_small_volume_is_measured(node, s3, weights):
    result = in_small_volume(node, 64, *weights)
    assert_failed(result, f"no space for s3://models/{KEY}: it needs 1 MiB", "MiB free")
    assert s3.asked == {"HEAD": 1}


def test_an_archive_that_holds_more_than_expected(node, s3, archives):
    zeros = f"zeros = '{'0' * 2_000_000}'\n"  # 1000 times smaller in the archive
    archive = s3.put("zeros.tar.gz", environment_archive({"sparkles": "1"}, source=zeros))
    result = in_small_volume(node, 1024, *archives[:3], archive)
    assert_failed(result, "zeros.tar.gz does not unpack", "Wrote only", "larger volumes")


def test_a_disk_that_fills_during_the_download(node, s3, weights):
    node.command("df", "echo Avail; echo 1000000000")  # others take the space meanwhile
    result = in_small_volume(node, 64, *weights)
    assert_failed(result, "No space left on device", "EbsRootVolumeSize")
    assert s3.asked["GET"] == 1


def test_a_lock_that_cannot_be_opened(node, weights):
    (node.base / ".lock").mkdir(parents=True)
    assert_failed(node.run(*weights), f"cannot open {node.base}/.lock")


def test_what_nobody_thought_of_still_ends_with_a_line(node, weights):
    node.command("df", "echo broken >&2; exit 3")
    status, log = node.run(*weights)
    assert_failed((status, log), "df", "ended with status 3")
    assert not (node.base / ".staging").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_leaves_nothing(node, s3, weights, number):
    s3.hold()
    run = node.start(*weights)
    assert s3.arrived.wait(60)
    os.killpg(run.pid, number)
    log = run.communicate()[1]
    assert run.returncode == 143
    assert "stopped by a signal" in last_line(log)
    assert list(node.files()) == NOTHING


def test_what_a_killed_run_left_is_swept_away(node, s3, archives, weights):
    s3.hold()
    run = node.start(*weights)
    assert s3.arrived.wait(60)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    (node.base / ".staging/environment").symlink_to("environments/half")  # not yet moved
    s3.forget()
    status, log = node.run(*archives, *weights)
    assert status == 0, log
    assert (staged(node), node.versions()) == ([WEIGHTS], "1.0")
    assert not (node.base / ".staging").exists()


def test_two_runs_at_once_download_once(node, s3, archives, weights):
    s3.hold()
    first = node.start(*archives, *weights)
    assert s3.arrived.wait(60)
    second = node.start(*archives, *weights)
    line = second.stderr.readline()
    s3.released.set()
    logs = [first.communicate()[1], line + second.communicate()[1]]
    assert (first.returncode, second.returncode) == (0, 0), logs
    assert "another run is at work on this node" in line
    assert s3.asked == {"HEAD": 2, "GET": 2}
    assert staged(node) == [WEIGHTS]
    assert node.versions() == "1.0"
