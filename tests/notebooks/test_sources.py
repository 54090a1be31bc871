"""Notebooks as they lie in the repository: they import and show, and carry no outputs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat import NotebookNode

from tests.conftest import REPOSITORY
from tests.notebooks.running import NOTEBOOKS, read

MOST_LINES = 16
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_of(cell: NotebookNode) -> str:
    """A cell without its magic; SQL and JSON are no Python."""
    if cell.source.startswith(("%%configure", "%%sql")):
        return ""
    return re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE)


def cells_of(path: Path, kind: str) -> list[NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def test_all_three_are_there() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


def hook() -> list[str]:
    """What pre-commit runs on notebooks before all else."""
    (local,) = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    first = local["hooks"][0]
    assert (first["id"], first["types"]) == ("nbstripout", ["jupyter"])
    program, *options = first["entry"].split()
    return [str(Path(sys.executable).with_name(Path(program).name)), *options]


@notebooks
def test_outputs_are_stripped(path: Path) -> None:
    for cell in cells_of(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert set(read(path).metadata) == {"kernelspec"}


@notebooks
def test_the_hook_strips_what_running_and_editors_add(path: Path, tmp_path: Path) -> None:
    ran = read(path)
    ran.metadata |= {"language_info": {"version": "3.11.7"}, "widgets": {"state": {}}}
    for number, cell in enumerate(ran.cells):
        cell.metadata["execution"] = {"iopub.status.busy": "2026-11-22T12:00:00"}
        cell.id = f"random-{number}"
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="seen")]
    copy = tmp_path / path.name
    nbformat.write(ran, copy)
    subprocess.run([*hook(), str(copy)], check=True)
    assert copy.read_text() == path.read_text()


@notebooks
def test_nothing_is_defined(path: Path) -> None:
    for cell in cells_of(path, "code"):
        found = [node for node in ast.walk(ast.parse(code_of(cell))) if type(node) in DEFINITIONS]
        assert not found, cell.source


@notebooks
def test_cells_are_short(path: Path) -> None:
    assert max(len(cell.source.splitlines()) for cell in cells_of(path, "code")) <= MOST_LINES


@notebooks
def test_each_idea_is_explained_before_it_is_shown(path: Path) -> None:
    kinds = [cell.cell_type for cell in read(path).cells]
    assert kinds[0] == "markdown"
    assert len(cells_of(path, "markdown")) >= len(cells_of(path, "code")) / 2


@notebooks
def test_links_lead_somewhere(path: Path) -> None:
    for cell in cells_of(path, "markdown"):
        for target in re.findall(r"\]\(([^)#]+)", cell.source):
            assert target.startswith("https://") or (path.parent / target).exists(), target


@notebooks
def test_no_path_leads_out_of_the_repository(path: Path) -> None:
    for target in re.findall(r"(?:\.\./)+[\w./-]*", path.read_text()):
        assert (path.parent / target).resolve().is_relative_to(REPOSITORY), target
