"""Environments by pip: pinned by hash, wheels only, without a network."""

from hashlib import sha256
from pathlib import Path

import pip
import pytest

from tests.bootstrap.node import MASTER_PACKAGES, PYTHON, last_line, wheel


@pytest.fixture
def packages(node, tmp_path):
    """Wheels by name, in the only place where pip may look."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    node.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    return {name: wheel(folder, name, version) for name, version in MASTER_PACKAGES.items()}


def lock(packages, *names):
    return "".join(
        f"{name}=={MASTER_PACKAGES[name]} --hash=sha256:"
        f"{sha256(packages[name].read_bytes()).hexdigest()}\n"
        for name in names
    )


def requirements(s3, packages, driver, executor):
    sparkles = packages["sparkles"]
    return [
        *("--driver-requirements", s3.put("driver.lock", driver.encode())),
        *("--executor-requirements", s3.put("executors.lock", executor.encode())),
        *("--wheel", s3.put(f"wheels/{sparkles.name}", sparkles.read_bytes())),
    ]


def test_pip_installs_what_is_pinned(node, s3, packages):
    arguments = requirements(
        s3,
        packages,
        lock(packages, "openvino", "pyarrow", "keras"),
        lock(packages, "openvino", "pyarrow"),
    )
    packages["sparkles"].unlink()  # it comes from S3, not from the index
    status, log = node.run(*arguments)
    assert status == 0, log
    assert node.versions() == "1.0"
    assert {path.name for path in node.link.resolve().rglob("*.py")} >= {"openvino.py"}
    assert not list(node.link.resolve().rglob("keras.py")), "workers get no Keras"
    assert s3.asked == {"HEAD": 2, "GET": 2}
    before = node.files()
    s3.forget()
    status, log = node.run(*arguments)
    assert (status, s3.asked) == (0, {}), log
    assert node.files() == before


@pytest.fixture
def quick_python(node, tmp_path):
    """A Python whose environments borrow the tests' pip: installing pip takes most of the time."""
    (tmp_path / "lent").mkdir()
    (tmp_path / "lent/pip").symlink_to(Path(pip.__file__).parent)
    lend = f"echo {tmp_path}/lent >$3/lib/python3.11/site-packages/lent.pth"
    script = f'[[ "$1 $2" == "-m venv" ]] && {PYTHON} -m venv --without-pip "$3" && {lend} && exit'
    node.command("python3.11", f'{script}\nexec {PYTHON} "$@"')
    node.environment["SPARKLES_PYTHON"] = str(node.commands / "python3.11")


@pytest.mark.usefixtures("quick_python")
def test_a_package_with_another_hash_is_refused(node, s3, packages):
    pinned = lock(packages, "openvino").rpartition(":")[0] + ":" + "0" * 64
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert "DO NOT MATCH THE HASHES" in log
    assert "pip could not install s3://models/executors.lock" in last_line(log)
    assert list(node.files()) == ["mnt/sparkles/.lock"]


@pytest.mark.usefixtures("quick_python")
@pytest.mark.parametrize(
    ("line", "said"),
    [("openvino", "requirements must have"), ("some-sdist==1", "No matching distribution")],
)
def test_what_is_not_pinned_or_no_wheel_is_refused(node, s3, packages, line, said):
    sdist = packages["openvino"].with_name("some-sdist-1.tar.gz")
    sdist.write_bytes(b"its setup.py would run, had pip opened it")
    digest = sha256(sdist.read_bytes()).hexdigest()
    pinned = line if line == "openvino" else f"{line} --hash=sha256:{digest}"
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert said in log
    assert "pip could not install" in last_line(log)


def test_room_for_an_environment_is_asked_for(node, s3, packages):
    node.command("df", "echo Avail; echo $((4096 * 1024 * 1024 - 1))")
    pinned = lock(packages, "openvino")
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert "needs 4096 MiB" in last_line(log)
