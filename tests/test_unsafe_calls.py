"""The package calls nothing that runs code from data, or opens a file as anything at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import REPOSITORY

FILES = sorted(
    path
    for folder in ("sparkles", "sparkdl", "jobs")
    for path in (REPOSITORY / folder).rglob("*.py")
)
# Never called, by the end of their dotted names.
FORBIDDEN = {"eval", "exec", "os.system", "pickle.load", "pickle.loads", "yaml.load", "mktemp"}
FORBIDDEN |= {"cloudpickle.loads", "joblib.load", "marshal.loads", "enable_unsafe_deserialization"}
FORBIDDEN |= {"PipelineModel.load", "Pipeline.load", "to_csv", "write.csv"}
# Called only with an option that keeps them from more.
REQUIRED = {"load_model": ("safe_mode", True), "Image.open": ("formats", None)}


def calls_in(source: str) -> Iterator[tuple[str, dict[str | None, ast.expr]]]:
    """Yield the dotted name and the keywords of every call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {one.arg: one.value for one in node.keywords}


def problems_in(source: str) -> list[str]:
    found = []
    for name, keywords in calls_in(source):
        ends = {name, name.rpartition(".")[2], ".".join(name.split(".")[-2:])}
        found += sorted(ends & FORBIDDEN)
        for call, (keyword, value) in REQUIRED.items():
            if call in ends and name.startswith(("keras.", "Image.")):
                given = keywords.get(keyword)
                if given is None or (value is not None and ast.unparse(given) != str(value)):
                    found.append(f"{call} without {keyword}")
        for keyword, value in keywords.items():
            if keyword in ("shell", "allow_pickle") and ast.unparse(value) == "True":
                found.append(f"{name} with {keyword}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_call_runs_what_it_reads(path: object) -> None:
    assert problems_in(path.read_text(encoding="utf-8")) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "source",
    [
        "yaml.load(text)",
        "numpy.load(path, allow_pickle=True)",
        "subprocess.run(words, shell=True)",
        "keras.models.load_model(path, compile=False)",
        "keras.models.load_model(path, safe_mode=False)",
        "Image.open(io.BytesIO(content))",
        "PipelineModel.load(path)",
        "frame.write.csv(path)",
        "eval(text)",
    ],
)
def test_such_a_call_would_be_found(source: str) -> None:
    assert problems_in(source)
