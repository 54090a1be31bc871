"""Run the notebooks on drawn photos and write them, with what they show, as Markdown."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path

from nbconvert import MarkdownExporter
from nbformat import NotebookNode
from PIL import Image
from traitlets.config import Config

from tests.conftest import REPOSITORY
from tests.notebooks.running import NOTEBOOKS, complaints, read, run, serve_pyspark_kernel

__all__ = ["FOLDER", "MOST_BYTES", "render"]

FOLDER = REPOSITORY / "docs" / "notebooks"
MOST_BYTES = 150_000  # of a picture
WIDGET = "application/vnd.jupyter.widget-view+json"
EMR = "pysparkkernel"
HEAD = "*[{name}](../../notebooks/{name}), run by `make notebooks` on {where}.*\n\n"
WHERE = {EMR: "drawn photos, with sparkmagic and a stand-in for Livy on one machine"}
HERE = {
    "SPARKLES_INPUT": "runs/drawn",
    "SPARKLES_PHOTOS": "runs/drawn/images",
    "SPARKLES_OUTPUT": "runs/on-emr",
    "SPARKLES_MODEL": "SparklesDemo",
}


def main() -> None:
    """Render all notebooks, in their order, in one folder."""
    with tempfile.TemporaryDirectory(prefix="tour-") as home:
        pages = {path: _run(path, Path(home)) for path in NOTEBOOKS}
        texts = {path: render(notebook, path, home) for path, notebook in pages.items()}
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for path, (text, pictures) in texts.items():
        (FOLDER / f"{path.stem}.md").write_text(text, encoding="utf-8")
        for name, content in pictures.items():
            (FOLDER / name).parent.mkdir(exist_ok=True)
            (FOLDER / name).write_bytes(content)


def _run(path: Path, home: Path) -> NotebookNode:
    notebook = read(path)
    if notebook.metadata.kernelspec.name == EMR:
        with serve_pyspark_kernel(home) as (_, variables):
            run(notebook, home, variables | HERE)
    else:
        run(notebook, home)
    if found := complaints(notebook):
        raise RuntimeError(f"{path.name} complains: {found}")
    return notebook


def render(notebook: NotebookNode, path: Path, home: str) -> tuple[str, dict[str, bytes]]:
    """Write a notebook that has run as Markdown.

    Parameters
    ----------
    notebook, path
        The notebook, and where it lies.
    home
        The folder that it ran in, which no reader has.

    Returns
    -------
    text : str
    pictures : dict
        By their paths relative to the text.
    """
    captions = [_tidy(output, home) for output in _outputs(notebook)]
    settings = Config({"NbConvertBase": {"display_data_priority": PRIORITY}})
    names = {"unique_key": path.stem, "output_files_dir": path.stem}
    text, resources = MarkdownExporter(config=settings).from_notebook_node(notebook, names)
    remaining = iter([caption for caption in captions if caption is not None])
    text = re.sub(r"!\[(?:png|jpeg)\]", lambda _: f"![{next(remaining)}]", text)
    text = text.replace("](../docs/", "](../").replace(".ipynb)", ".md)")
    text = text.replace("```pyspark\n", "```python\n")
    pictures = {name: _shrink(content) for name, content in resources["outputs"].items()}
    spec = notebook.metadata.get("kernelspec", {})
    head = HEAD.format(name=path.name, where=WHERE.get(spec.get("name"), "drawn photos"))
    return head + text.strip() + "\n", pictures


def _shrink(picture: bytes) -> bytes:
    """Photos within a PNG are large; 256 colours show them as well."""
    if len(picture) <= MOST_BYTES or not picture.startswith(b"\x89PNG"):
        return picture
    small = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256).save(small, "PNG", optimize=True)
    return small.getvalue()


PRIORITY = ["text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]


def _outputs(notebook: NotebookNode) -> list[NotebookNode]:
    """Return all outputs except progress bars, with consecutive texts joined."""
    found, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            heading = (re.findall(r"^#+ (.*)$", cell.source, re.MULTILINE) or [heading])[-1]
            continue
        kept: list[NotebookNode] = []
        for output in cell.outputs:
            if WIDGET in output.get("data", {}):
                continue
            if kept and output.output_type == "stream" == kept[-1].output_type:
                kept[-1].text += output.text
            else:
                kept.append(output)
        for output in kept:
            output |= {"source": cell.source, "heading": heading}
        cell.outputs = kept
        found += kept
    return found


def _tidy(output: NotebookNode, home: str) -> str | None:
    """Take out what no page needs; give what a picture shows, in words, if it is one."""
    source, heading = output.pop("source"), output.pop("heading")
    if output.output_type == "stream":
        output.text = output.text.replace(home, "…")
        return None
    data = output.data
    for kind in ("text/plain", "text/html"):
        if kind in data:
            data[kind] = re.sub(r"<style.*?</style>\s*", "", data[kind], flags=re.DOTALL)
            data[kind] = data[kind].replace(home, "…").replace(' style="text-align: right;"', "")
    if "text/html" in data or not {"image/png", "image/jpeg"} & data.keys():
        return None
    described = re.search(r" alt=(['\"])(.*)\1\)$", data["text/plain"])
    named = re.search(r"([\w-]+)\.png", source)
    words = described[2] if described else named[1] if named else heading
    return words.replace("[", "(").replace("]", ")")


if __name__ == "__main__":
    main()
