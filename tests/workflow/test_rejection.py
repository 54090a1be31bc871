"""A run that rejects too many photos warns of it, ends, and keeps what it computed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from sparkles.commands import train
from sparkles.demo.dataset import DemoDataset
from sparkles.errors import RejectedError
from sparkles.run_files import LedgerFile
from sparkles.settings import ExplainSettings, PredictSettings
from sparkles.workflow import rejection
from sparkles.workflow.rejection import RejectionLimit
from tests.drawn_run import DrawnRun, settings_for


@pytest.mark.parametrize(
    ("share", "rejected", "found", "exceeded"),
    [
        (None, 20, 20, False),  # so few never end a run, unless the user says so
        (None, 21, 21, True),
        (None, 50, 1000, False),
        (None, 51, 1000, True),
        (0.0, 0, 10, False),
        (0.0, 1, 10, True),
        (1.0, 10, 10, False),
        (0.5, 0, 0, False),
    ],
)
def test_the_limit(share: float | None, rejected: int, found: int, exceeded: bool) -> None:
    assert RejectionLimit(share).exceeded(rejected, found) is exceeded


def test_the_limit_is_a_setting_of_commands_that_need_all_photos() -> None:
    given = {"model": "m", "images": "photos", "output": "o"}
    assert RejectionLimit.of(PredictSettings.create(given)) == RejectionLimit(None)
    chosen = PredictSettings.create({**given, "max_rejected": "0.2"})
    assert RejectionLimit.of(chosen) == RejectionLimit(0.2)
    assert RejectionLimit.of(ExplainSettings.create(given)) == RejectionLimit(1.0)


class Moments:
    """Stands for the event that ends the watch: as many polls as there are counts."""

    def __init__(self, counts: list[tuple[int, int]]) -> None:
        self.counts = counts
        self.done, self.rejected = SimpleNamespace(value=0), SimpleNamespace(value=0)

    def wait(self, _: float) -> bool:
        if not self.counts:
            return True
        self.done.value, self.rejected.value = self.counts.pop(0)
        return False


@pytest.mark.parametrize(
    ("counts", "warned"),
    [
        ([(1000, 10), (2000, 90), (3000, 300), (4000, 4000)], ["300 of 3,000"]),
        ([(100, 20), (1000, 50)], []),
    ],
)
def test_one_warning_comes_while_photos_are_read(
    counts: list[tuple[int, int]], warned: list[str]
) -> None:
    said: list[str] = []
    settings = PredictSettings.create({"model": "m", "images": "photos", "output": "o"})
    run = SimpleNamespace(settings=settings, stages=SimpleNamespace(say=said.append))
    moments = Moments(counts)
    rejection._watch(cast(Any, run), moments.done, moments.rejected, cast(Any, moments))
    assert len(said) == len(warned)
    assert all(
        f"warning: {text} photos so far" in line for text, line in zip(warned, said, strict=True)
    )


def kept_by(error: RejectedError, output: Path) -> Path:
    """Return the folder that the message names; nothing else is there."""
    named = re.search(r"What was computed is in (\S+), with", str(error))
    assert named is not None
    assert list(output.parent.iterdir()) == [Path(named[1])]
    return Path(named[1])


def test_too_many_rejected_photos_end_the_run_and_nothing_is_thrown_away(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    output, images = tmp_path / "run", drawn_run.trained.ledger["images"]
    corrupt = drawn_run.dataset.counts.corrupt
    photos = images["featurized"] + corrupt
    expected = rf"^{corrupt} of {photos} photos .* more than 0 %: {corrupt} truncated; for example"
    with pytest.raises(RejectedError, match=expected) as caught:
        train(settings_for(drawn_run.dataset, output, max_rejected=0.0), spark)
    assert caught.value.settings == ("max_rejected",)
    kept = kept_by(caught.value, output)
    ledger: LedgerFile = json.loads((kept / "ledger.json").read_text())
    assert ledger["rejected"]["truncated"] == corrupt
    features = spark.read.parquet(str(kept / "features"))
    assert features.where("features is not null").count() == photos - corrupt
    rejected = spark.read.parquet(str(kept / "rejected"))
    assert rejected.where("reason = 'truncated'").count() == corrupt
    note = json.loads((kept / "run.json").read_text())
    assert note["images"]["featurized"] == photos - corrupt


def test_a_run_without_any_good_photo_tells_the_reasons(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path
) -> None:
    images = tmp_path / "photos"
    images.mkdir()
    for photo in drawn.images.iterdir():
        (images / photo.name).write_text("no photo")
    (tmp_path / "runs").mkdir()
    output = tmp_path / "runs" / "run"
    settings = settings_for(drawn, output, images=str(images), max_rejected=1.0)
    with pytest.raises(RejectedError, match=r"^none of the \d+ photos that were found") as caught:
        train(settings, spark)
    kept = kept_by(caught.value, output)
    count = json.loads((kept / "ledger.json").read_text())["rejected"]["not an image"]
    assert f"none of the {count} photos" in str(caught.value)
    assert f": {count} not an image; for example" in str(caught.value)
