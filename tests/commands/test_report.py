"""The report of a real run, drawn again, and what happens if it cannot be drawn."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from sparkles.commands import report as report_again
from sparkles.commands import train
from sparkles.demo.dataset import DemoDataset
from sparkles.errors import MissingDependencyError, ModelError
from sparkles.report.gallery import Gallery
from sparkles.settings import ReportSettings
from sparkles.workflow.galleries import build_galleries
from sparkles.workflow.saved_model import load_model
from tests.drawn_run import DrawnRun, settings_for


@pytest.fixture(scope="module")
def galleries(spark: SparkSession, drawn_run: DrawnRun) -> dict[str, Gallery]:
    folder = str(drawn_run.folder)
    predictions = spark.read.parquet(f"{folder}/predictions").where("split = 'test'")
    rejected = spark.read.parquet(f"{folder}/rejected")
    model = load_model(spark, f"{folder}/model")
    found, method = build_galleries(model, predictions, rejected, most=16)
    assert method == "exact"
    return {gallery.name: gallery for gallery in found}


def test_galleries_show_what_the_predictions_say(
    spark: SparkSession, drawn_run: DrawnRun, galleries: dict[str, Gallery]
) -> None:
    rows = {row.image_id: row for row in spark.read.parquet(
        f"{drawn_run.folder}/predictions").collect()}  # fmt: skip
    assert list(galleries) == ["mistakes", "uncertain", "typical", "rejected"]
    for name in ("mistakes", "uncertain", "typical"):
        assert len(galleries[name].cards) == min(galleries[name].total, 4)
        for card in galleries[name].cards:
            row = rows[card.image_id]
            assert row.split == "test"
            assert (card.label, card.predicted) == (row.label, row.predicted_label)
            assert card.probabilities[0][1] == row.probability
            assert (card.label == card.predicted) == (name == "typical") or name == "uncertain"
    wrong = [
        row for row in rows.values() if row.split == "test" and row.label != row.predicted_label
    ]
    assert galleries["mistakes"].total == len(wrong)


def test_galleries_have_the_photo_and_a_heat_map(galleries: dict[str, Gallery]) -> None:
    for name in ("uncertain", "typical"):
        for card in galleries[name].cards:
            with Image.open(io.BytesIO(card.photo)) as photo, Image.open(
                io.BytesIO(card.overlay)) as overlay, Image.open(
                card.uri.removeprefix("file:")) as whole:  # fmt: skip
                assert photo.size == overlay.size
                assert max(photo.size) <= 224
                assert photo.size[0] / photo.size[1] == pytest.approx(
                    whole.size[0] / whole.size[1], rel=0.05
                )
                assert photo.tobytes() != overlay.tobytes()


def test_rejected_photos_tell_why(
    spark: SparkSession, drawn_run: DrawnRun, galleries: dict[str, Gallery]
) -> None:
    rejected = spark.read.parquet(f"{drawn_run.folder}/rejected").collect()
    assert {card.image_id for card in galleries["rejected"].cards} <= {
        row.image_id for row in rejected
    }
    assert galleries["rejected"].total == len(rejected)
    assert all(card.error for card in galleries["rejected"].cards)


def test_the_page_of_a_run(drawn_run: DrawnRun) -> None:
    page = (drawn_run.folder / "report.html").read_text()
    metrics = json.loads((drawn_run.folder / "metrics.json").read_text())
    assert f"{metrics['accuracy']['value']:.3f}" in page
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) > 20
    for picture in pictures[:4]:
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            image.verify()
    assert page.count("data:image/svg+xml") == 8
    assert "sparkles train --classes Car,Tree" in page or "--classes Car,Tree" in page
    assert "The maps are exact" in page


def test_the_report_is_drawn_again(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(drawn_run.folder, copy)
    before = (copy / "report.html").read_text()
    given = {"run": str(copy), "report_photos": 4, "quiet": True}
    assert report_again(ReportSettings.create(given), spark) == f"{copy}/report.html"
    after = (copy / "report.html").read_text()
    assert len(after) < len(before)
    assert "1 of " in after
    assert len(re.findall("data:image/jpeg", after)) <= 6


def test_only_of_a_training_run(spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path) -> None:
    given = {"run": str(tmp_path), "quiet": True}
    with pytest.raises(ModelError, match=r"is not a run of sparkles train.*run\.json"):
        report_again(ReportSettings.create(given), spark)
    for name in ("ledger", "metrics", "curves"):
        shutil.copy(drawn_run.folder / f"{name}.json", tmp_path)
    (tmp_path / "run.json").write_text('{"command": "evaluate"}')
    with pytest.raises(ModelError, match="only runs of train have a report"):
        report_again(ReportSettings.create(given), spark)


def test_without_plotting_libraries_the_run_says_so_and_goes_on(
    spark: SparkSession,
    drawn: DemoDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    train(settings_for(drawn, tmp_path / "run", quiet=False, max_iter=2), spark)
    assert re.search(r"without report\.html: .*sparkles-ml\[plots\]", capsys.readouterr().err)
    assert (tmp_path / "run" / "report.md").is_file()
    assert not (tmp_path / "run" / "report.html").exists()
    with pytest.raises(MissingDependencyError, match="plots"):
        report_again(ReportSettings.create({"run": str(tmp_path / "run")}), spark)


def test_a_page_that_fails_costs_no_model(
    spark: SparkSession,
    drawn: DemoDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no ink\nat all")

    module = sys.modules["sparkles.workflow.run_report"]  # the function has the same name
    monkeypatch.setattr(module, "render_report_page", fail)
    train(settings_for(drawn, tmp_path / "run", quiet=False, max_iter=2, report_photos=0), spark)
    said = capsys.readouterr().err
    assert "report.html could not be written: no ink." in said
    assert f"sparkles report --run {tmp_path}/run" in said
    assert (tmp_path / "run" / "model").is_dir()
    assert (tmp_path / "run" / "run.json").is_file()


def test_a_network_without_a_map_shows_photos_alone(
    spark: SparkSession, drawn_run: DrawnRun, drawn: DemoDataset
) -> None:
    folder = str(drawn_run.folder)
    model = load_model(spark, f"{folder}/model")
    predictions = spark.read.parquet(f"{folder}/predictions")
    rejected = spark.read.parquet(f"{folder}/rejected")
    module = sys.modules["sparkles.workflow.galleries"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "has_maps", lambda _: False)
        found, method = build_galleries(model, predictions, rejected, most=8)
    assert method is None
    cards = [card for gallery in found[:3] for card in gallery.cards]
    assert cards
    for card in cards:
        with Image.open(io.BytesIO(card.photo)) as photo:
            assert max(photo.size) == 224
        assert card.overlay is None


def test_a_photo_that_has_gone_leaves_its_reason(
    spark: SparkSession, drawn_run: DrawnRun, tmp_path: Path
) -> None:
    folder = str(drawn_run.folder)
    gone = F.lit(f"{tmp_path}/gone.jpg").alias("uri")
    predictions = spark.read.parquet(f"{folder}/predictions").withColumn("uri", gone)
    rejected = spark.read.parquet(f"{folder}/rejected")
    model = load_model(spark, f"{folder}/model")
    found, _ = build_galleries(model, predictions, rejected, most=8)
    (card, *_) = found[1].cards
    assert card.photo is None
    assert "gone.jpg" in card.error


def test_photos_of_a_dataframe_are_explained_too(
    spark: SparkSession, drawn: DemoDataset, tmp_path: Path
) -> None:
    files = spark.read.format("binaryFile").load(str(drawn.images))
    name = F.regexp_extract("path", r"([^/]+)\.[^.]+$", 1)
    photos = files.select(name.alias("image_id"), F.col("content").alias("image"))
    train(settings_for(drawn, tmp_path / "run", max_iter=2, report_photos=8), spark, photos=photos)
    page = (tmp_path / "run" / "report.html").read_text()
    assert page.count("data:image/jpeg") >= 8
