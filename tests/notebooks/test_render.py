"""The copies in docs/ are of these notebooks, small, and show what a reader may see."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.conftest import REPOSITORY
from tests.notebooks.render import FOLDER, MOST_BYTES, render
from tests.notebooks.running import NOTEBOOKS, read

MOST_TOGETHER = 2_000_000

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@notebooks
def test_the_copy_is_of_this_notebook(path: Path) -> None:
    text = (FOLDER / f"{path.stem}.md").read_text()
    for cell in read(path).cells:
        source = cell.source.replace("](../docs/", "](../").replace(".ipynb)", ".md)")
        assert source in text, f"run `make notebooks`: {path.name} has changed"


@notebooks
def test_pictures_are_there_small_and_described_in_words(path: Path) -> None:
    text = (FOLDER / f"{path.stem}.md").read_text()
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    assert all(len(words) > 3 for words, _ in pictures)
    found = [(FOLDER / name).stat().st_size for _, name in pictures]
    assert len(found) == len(list(FOLDER.glob(f"{path.stem}/*")))
    assert max(found, default=0) <= MOST_BYTES


@notebooks
def test_links_of_the_copy_lead_somewhere(path: Path) -> None:
    text = (FOLDER / f"{path.stem}.md").read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (FOLDER / target).exists(), target


def test_copies_are_small_and_tell_nothing_of_where_they_were_made() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MOST_TOGETHER
    for page in FOLDER.glob("*.md"):
        text = page.read_text()
        assert not re.search(rf"/tmp|/root|/home/|{re.escape(str(REPOSITORY))}", text)
        assert "Traceback" not in text


def test_outputs_are_tidied() -> None:
    output = nbformat.v4.new_output
    table = "<style scoped>\n.x {}\n</style>\n<table><tr><td>/here/runs</td></tr></table>"
    figure = {"image/png": "aGVsbG8=", "text/plain": "Picture(name='roc', alt='Areas [0.9].')"}
    bar = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "0 of 8"}
    cell = nbformat.v4.new_code_cell("run()")
    cell.outputs = [
        output("stream", name="stdout", text="one\n"),
        output("display_data", bar),
        output("stream", name="stdout", text="two /here\n"),
        output("display_data", {"text/html": table, "text/plain": "x"}),
        output("display_data", figure),
        output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure>"}),
    ]
    heading = nbformat.v4.new_markdown_cell("# What is seen\n\n[more](../docs/emr.md)")
    notebook = nbformat.v4.new_notebook(cells=[heading, cell])
    text, pictures = render(notebook, Path("notebooks/04_new.ipynb"), "/here")
    assert "    one\n    two …\n" in text
    assert "<table><tr><td>…/runs</td></tr></table>" in text
    assert "[more](../emr.md)" in text
    assert not re.search(r"style|of 8|/here", text)
    assert re.findall(r"!\[(.*?)\]", text) == ["Areas (0.9).", "What is seen"]
    assert set(pictures.values()) == {b"hello"}
    assert all(f"({name})" in text for name in pictures)


def test_large_pictures_get_fewer_colours() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    large = io.BytesIO()
    Image.fromarray(noise).save(large, "PNG")
    shown = {"image/png": base64.b64encode(large.getvalue()).decode(), "text/plain": "<Figure>"}
    cell = nbformat.v4.new_code_cell("plot()")
    cell.outputs = [nbformat.v4.new_output("display_data", shown)]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    _, pictures = render(notebook, Path("notebooks/04_new.ipynb"), "/here")
    (small,) = pictures.values()
    assert len(small) <= MOST_BYTES < len(large.getvalue())
    assert Image.open(io.BytesIO(small)).size == (300, 300)
