"""Python workers run the driver's interpreter, or one that was checked."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import MissingDependencyError
from sparkles.spark.interpreter import prepare_workers
from tests.conftest import REPOSITORY

# What a user writes who knows pyspark: a session of their own, and the stage.
PROGRAM = """
import io
from PIL import Image
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
from sparkles import DeepImageFeaturizer
file = io.BytesIO()
Image.new("RGB", (120, 80), "green").save(file, format="PNG")
photos = spark.createDataFrame([(bytearray(file.getvalue()),)], "content binary")
featurizer = DeepImageFeaturizer(
    inputCol="content", outputCol="features", modelName="SparklesDemo", precision="f32")
print("size", featurizer.transform(photos).first().features.size)
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a python3 without any package."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python3"


def test_a_user_s_own_session_needs_no_activated_environment(bare: Path, tmp_path: Path) -> None:
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith("PYSPARK_")
    }
    variables["PATH"] = f"{bare.parent}:{os.environ['PATH']}"
    variables["PYTHONPATH"] = str(REPOSITORY)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "size 192\n", done.stderr


def test_a_chosen_interpreter_without_packages_is_refused_before_the_job(
    spark: SparkSession, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(bare))
    with pytest.raises(MissingDependencyError) as caught:
        prepare_workers(spark)
    message = str(caught.value)
    assert f"{bare} (Python 3.11" in message
    assert "cannot import pandas, pyarrow" in message
    assert "sparkles-ml: set PYSPARK_PYTHON" in message


def test_an_interpreter_that_does_not_exist_is_refused_by_name(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark.sparkContext, "pythonExec", "/nowhere/python3")
    with pytest.raises(MissingDependencyError, match=r'Cannot run program "/nowhere/python3"'):
        prepare_workers(spark)


def test_the_driver_s_interpreter_is_taken_where_nobody_chose(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", "python3")
    prepare_workers(spark)
    assert spark.sparkContext.pythonExec == sys.executable
