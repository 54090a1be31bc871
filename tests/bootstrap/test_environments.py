"""Environments from archives: chosen by role, tested before use, and kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import (
    PYTHON,
    WORKER_PACKAGES,
    Node,
    environment_archive,
    last_line,
)


def digest(uri: str) -> str:
    return uri.rpartition("=")[2]


@pytest.mark.parametrize(("master", "place", "has_keras"), [(True, 1, True), (False, 3, False)])
def test_role_decides_the_environment(
    node: Node, s3: FaultySource, archives: list[str], master: bool, place: int, has_keras: bool
) -> None:
    node.describe({"isMaster": master, "isRunningNameNode": master})
    status, log = node.run(*archives)
    assert status == 0, log
    assert node.link.readlink().as_posix() == f"environments/{digest(archives[place])}"
    assert node.versions() == "1.0"
    assert ("keras 3.12" in log) == has_keras
    assert "openvino 2025.3, pyarrow 19.0" in log
    assert s3.requests == {"HEAD": 1, "GET": 1}
    lines = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sparkles bootstrap: .+\n)+"
    assert re.fullmatch(lines, log)


def test_the_role_can_be_given(node: Node, s3: FaultySource, archives: list[str]) -> None:
    (node.root / "mnt/var/lib/info/instance.json").unlink()
    status, log = node.run(*archives, "--role=driver")
    assert status == 0, log
    assert node.link.resolve().name == digest(archives[1])


def test_second_run_downloads_nothing_and_changes_nothing(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    node.run(*archives)
    before = node.files()
    s3.forget()
    status, log = node.run(*archives)
    assert (status, s3.requests) == (0, {}), log
    assert node.files() == before
    assert "is installed already" in log


def test_an_upgrade_switches_the_link_and_keeps_the_previous_environment(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    node.run(*archives)
    former = node.link.resolve()
    newer = s3.put("executors-2.tar.gz", environment_archive({**WORKER_PACKAGES, "sparkles": "2"}))
    status, log = node.run(*archives[:3], newer)
    assert status == 0, log
    assert node.versions() == "2"
    assert former.is_dir(), "running jobs may still use it"
    s3.forget()
    assert node.run(*archives)[0] == 0
    assert (node.versions(), s3.requests) == ("1.0", {}), "switching back needs no download"


def test_other_users_may_read_but_not_write(node: Node, archives: list[str]) -> None:
    node.run(*archives)
    installed = node.link.resolve()
    assert (installed / "pyvenv.cfg").stat().st_mode & 0o777 == 0o644
    assert all(path.stat().st_mode & 0o755 == 0o755 for path in [installed, node.base])


BROKEN = [
    ({**WORKER_PACKAGES}, "raise ImportError('libGL.so.1')\n", "libGL.so.1"),
    ({"sparkles": "2", "openvino": "1"}, "", "No module named 'pyarrow'"),
    ({}, "", "No module named 'sparkles'"),
]


@pytest.mark.parametrize(("packages", "source", "reason"), BROKEN)
def test_a_broken_environment_leaves_the_previous_one_in_use(
    node: Node,
    s3: FaultySource,
    archives: list[str],
    packages: dict[str, str],
    source: str,
    reason: str,
) -> None:
    node.run(*archives)
    before = node.files()
    broken = s3.put("broken.tar.gz", environment_archive(packages, source=source))
    status, log = node.run(*archives[:3], broken)
    assert status == 1
    assert reason in last_line(log)
    assert "the previous environment stays in use" in last_line(log)
    assert node.files() == before
    assert node.versions() == "1.0"


def test_the_master_needs_keras_in_its_own_environment(
    node: Node, archives: list[str], tmp_path: Path
) -> None:
    (tmp_path / "keras.py").write_text("")
    node.environment["PYTHONPATH"] = str(tmp_path)
    node.describe({"isMaster": True})
    status, log = node.run("--driver-archive", archives[3], "--executor-archive", archives[3])
    assert status == 1
    assert "No module named 'keras'" in last_line(log)
    assert not node.link.is_symlink()


def test_a_damaged_environment_is_installed_again(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    node.run(*archives)
    next(node.link.resolve().rglob("openvino.py")).unlink()
    for cached in node.link.resolve().rglob("openvino*.pyc"):
        cached.unlink()
    s3.forget()
    status, log = node.run(*archives)
    assert (status, s3.requests["GET"]) == (0, 1), log
    assert next(node.link.resolve().rglob("openvino.py")).is_file()


def test_an_environment_that_a_killed_run_left_incomplete_is_installed_again(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    node.run(*archives)
    (node.link.resolve() / ".complete").unlink()
    s3.forget()
    assert node.run(*archives)[0] == 0
    assert s3.requests["GET"] == 1


def test_a_file_that_is_not_an_archive_is_an_error(
    node: Node, s3: FaultySource, archives: list[str]
) -> None:
    status, log = node.run(*archives[:3], s3.put("text.tar.gz", b"no archive at all"))
    assert status == 1
    assert "text.tar.gz does not unpack" in last_line(log)
    assert "make package" in last_line(log)
    assert list(node.files()) == ["mnt/sparkles/.lock"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "there is no"), ({"isMaster": "yes"}, "does not contain"), ([], "does not contain")],
)
def test_a_node_without_a_role_is_an_error(
    node: Node, s3: FaultySource, archives: list[str], content: object, expected: str
) -> None:
    if content is None:
        (node.root / "mnt/var/lib/info/instance.json").unlink()
    else:
        node.describe(content)
    status, log = node.run(*archives)
    assert status == 1
    assert expected in last_line(log)
    assert "instance.json" in last_line(log)
    assert "--role" in last_line(log)
    assert not s3.requests


def test_python_is_installed_only_if_it_is_absent(node: Node, archives: list[str]) -> None:
    python = node.root / "usr/bin/python3.11"
    node.environment["SPARKLES_PYTHON"] = str(python)
    node.command("sudo", 'exec "$@"')
    node.command("dnf", f'mkdir -p {python.parent}; ln -s {PYTHON} {python}; echo "dnf $*"')
    status, log = node.run(*archives)
    assert status == 0, log
    assert log.count("dnf install -y python3.11\n") == 1
    assert "dnf" not in node.run(*archives)[1]


def test_a_failed_installation_of_python_is_an_error(node: Node, archives: list[str]) -> None:
    node.environment["SPARKLES_PYTHON"] = str(node.root / "usr/bin/python3.11")
    node.command("sudo", 'exec "$@"')
    node.command("dnf", "echo no mirrors; exit 1")
    status, log = node.run(*archives)
    assert status == 1
    assert "python3.11; expected Python 3.11; remedy:" in last_line(log)


def test_sudo_creates_folders_that_the_user_may_not(node: Node, archives: list[str]) -> None:
    # Tests may run as root, who may write anywhere: so mkdir fails for this folder here.
    node.command("mkdir", f'[[ "$*" != "-p {node.base}" ]] && exec /bin/mkdir "$@"; exit 1')
    node.command("sudo", 'echo "sudo $*" >&2; exec "$@"')
    status, log = node.run(*archives)
    assert status == 0, log
    assert f"sudo install --directory --owner {node.base.stat().st_uid}" in log
    node.command("sudo", "exit 1")
    node.base.rename(node.base.with_name("gone"))
    status, log = node.run(*archives)
    assert status == 1
    assert f"cannot create {node.base}" in last_line(log)
