"""Environments of one tiny package are reproducible and relocatable, with uv and with pip."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from packing import environment
from packing.archive import Packed
from packing.environment import build_environment, check_node_python
from packing.errors import PackingError

NODE_PYTHON = str(Path(sys.base_prefix) / "bin" / "python3.11")


def tiny_wheel(folder: Path, name: str) -> Path:
    """Write a wheel with a module, a folder of tests and a program."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": f"def hello():\n    return '{name}' in {{'one', '{name}'}}\n",
        f"{name}/tests/__init__.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:hello\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, content)
    return wheel


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    wheel = tiny_wheel(tmp_path / "wheels", "pinned")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    path = tmp_path / "tiny.lock"
    path.write_text(f"pinned @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    return path


def build(tmp_path: Path, lock: Path, name: str, node_python: str = NODE_PYTHON) -> Packed:
    return build_environment(
        lock,
        tiny_wheel(tmp_path / "own", "ours"),
        tmp_path / f"{name}.tar.gz",
        node_python=node_python,
        cache=tmp_path / f"cache-{name}",
    )


def test_an_environment_is_reproducible_and_relocatable(tmp_path: Path, lock: Path) -> None:
    one = build(tmp_path, lock, "one")
    assert one.sha256 == build(tmp_path, lock, "other").sha256
    node = tmp_path / "node"
    node.mkdir()
    subprocess.run(["tar", "xzf", one.path, "-C", node], check=True)
    code = (
        "import sys, pinned, ours, importlib.metadata as m, json; "
        "print(json.dumps([sys.prefix, pinned.hello(), m.version('ours'), ours.__cached__]))"
    )
    done = subprocess.run(
        [node / "bin" / "python", "-B", "-v", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    prefix, hello, version, compiled = json.loads(done.stdout)
    assert (prefix, hello, version) == (str(node), True, "1.0")
    assert f"matches {compiled}" not in done.stderr  # no comparison with the source's time
    assert f"code object from '{compiled}'" in done.stderr
    names = {path.name for path in node.rglob("*")}
    assert not names & {"tests", "RECORD", "INSTALLER", "direct_url.json", "pip", "setuptools"}
    assert {path.name for path in (node / "bin").iterdir()} == {"python", "python3", "python3.11"}
    assert sum(f.stat().st_size for f in node.rglob("*") if f.is_file() and not f.is_symlink()) == (
        one.unpacked
    )


def test_pip_and_uv_give_the_same_bytes(
    tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_uv = build(tmp_path, lock, "uv")
    programs: list[str] = []
    run = environment.run_quietly

    def without_uv(command: Any, *rest: Any, **more: Any) -> None:
        programs.append(str(command[0]))
        if str(command[0]).endswith("uv"):
            raise PackingError("no uv")
        run(command, *rest, **more)

    monkeypatch.setattr(environment, "run_quietly", without_uv)
    assert build(tmp_path, lock, "pip").sha256 == with_uv.sha256
    assert any(program.endswith("uv") for program in programs)


def test_packages_are_installed_once_per_lock(
    tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []
    install = environment._install

    def record(folder: Path, what: Sequence[str]) -> None:
        installed.append(what[-1])
        install(folder, what)

    monkeypatch.setattr(environment, "_install", record)
    one = build(tmp_path, lock, "one").sha256
    other = build(tmp_path, lock, "one", "/opt/python3.11/bin/python3.11").sha256
    assert installed.count(str(lock)) == 1
    assert one != other
    lock.write_text(lock.read_text() + "# changed\n")
    build(tmp_path, lock, "one")
    assert installed.count(str(lock)) == 2


def test_the_archive_links_to_the_nodes_interpreter(tmp_path: Path, lock: Path) -> None:
    packed = build(tmp_path, lock, "one", "/opt/py/bin/python3.11")  # does not exist here
    listed = subprocess.run(
        ["tar", "tvzf", packed.path], capture_output=True, text=True, check=True
    )
    assert "bin/python -> /opt/py/bin/python3.11\n" in listed.stdout
    settings = subprocess.run(
        ["tar", "xzfO", packed.path, "pyvenv.cfg"], capture_output=True, text=True, check=True
    ).stdout
    assert settings.splitlines()[0] == "home = /opt/py/bin"
    assert str(tmp_path) not in settings


@pytest.mark.parametrize("given", ["python3.11", "", "/usr/../bin/python3.11"])
def test_a_relative_interpreter_is_an_error(given: str) -> None:
    with pytest.raises(PackingError, match="NODE_PYTHON: expected the absolute path"):
        check_node_python(given)


def test_another_python_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    with pytest.raises(PackingError, match=r"expected Python 3\.11, as on the nodes"):
        check_node_python("/usr/bin/python3.11")


def test_a_missing_lock_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match=r"pinned packages in .*absent.lock: No such file"):
        build(tmp_path, tmp_path / "absent.lock", "one")


def test_a_wrong_hash_installs_nothing(tmp_path: Path, lock: Path) -> None:
    lock.write_text(lock.read_text()[:-9] + "00000000\n")
    with pytest.raises(PackingError, match=r"could not install tiny.lock: .*ended with 1"):
        build(tmp_path, lock, "one")
    assert not list(tmp_path.glob("*.tar.gz"))
    assert not list((tmp_path / "cache-one").iterdir())
