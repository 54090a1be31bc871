"""Outputs appear when they are complete, and replace only earlier outputs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.output_folder import (
    check_local_output,
    check_output,
    check_output_apart_from_inputs,
    new_folder,
)
from tests.spark.conftest import NAMES, names_in

NOTE = json.dumps({"command": "train", "versions": {"sparkles": "1.0"}})


@pytest.mark.parametrize("name", NAMES)
def test_new_folder_appears_when_it_is_complete(
    files: FileSystem, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "runs" / name
    with new_folder(files, f"{target}/", overwrite=False) as draft:
        files.write_text(f"{draft}/a.txt", "a")
        files.write_text(f"{draft}/below/b.txt", "b")
        assert not target.exists()
    assert names_in(tmp_path / "runs") == [
        name,
        f"{name}/a.txt",
        f"{name}/below",
        f"{name}/below/b.txt",
    ]


def test_new_folder_is_written_by_spark(
    spark: SparkSession, files: FileSystem, tmp_path: Path
) -> None:
    with new_folder(files, str(tmp_path / "run"), overwrite=False) as draft:
        spark.range(3).write.parquet(f"{draft}/table")
    assert spark.read.parquet(str(tmp_path / "run" / "table")).count() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_leaves_nothing_behind(
    files: FileSystem, tmp_path: Path, error: type[BaseException]
) -> None:
    def fail() -> None:
        with new_folder(files, str(tmp_path / "run"), overwrite=False) as draft:
            files.write_text(f"{draft}/a.txt", "a")
            raise error("stop")

    with pytest.raises(error, match="stop"):
        fail()
    assert names_in(tmp_path) == []


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(NOTE)
    return tmp_path / "run"


def test_overwrite_keeps_the_old_one_until_the_new_one_is_complete(
    files: FileSystem, old: Path
) -> None:
    with new_folder(files, str(old), overwrite=True) as draft:
        files.write_text(f"{draft}/new.txt", "new")
        assert (old / "run.json").read_text() == NOTE
    assert names_in(old.parent) == ["run", "run/new.txt"]


def test_failure_keeps_the_old_one(files: FileSystem, old: Path) -> None:
    def fail() -> None:
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert names_in(old.parent) == ["run", "run/run.json"]


def test_failure_of_the_very_last_step_keeps_the_old_one(
    files: FileSystem, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FileSystem.rename

    def rename(self: FileSystem, source: str, target: str) -> None:
        if ".incomplete-" in source:
            raise SourceError("the storage refuses")
        whole(self, source, target)

    def replace() -> None:
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")

    monkeypatch.setattr(FileSystem, "rename", rename)
    with pytest.raises(SourceError, match="refuses"):
        replace()
    assert names_in(old.parent) == ["run", "run/run.json"]


def test_existing_output_is_refused_before_anything_is_done(files: FileSystem, old: Path) -> None:
    begun: list[str] = []

    def write() -> None:
        with new_folder(files, str(old), overwrite=False) as draft:
            begun.append(draft)

    with pytest.raises(
        OutputExistsError, match=r"exists already; choose .* or set overwrite"
    ) as caught:
        write()
    assert caught.value.settings == ("output", "overwrite")
    assert begun == []
    assert names_in(old.parent) == ["run", "run/run.json"]


def test_output_that_appears_meanwhile_is_not_lost(files: FileSystem, tmp_path: Path) -> None:
    def write() -> None:
        with new_folder(files, str(tmp_path / "run"), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "other.txt").write_text("other")

    with pytest.raises(OutputExistsError, match="not a folder that Sparkles wrote"):
        write()
    assert names_in(tmp_path) == ["run", "run/other.txt"]


Check = Callable[..., None]
CHECKS = ["on the file system", "before Spark starts"]


@pytest.fixture(params=CHECKS)
def check(request: pytest.FixtureRequest, files: FileSystem) -> Check:
    if request.param == CHECKS[0]:
        return lambda path, overwrite: check_output(files, str(path), overwrite=overwrite)
    return lambda path, overwrite: check_local_output(str(path), overwrite=overwrite)


def test_an_earlier_output_is_replaced_only_on_request(check: Check, old: Path) -> None:
    check(old, overwrite=True)
    check(old / "nowhere", overwrite=False)
    check(old / "nowhere", overwrite=True)
    with pytest.raises(OutputExistsError, match=f"the output {old} exists already"):
        check(old, overwrite=False)
    with pytest.raises(OutputExistsError):
        check(old.as_uri(), overwrite=False)


@pytest.mark.parametrize(
    "note",
    [None, "", "{}", "[1]", "no JSON", '{"command": "x"}', '{"command": "x", "versions": null}'],
)
def test_a_folder_that_sparkles_did_not_write_is_never_replaced(
    check: Check, tmp_path: Path, note: str | None
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("a photo")
    if note is not None:
        (tmp_path / "photos" / "run.json").write_text(note)
    with pytest.raises(OutputExistsError, match=r"not a folder that Sparkles wrote .* delete it"):
        check(tmp_path / "photos", overwrite=True)


def test_a_note_that_is_not_text_is_no_note(check: Check, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "run.json").write_bytes(b"\xff\xd8\x80")
    with pytest.raises(OutputExistsError, match="not a folder that Sparkles wrote"):
        check(tmp_path / "photos", overwrite=True)


def test_a_plain_file_is_never_replaced(check: Check, tmp_path: Path) -> None:
    (tmp_path / "run").write_text(NOTE)
    with pytest.raises(OutputExistsError, match="not a folder that Sparkles wrote"):
        check(tmp_path / "run", overwrite=True)


def test_a_note_for_tables_marks_an_output(check: Check, old: Path) -> None:
    (old / "run.json").rename(old / "_run.json")
    check(old, overwrite=True)


def test_outputs_in_s3_are_not_checked_before_spark_starts() -> None:
    check_local_output("s3://bucket/run", overwrite=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of photos, and links to it and to its parent."""
    (tmp_path / "data" / "photos" / "cars").mkdir(parents=True)
    (tmp_path / "labels.csv").write_text("ImageID")
    (tmp_path / "link").symlink_to(tmp_path / "data" / "photos")
    (tmp_path / "parent").symlink_to(tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize(
    ("output", "place", "relation"),
    [
        ("data/photos", "data/photos", "is"),
        ("data/photos/", "data/../data/photos", "is"),
        ("link", "data/photos", "is"),
        ("data/photos", "link", "is"),
        ("parent/photos", "link", "is"),
        ("labels.csv", "labels.csv", "is"),
        ("data", "data/photos", "contains"),
        ("parent", "link", "contains"),
        ("data/photos", "link/cars", "contains"),
        (".", "labels.csv", "contains"),
        ("data/photos/run", "data/photos", "lies inside"),
        ("link/run/more", "parent", "lies inside"),
        ("data/photos/cars", "link", "lies inside"),
    ],
)
@pytest.mark.parametrize("as_uri", [False, True])
def test_an_output_that_overlaps_with_an_input_is_refused(
    files: FileSystem, tree: Path, output: str, place: str, relation: str, as_uri: bool
) -> None:
    output, place = f"{tree}/{output}", f"{tree}/{place}"
    if as_uri:
        place = f"file://{place}"
    with pytest.raises(OutputExistsError, match=f"{relation} the input .*\\(images\\)"):
        check_output_apart_from_inputs(files, output, {"images": place})


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ("data/photos-run", "data/photos"),
        ("data/run", "data/photos"),
        ("data/phot", "data/photos"),
        ("run", "labels.csv"),
        ("run", "nowhere"),
    ],
)
def test_an_output_apart_from_its_inputs_is_accepted(
    files: FileSystem, tree: Path, output: str, place: str
) -> None:
    check_output_apart_from_inputs(files, f"{tree}/{output}", {"images": f"{tree}/{place}"})


def test_relative_paths_lead_to_the_same_place(
    files: FileSystem, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)  # Hadoop keeps the folder in which the JVM started
    relative = os.path.relpath(tree / "data" / "photos", files.absolute(".").removeprefix("file:"))
    with pytest.raises(OutputExistsError):
        check_output_apart_from_inputs(files, str(tree / "link"), {"images": relative})


@pytest.mark.parametrize(
    ("output", "place", "overlap"),
    [
        ("s3://b/photos", "s3a://b/photos/", True),
        ("s3://b/photos/run", "s3n://b/photos", True),
        ("s3://b", "s3://b/labels.csv", True),
        ("s3://b/run", "s3://b/run-photos", False),
        ("s3://b/run", "s3://c/run", False),
        ("s3://b/run", "http://b/run", False),
        ("s3://b/run", "/b/run", False),
        ("/b/run", "ftp://b/run", False),
    ],
)
def test_overlaps_in_buckets_are_found(
    files: FileSystem, output: str, place: str, overlap: bool
) -> None:
    if overlap:
        with pytest.raises(OutputExistsError):
            check_output_apart_from_inputs(files, output, {"labels": place})
    else:
        check_output_apart_from_inputs(files, output, {"labels": place})


def test_source_photos_are_not_deleted(files: FileSystem, tree: Path) -> None:
    (tree / "data" / "photos" / "a.jpg").write_text("a photo")

    def write() -> None:
        photos = str(tree / "data" / "photos")
        with new_folder(files, photos, overwrite=True, inputs={"images": photos}) as draft:
            files.write_text(f"{draft}/a.txt", "a")

    with pytest.raises(OutputExistsError):
        write()
    assert names_in(tree / "data" / "photos") == ["a.jpg", "cars"]
