"""The pilot measures real passes through the featurizer, in little."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.cli import main
from sparkles.demo.dataset import DemoDataset
from sparkles.emr.cost.throughput import Pilot
from sparkles.errors import SourceError, UnknownModelError
from sparkles.models.engines.cpu import cpu_kind
from sparkles.workflow.pilot import pilot


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    there = sys.modules[pilot.__module__]
    monkeypatch.setattr(there, "_SECONDS", 0.2)
    monkeypatch.setattr(there, "_WARM_UP", 8)


def test_measures_this_machine(spark: SparkSession, drawn: DemoDataset) -> None:
    found = pilot(str(drawn.images), "SparklesDemo", "auto", spark)
    measured = Pilot.from_json(found)
    assert measured.cpu == cpu_kind()
    assert measured.precision in ("f32", "bf16")
    cores = spark.sparkContext.defaultParallelism
    seconds = measured.photos / (measured.per_vcpu * cores)
    assert measured.seconds == pytest.approx(seconds, abs=0.06, rel=0.01)  # it has one decimal
    assert 100 < measured.worker_mb < 4000


def test_from_the_command_line(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path, capsys: Any
) -> None:
    kept = tmp_path / "pilot.json"
    words = ["emr", "estimate", "--images", "1000000", "--model", "SparklesDemo"]
    assert main([*words, "--pilot", str(drawn.images), "--save-pilot", str(kept)]) == 0
    shown = capsys.readouterr()
    assert "photos/s per vCPU" in shown.err
    assert "1,000,000 photos through SparklesDemo" in shown.out
    assert json.loads(kept.read_text())["network"] == "SparklesDemo"
    assert main([*words, "--pilot", str(kept)]) == 0
    assert capsys.readouterr().out == shown.out


def test_nothing_to_measure(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file in"):
        pilot(str(tmp_path), "SparklesDemo", "auto", spark)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with pytest.raises(
        SourceError, match=r"none of 1 photos can be used, for example .*broken.jpg"
    ):
        pilot(str(tmp_path), "SparklesDemo", "auto", spark)
    with pytest.raises(UnknownModelError):
        pilot(str(tmp_path), "Incption", "auto", spark)
