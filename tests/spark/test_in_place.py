"""New outputs in S3 are written under their own names, and marked until they are complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import OutputExistsError
from sparkles.spark import output_folder
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.in_place import refuse_incomplete, written_in_place
from sparkles.spark.output_folder import new_folder

MARKER = "_incomplete.json"


class NoRenames(FileSystem):
    """S3, except that it is a local disk: what would be a copy there is an error here."""

    def rename(self, source: str, target: str) -> None:
        raise AssertionError(f"{source} is copied to {target}")

    rename_to_new = rename


@pytest.fixture
def files(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> FileSystem:
    monkeypatch.setattr(output_folder, "is_s3", lambda path: True)
    monkeypatch.setattr(output_folder, "check_output_apart_from_inputs", lambda *_: None)
    return NoRenames(spark)


def test_a_new_output_is_marked_until_it_is_complete_and_never_renamed(
    files: FileSystem, spark: SparkSession, tmp_path: Path
) -> None:
    target = tmp_path / "run"
    with new_folder(files, str(target), overwrite=False) as folder:
        spark.range(3).write.mode("append").parquet(folder)
        files.write_json(f"{folder}/_run.json", {})
        assert (target / MARKER).is_file()
        assert spark.read.parquet(str(target)).count() == 3
    assert not (target / MARKER).exists()
    assert (target / "_run.json").is_file()


def test_a_failure_leaves_nothing_behind(files: FileSystem, tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(files, str(tmp_path / "run"), overwrite=True) as folder:
            files.write_text(f"{folder}/a.txt", "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not (tmp_path / "run").exists()


def test_an_output_that_another_run_writes_is_refused(files: FileSystem, tmp_path: Path) -> None:
    path = str(tmp_path / "run")
    with new_folder(files, path, overwrite=False):
        for overwrite in (False, True):
            with (
                pytest.raises(OutputExistsError, match="is incomplete: a run that began at 20"),
                new_folder(files, path, overwrite=overwrite),
            ):
                pass
    refuse_incomplete(files, path)


def test_of_two_runs_that_begin_together_one_is_refused_and_deletes_nothing(
    files: FileSystem, tmp_path: Path
) -> None:
    target = str(tmp_path / "run")

    def begin_together() -> None:
        with written_in_place(files, target), written_in_place(files, target):
            files.write_text(f"{target}/b.txt", "of the other")

    with pytest.raises(OutputExistsError, match="at the same time"):
        begin_together()
    assert (tmp_path / "run" / "b.txt").read_text() == "of the other"
