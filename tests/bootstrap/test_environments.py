"""Environments by archive: the role chooses, the link follows what was tried, nothing is lost."""

import re

import pytest

from tests.bootstrap.node import (
    PYTHON,
    WORKER_PACKAGES,
    environment_archive,
    last_line,
)


def digest(uri):
    return uri.rpartition("=")[2]


@pytest.mark.parametrize(("master", "place", "has_keras"), [(True, 1, True), (False, 3, False)])
def test_role_decides_the_environment(node, s3, archives, master, place, has_keras):
    node.describe({"isMaster": master, "isRunningNameNode": master})
    status, log = node.run(*archives)
    assert status == 0, log
    assert node.link.readlink().as_posix() == f"environments/{digest(archives[place])}"
    assert node.versions() == "1.0"
    assert ("keras 3.12" in log) == has_keras
    assert "openvino 2025.3, pyarrow 19.0" in log
    assert s3.asked == {"HEAD": 1, "GET": 1}
    lines = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ sparkles bootstrap: .+\n)+"
    assert re.fullmatch(lines, log)


def test_role_may_be_told(node, s3, archives):
    (node.root / "mnt/var/lib/info/instance.json").unlink()
    status, log = node.run(*archives, "--role=driver")
    assert status == 0, log
    assert node.link.resolve().name == digest(archives[1])


def test_second_run_downloads_nothing_and_changes_nothing(node, s3, archives):
    node.run(*archives)
    before = node.files()
    s3.forget()
    status, log = node.run(*archives)
    assert (status, s3.asked) == (0, {}), log
    assert node.files() == before
    assert "is here already" in log


def test_upgrade_switches_the_link_and_keeps_the_former(node, s3, archives):
    node.run(*archives)
    former = node.link.resolve()
    newer = s3.put("executors-2.tar.gz", environment_archive({**WORKER_PACKAGES, "sparkles": "2"}))
    status, log = node.run(*archives[:3], newer)
    assert status == 0, log
    assert node.versions() == "2"
    assert former.is_dir(), "jobs that still run in it go on"
    s3.forget()
    assert node.run(*archives)[0] == 0
    assert (node.versions(), s3.asked) == ("1.0", {}), "back again without a download"


def test_others_may_read_but_not_write(node, archives):
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
def test_an_environment_that_fails_leaves_the_former_in_use(
    node, s3, archives, packages, source, reason
):
    node.run(*archives)
    before = node.files()
    broken = s3.put("broken.tar.gz", environment_archive(packages, source=source))
    status, log = node.run(*archives[:3], broken)
    assert status == 1
    assert reason in last_line(log)
    assert "the former one stays in use" in last_line(log)
    assert node.files() == before
    assert node.versions() == "1.0"


def test_the_master_needs_keras_and_lends_it_from_nowhere(node, archives, tmp_path):
    (tmp_path / "keras.py").write_text("")
    node.environment["PYTHONPATH"] = str(tmp_path)
    node.describe({"isMaster": True})
    status, log = node.run("--driver-archive", archives[3], "--executor-archive", archives[3])
    assert status == 1
    assert "No module named 'keras'" in last_line(log)
    assert not node.link.is_symlink()


def test_an_environment_damaged_since_is_installed_anew(node, s3, archives):
    node.run(*archives)
    next(node.link.resolve().rglob("openvino.py")).unlink()
    for cached in node.link.resolve().rglob("openvino*.pyc"):
        cached.unlink()
    s3.forget()
    status, log = node.run(*archives)
    assert (status, s3.asked["GET"]) == (0, 1), log
    assert next(node.link.resolve().rglob("openvino.py")).is_file()


def test_an_environment_half_unpacked_by_a_killed_run_is_not_trusted(node, s3, archives):
    node.run(*archives)
    (node.link.resolve() / ".complete").unlink()
    s3.forget()
    assert node.run(*archives)[0] == 0
    assert s3.asked["GET"] == 1


def test_what_is_no_archive_is_refused(node, s3, archives):
    status, log = node.run(*archives[:3], s3.put("text.tar.gz", b"no archive at all"))
    assert status == 1
    assert "text.tar.gz does not unpack" in last_line(log)
    assert "make package" in last_line(log)
    assert list(node.files()) == ["mnt/sparkles/.lock"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "there is no"), ({"isMaster": "yes"}, "does not say"), ([], "does not say")],
)
def test_a_node_that_emr_does_not_describe(node, s3, archives, content, expected):
    if content is None:
        (node.root / "mnt/var/lib/info/instance.json").unlink()
    else:
        node.describe(content)
    status, log = node.run(*archives)
    assert status == 1
    assert expected in last_line(log)
    assert "instance.json" in last_line(log)
    assert "--role" in last_line(log)
    assert not s3.asked


def test_python_is_installed_only_where_it_is_absent(node, archives):
    python = node.root / "usr/bin/python3.11"
    node.environment["SPARKLES_PYTHON"] = str(python)
    node.command("sudo", 'exec "$@"')
    node.command("dnf", f'mkdir -p {python.parent}; ln -s {PYTHON} {python}; echo "dnf $*"')
    status, log = node.run(*archives)
    assert status == 0, log
    assert log.count("dnf install -y python3.11\n") == 1
    assert "dnf" not in node.run(*archives)[1]


def test_python_that_cannot_be_installed(node, archives):
    node.environment["SPARKLES_PYTHON"] = str(node.root / "usr/bin/python3.11")
    node.command("sudo", 'exec "$@"')
    node.command("dnf", "echo no mirrors; exit 1")
    status, log = node.run(*archives)
    assert status == 1
    assert "python3.11; expected Python 3.11; remedy:" in last_line(log)


def test_a_volume_of_roots_is_opened_by_sudo(node, archives):
    # Tests may run as root, who may write anywhere: here mkdir knows only what sudo made.
    node.command("mkdir", f'[[ "$*" != "-p {node.base}" ]] && exec /bin/mkdir "$@"; exit 1')
    node.command("sudo", 'echo "sudo $*" >&2; exec "$@"')
    status, log = node.run(*archives)
    assert status == 0, log
    assert f"sudo install --directory --owner {node.base.stat().st_uid}" in log
    node.command("sudo", "exit 1")
    node.base.rename(node.base.with_name("gone"))
    status, log = node.run(*archives)
    assert status == 1
    assert f"cannot make {node.base}" in last_line(log)
