"""A simulated node of a cluster in a folder: its files, its commands, its environments."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "bootstrap" / "install.sh"
PYTHON = Path(sys.base_prefix) / "bin" / "python3.11"
WORKER_PACKAGES = {"sparkles": "1.0", "openvino": "2025.3", "pyarrow": "19.0"}
MASTER_PACKAGES = {**WORKER_PACKAGES, "keras": "3.12"}


class Node:
    """A root folder with its own PATH, in which the script runs."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.root = folder / "root"
        self.commands = folder / "commands"
        self.base = self.root / "mnt/sparkles"
        self.link = self.base / "environment"
        self.models = self.root / "mnt/models"
        self.commands.mkdir(parents=True)
        self.environment = {
            "PATH": f"{self.commands}:/usr/bin:/bin",
            "HOME": str(folder),
            "SPARKLES_ROOT": str(self.root),
            "SPARKLES_PYTHON": str(PYTHON),
            "SPARKLES_ATTEMPTS": "3",
            "SPARKLES_FIRST_WAIT": "0",
            "AWS_ENDPOINT_URL": endpoint,
            "no_proxy": "127.0.0.1",
        }
        stand_in = Path(__file__).with_name("aws_stand_in.py")
        self.command("aws", f'exec {PYTHON} -I -S {stand_in} "$@"')
        # Tests that need these commands replace them.
        for name in ["sudo", "dnf"]:
            self.command(name, f"echo {name} is not expected here >&2; exit 1")
        self.describe({"isMaster": False})

    def command(self, name: str, script: str) -> None:
        """Add a command that precedes the system's commands on the PATH."""
        path = self.commands / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def describe(self, instance: object) -> None:
        """Write instance.json as EMR does before bootstrap actions."""
        path = self.root / "mnt/var/lib/info/instance.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(instance))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a run in its own process group, which can be killed as a whole."""
        return subprocess.Popen(
            [SCRIPT, *arguments],
            env=self.environment,
            cwd=self.commands.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run to the end; return exit status and log."""
        process = self.start(*arguments)
        output, log = process.communicate()
        assert not output, "the log is the standard error"
        return process.returncode, log

    def files(self) -> dict[str, tuple[int, int]]:
        """Return the script's files and links, with values that change if they are rewritten."""
        found = {}
        for folder in [self.base, self.models]:
            for path in sorted(folder.rglob("*")):
                if path.is_symlink() or path.is_file():
                    status = path.lstat()
                    found[str(path.relative_to(self.root))] = (status.st_ino, status.st_mtime_ns)
        return found

    def versions(self) -> str:
        """Return the version of Sparkles in the current environment, through its link."""
        script = "import sys, sparkles; print(sparkles.__version__, sys.prefix)"
        done = subprocess.run(
            [self.link / "bin/python", "-I", "-c", script],
            capture_output=True,
            text=True,
            check=True,
        )
        version, prefix = done.stdout.split()
        assert Path(prefix).resolve() == self.link.resolve(), "the prefix is the environment"
        return version


def environment_archive(packages: dict[str, str], *, source: str = "") -> bytes:
    """Pack a virtual environment as `make package` does, with modules that have a version."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo("bin/python")
        link.type, link.linkname = tarfile.SYMTYPE, str(PYTHON)
        archive.addfile(link)
        files = {
            f"lib/python3.11/site-packages/{name}.py": f"__version__ = '{version}'\n{source}"
            for name, version in packages.items()
        }
        files["pyvenv.cfg"] = f"home = {PYTHON.parent}\n"
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


def wheel(folder: Path, name: str, version: str) -> Path:
    """Write a wheel of one module that has a version."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    information = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"__version__ = '{version}'\n",
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
            digest = base64.urlsafe_b64encode(sha256(content.encode()).digest()).rstrip(b"=")
            record += f"{file},sha256={digest.decode()},{len(content)}\n"
        archive.writestr(f"{information}/RECORD", f"{record}{information}/RECORD,,\n")
    return path


def last_line(log: str) -> str:
    """Return the last line of a log."""
    return log.rstrip().rpartition("\n")[2]
