"""Environments built by pip: pinned by hash, from wheels only, without a network."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pip
import pytest

from tests.bootstrap.faulty_s3 import FaultySource
from tests.bootstrap.node import MASTER_PACKAGES, PYTHON, Node, last_line, wheel


@pytest.fixture
def packages(node: Node, tmp_path: Path) -> dict[str, Path]:
    """Return wheels by name, in the only folder where pip may look."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    node.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    return {name: wheel(folder, name, version) for name, version in MASTER_PACKAGES.items()}


def lock(packages: dict[str, Path], *names: str) -> str:
    return "".join(
        f"{name}=={MASTER_PACKAGES[name]} --hash=sha256:"
        f"{sha256(packages[name].read_bytes()).hexdigest()}\n"
        for name in names
    )


def requirements(
    s3: FaultySource, packages: dict[str, Path], driver: str, executor: str
) -> list[str]:
    sparkles = packages["sparkles"]
    return [
        *("--driver-requirements", s3.put("driver.lock", driver.encode())),
        *("--executor-requirements", s3.put("executors.lock", executor.encode())),
        *("--wheel", s3.put(f"wheels/{sparkles.name}", sparkles.read_bytes())),
    ]


def test_pip_installs_the_pinned_packages(
    node: Node, s3: FaultySource, packages: dict[str, Path]
) -> None:
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
    assert not list(node.link.resolve().rglob("keras.py")), "workers need no Keras"
    assert s3.requests == {"HEAD": 2, "GET": 2}
    before = node.files()
    s3.forget()
    status, log = node.run(*arguments)
    assert (status, s3.requests) == (0, {}), log
    assert node.files() == before


@pytest.fixture
def quick_python(node: Node, tmp_path: Path) -> None:
    """Use a Python whose environments share the tests' pip, because installing pip is slow."""
    (tmp_path / "lent").mkdir()
    (tmp_path / "lent/pip").symlink_to(Path(pip.__file__).parent)
    lend = f"echo {tmp_path}/lent >$3/lib/python3.11/site-packages/lent.pth"
    script = f'[[ "$1 $2" == "-m venv" ]] && {PYTHON} -m venv --without-pip "$3" && {lend} && exit'
    node.command("python3.11", f'{script}\nexec {PYTHON} "$@"')
    node.environment["SPARKLES_PYTHON"] = str(node.commands / "python3.11")


@pytest.mark.usefixtures("quick_python")
def test_a_package_with_another_hash_is_an_error(
    node: Node, s3: FaultySource, packages: dict[str, Path]
) -> None:
    pinned = lock(packages, "openvino").rpartition(":")[0] + ":" + "0" * 64
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert "DO NOT MATCH THE HASHES" in log
    assert "pip could not install s3://models/executors.lock" in last_line(log)
    assert list(node.files()) == ["mnt/sparkles/.lock"]


@pytest.mark.usefixtures("quick_python")
@pytest.mark.parametrize(
    ("line", "message"),
    [("openvino", "requirements must have"), ("some-sdist==1", "No matching distribution")],
)
def test_an_unpinned_package_or_an_sdist_is_an_error(
    node: Node, s3: FaultySource, packages: dict[str, Path], line: str, message: str
) -> None:
    sdist = packages["openvino"].with_name("some-sdist-1.tar.gz")
    sdist.write_bytes(b"pip would run its setup.py")
    digest = sha256(sdist.read_bytes()).hexdigest()
    pinned = line if line == "openvino" else f"{line} --hash=sha256:{digest}"
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert message in log
    assert "pip could not install" in last_line(log)


def test_space_for_an_environment_is_checked(
    node: Node, s3: FaultySource, packages: dict[str, Path]
) -> None:
    node.command("df", "echo Avail; echo $((4096 * 1024 * 1024 - 1))")
    pinned = lock(packages, "openvino")
    status, log = node.run(*requirements(s3, packages, pinned, pinned))
    assert status == 1
    assert "needs 4096 MiB" in last_line(log)
