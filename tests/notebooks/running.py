"""Run notebooks as Jupyter does: in their own kernel, top to bottom, in a folder of one's own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tests.conftest import REPOSITORY
from tests.notebooks.livy_stand_in import Livy, serve

__all__ = ["NOTEBOOKS", "complaints", "read", "run", "serve_pyspark_kernel", "text_of"]

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
_KERNELS = {"python3": "ipykernel_launcher",
            "pysparkkernel": "sparkmagic.kernels.pysparkkernel.pysparkkernel"}  # fmt: skip


def read(path: Path) -> NotebookNode:
    """Read a notebook and check it against Jupyter's schema."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def run(notebook: NotebookNode, folder: Path, variables: Mapping[str, str] | None = None) -> None:
    """Run a notebook in a folder with the kernel that it names, filling in its outputs.

    Raises
    ------
    CellExecutionError
        If a cell fails. Sparkmagic only writes failures to stderr: see :func:`complaints`.
    """
    _install_kernels(folder / ".jupyter")
    asked = {"JUPYTER_PATH": str(folder / ".jupyter"), "PYTHONPATH": str(REPOSITORY)}
    with mock.patch.dict(os.environ, {**asked, **(variables or {})}):
        client = NotebookClient(
            notebook, timeout=None, resources={"metadata": {"path": str(folder)}}
        )
        try:
            client.execute()
        except CellExecutionError as error:
            error.add_note("\n".join(complaints(notebook)))  # where sparkmagic writes the cause
            raise


@contextmanager
def serve_pyspark_kernel(folder: Path) -> Iterator[tuple[Livy, dict[str, str]]]:
    """Serve what sparkmagic's kernel needs in the place of a cluster.

    Yields
    ------
    tuple of Livy and dict
        The sessions, and the variables that lead the kernel to them.
    """
    with serve(folder) as (livy, address):
        login = {"username": "", "password": "", "url": address, "auth": "None"}
        settings = {"kernel_python_credentials": login, "use_auto_viz": False}
        home = folder / ".sparkmagic"
        home.mkdir(exist_ok=True)
        (home / "config.json").write_text(json.dumps(settings))
        yield livy, {"SPARKMAGIC_CONF_DIR": str(home)}


def complaints(notebook: NotebookNode) -> list[str]:
    """What cells wrote to stderr, failures among it."""
    return [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


def text_of(notebook: NotebookNode) -> str:
    """All that the outputs say as text."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
    return "\n".join(found)


def _install_kernels(home: Path) -> None:
    for name, module in _KERNELS.items():
        folder = home / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", module, "-f", "{connection_file}"]
        command.append("--IPKernelApp.log_level=ERROR")  # it warns of loopback
        spec = {"argv": command, "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
