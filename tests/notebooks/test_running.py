"""Notebooks run top to bottom, and show what is in the files that they are about."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode

from sparkles.demo.dataset import draw_dataset
from sparkles.emr.config.validate import validate
from sparkles.emr.cost.catalog import find_instance
from sparkles.emr.cost.sizing import size
from tests.conftest import REPOSITORY
from tests.notebooks.livy_stand_in import refusal
from tests.notebooks.running import NOTEBOOKS, complaints, read, run, serve_pyspark_kernel, text_of

EXPLORE, TRAIN, EMR = ("01", "02", "03")
SUMS = 'table.assign(sum=table["map"] + table["intercept"]).round(4)'
DRAWN = {"cars": 60, "trees": 60}  # as 01 and 02 draw them


def notebook_of(number: str) -> NotebookNode:
    (path,) = [path for path in NOTEBOOKS if path.name.startswith(number)]
    return read(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, as for a reader, with the photos drawn once."""
    folder = tmp_path_factory.mktemp("tour")
    draw_dataset(folder / "runs" / "drawn", **DRAWN)
    return folder


def result_of(notebook: NotebookNode, source: str) -> NotebookNode:
    """The value that the cell with a line shows."""
    (cell,) = [cell for cell in notebook.cells if source in cell.source.splitlines()]
    (shown,) = [each for each in cell.outputs if each.output_type == "execute_result"]
    return shown.data


def rows_in(labels: Path) -> Counter[str]:
    with labels.open() as file:
        confidences = [float(row["Confidence"]) for row in csv.DictReader(file)]
    kinds = {1.0: "positive", 0.0: "negative"}
    return Counter(kinds.get(confidence, "unsure") for confidence in confidences)


def check_explored(notebook: NotebookNode, labels: Path) -> None:
    assert complaints(notebook) == []
    counted = ast.literal_eval(result_of(notebook, 'facts["labels"]["rows"]')["text/plain"])
    expected = rows_in(labels)
    assert counted["read"] == sum(expected.values())
    assert {kind: counted[kind] for kind in expected} == expected


@pytest.mark.slow
def test_01_explores_drawn_photos(folder: Path) -> None:
    notebook = notebook_of(EXPLORE)
    run(notebook, folder)
    dataset = draw_dataset(folder / "runs" / "drawn", **DRAWN)
    check_explored(notebook, dataset.labels)
    pictures = [
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
        if kind.startswith("image/")
    ]
    assert Counter(pictures) == {"image/jpeg": 3, "image/png": 3}
    ambiguous = result_of(
        notebook, 'per_image.groupBy("chosen classes").count().orderBy("chosen classes").toPandas()'
    )
    assert str(dataset.counts.both) in ambiguous["text/plain"].splitlines()[-1].split()


@pytest.mark.slow
def test_01_explores_real_labels_and_photos(data: Path, tmp_path: Path) -> None:
    home = data / "open_images"
    labels = home / "annotations-human-imagelabels-boxable.csv"
    notebook = notebook_of(EXPLORE)
    variables = {
        "SPARKLES_LABELS": str(labels),
        "SPARKLES_CLASS_NAMES": str(home / "class-descriptions-boxable.csv"),
        "SPARKLES_PHOTOS": str(home / "images"),
        "SPARKLES_CLASSES": "Apple,Drawer,Orange",
    }
    run(notebook, tmp_path, variables)
    check_explored(notebook, labels)
    assert "CMYK" in text_of(notebook)


@pytest.mark.slow
def test_02_trains_explains_and_predicts(folder: Path) -> None:
    notebook = notebook_of(TRAIN)
    run(notebook, folder)
    assert complaints(notebook) == []
    trained = json.loads((folder / "runs" / "car-tree" / "metrics.json").read_text())
    page = result_of(notebook, "run")["text/html"]
    assert f"<td>{trained['accuracy']['value']:.3f}</td>" in page
    plots = [cell for cell in notebook.cells if cell.source.startswith("run.plot_")]
    assert len(plots) == 5
    assert all("image/png" in cell.outputs[0].data for cell in plots)
    table = pd.read_csv(io.StringIO(result_of(notebook, SUMS)["text/plain"]), sep=r"\s+")
    assert np.allclose(table["sum"], table["logit"], atol=2e-4)
    assert set(table["method"]) == {"exact"}
    predicted = pd.read_parquet(folder / "runs" / "predictions")
    photos = draw_dataset(folder / "runs" / "new", cars=5, trees=5, seed=1).counts.photos
    assert (len(predicted), predicted["error"].notna().sum()) == (photos, 1)


@pytest.mark.slow
def test_03_runs_on_the_kernel_of_emr_studio(folder: Path) -> None:
    notebook = notebook_of(EMR)
    drawn = folder / "runs" / "drawn"
    asked = {
        "SPARKLES_INPUT": str(drawn),
        "SPARKLES_PHOTOS": str(drawn / "images"),
        "SPARKLES_OUTPUT": str(folder / "runs" / "on-emr"),
        "SPARKLES_MODEL": "SparklesDemo",
    }
    with serve_pyspark_kernel(folder) as (livy, variables):
        run(notebook, folder, variables | asked)
    assert complaints(notebook) == []
    assert {each["output"]["status"] for each in livy.statements} == {"ok"}
    (session,) = livy.asked
    assert session["numExecutors"] == 12
    assert livy.ended, "the kernel left its session behind"
    table = pd.read_parquet(folder / "runs" / "on-emr" / "predictions").query("split == 'test'")
    expected = pd.crosstab(table["label"], table["predicted_label"]).to_string()
    line = 'by_class.pivot(index="label", columns="predicted_label", values="count")'
    (cell,) = [cell for cell in notebook.cells if line in cell.source]
    assert cell.outputs[0].data["text/plain"].split() == expected.split()


def requests_told() -> list[dict[str, Any]]:
    """The session that 03 configures, and the one that its text describes."""
    notebook = notebook_of(EMR)
    (cell,) = [cell for cell in notebook.cells if cell.source.startswith("%%configure")]
    (block,) = re.findall(
        r"```json\n(.*?)```", "".join(cell.source for cell in notebook.cells), re.DOTALL
    )
    return [json.loads(cell.source.partition("\n")[2]), json.loads(block)]


@pytest.mark.parametrize("asked", requests_told(), ids=["bootstrapped", "archive"])
def test_the_sessions_of_03_fit_the_cluster_that_it_launches(asked: dict[str, Any]) -> None:
    assert refusal(asked) is None
    named = {
        "spark.driver.memory": asked["driverMemory"],
        "spark.executor.instances": str(asked["numExecutors"]),
        "spark.executor.cores": str(asked["executorCores"]),
        "spark.executor.memory": asked["executorMemory"],
    }
    settings = named | asked["conf"]
    sizes = size(find_instance("m7i.4xlarge"), 3).spark_properties()
    assert sizes.items() >= {name: settings[name] for name in settings if name in sizes}.items()
    content = json.loads((REPOSITORY / "emr" / "m7i.json").read_text())
    for entry in content["Configurations"]:
        if entry["Classification"] == "spark-defaults":
            entry["Properties"] = settings
    assert validate(content) == []


def test_the_interpreter_of_03_is_the_one_that_the_bootstrap_action_installs() -> None:
    from sparkles.emr.config.configure import INTERPRETER

    bootstrapped, archive = requests_told()
    assert bootstrapped["conf"]["spark.pyspark.python"] == INTERPRETER
    (uri,) = archive["archives"]
    name = uri.partition("#")[2]
    assert archive["conf"]["spark.pyspark.python"] == f"./{name}/bin/python"
