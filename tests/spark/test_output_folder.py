"""Outputs appear when they are complete, and replace only earlier outputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.output_folder import check_local_output, check_output, new_folder
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


def test_failure_of_the_very_last_step_keeps_the_old_one_and_the_new_one(
    files: FileSystem, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FileSystem.rename_to_new

    def rename(self: FileSystem, source: str, target: str) -> None:
        if ".incomplete-" in source:
            raise OSError("the storage refuses")
        whole(self, source, target)

    def replace() -> None:
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")

    monkeypatch.setattr(FileSystem, "rename_to_new", rename)
    with pytest.raises(SourceError, match=r"complete output .*incomplete-.*the storage refuses"):
        replace()
    draft, *found = names_in(old.parent)
    assert draft.startswith(".run.incomplete-")
    assert found == [f"{draft}/_draft.json", f"{draft}/new.txt", "run", "run/run.json"]


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


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("first", ["a run", "a folder of the user's"])
def test_the_second_of_two_runs_is_refused_and_kept(
    files: FileSystem, tmp_path: Path, overwrite: bool, first: str
) -> None:
    target = tmp_path / "run"

    def write() -> None:
        with new_folder(files, str(target), overwrite=overwrite) as draft:
            files.write_text(f"{draft}/new.txt", "second")
            if first == "a run":
                with new_folder(files, str(target), overwrite=overwrite) as other:
                    files.write_text(f"{other}/run.json", NOTE)
            else:
                target.mkdir()
                (target / "run.json").write_text(NOTE)

    with pytest.raises(OutputExistsError, match="appeared while this run was working") as caught:
        write()
    run, kept, new, note = names_in(tmp_path)
    assert (run, note, new) == ("run", "run/run.json", f"{kept}/new.txt")
    assert kept.startswith("run.kept-")
    assert f"is kept in {tmp_path}/{kept};" in str(caught.value)


def test_an_output_that_replaced_the_one_to_overwrite_is_not_replaced(
    files: FileSystem, old: Path
) -> None:
    def write() -> None:
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "second")
            with new_folder(files, str(old), overwrite=True) as other:
                files.write_text(f"{other}/run.json", NOTE.replace("1.0", "1.1"))

    with pytest.raises(OutputExistsError, match="appeared while"):
        write()
    assert "1.1" in (old / "run.json").read_text()
    assert len(list(old.parent.glob("run.kept-*/new.txt"))) == 1
    assert list(old.parent.glob(".run*")) == []


def test_runs_that_end_at_the_same_moment_get_one_name(
    files: FileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked, and found nothing at the name."""
    monkeypatch.setattr(FileSystem, "exists", lambda *_: False)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").touch()
    files.rename_to_new(str(tmp_path / "a"), str(tmp_path / "run"))
    with pytest.raises(OutputExistsError):
        files.rename_to_new(str(tmp_path / "b"), str(tmp_path / "run"))
    assert names_in(tmp_path) == ["b", "b/b.txt", "run", "run/a.txt"]


def test_a_link_is_followed(files: FileSystem, old: Path) -> None:
    link, nowhere = old.parent / "link", old.parent / "nowhere"
    link.symlink_to(old)
    nowhere.symlink_to(old.parent / "deeper" / "new")
    for place in (link, nowhere):
        with new_folder(files, str(place), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")
    assert [path.name for path in old.iterdir()] == ["new.txt"]
    assert link.is_symlink()
    assert (nowhere / "new.txt").resolve() == old.parent / "deeper" / "new" / "new.txt"


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


def test_source_photos_are_not_deleted(files: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("a photo")

    def write() -> None:
        photos = str(tmp_path / "photos")
        with new_folder(files, photos, overwrite=True, inputs={"images": photos}) as draft:
            files.write_text(f"{draft}/a.txt", "a")

    with pytest.raises(OutputExistsError):
        write()
    assert names_in(tmp_path) == ["photos", "photos/a.jpg"]
