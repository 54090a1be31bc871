"""Outputs stay apart from inputs, and under names that can be written and read again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sparkles.errors import OutputExistsError
from sparkles.spark import output_place
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.output_place import (
    check_can_write,
    check_name,
    check_output_apart_from_inputs,
)


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
        ("S3://b//photos/./run/", "s3a://b/photos", True),
        ("s3://b/other/../photos", "s3://b/photos", True),
        ("s3://b/Photos", "s3://b/photos", False),
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


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ("hdfs://Master/photos", "hdfs://master:8020/photos"),
        ("hdfs://master//photos/", "HDFS://master/./photos/a"),
    ],
)
def test_overlaps_on_a_cluster_are_found(output: str, place: str) -> None:
    with pytest.raises(OutputExistsError):
        check_output_apart_from_inputs(None, output, {"images": place})


def test_a_disk_that_ignores_case_has_one_folder_for_both_spellings(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux has no such disk at hand, so this one sees each spelling as the same folder."""
    whole = os.stat

    def folded(path: object, *more: object, **how: object) -> os.stat_result:
        text = os.fspath(path) if isinstance(path, str | os.PathLike) else path
        text = text.replace("/DATA/Photos", "/data/photos") if isinstance(text, str) else text
        return whole(text, *more, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", folded)
    with pytest.raises(OutputExistsError, match="lies inside the input"):
        check_output_apart_from_inputs(
            None, f"{tree}/DATA/Photos/run", {"images": f"{tree}/data/photos"}
        )


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("runs/cars[1]", "its path has '\\['"),
        ("runs/a?b", "its path has"),
        ("*/run", "its path has"),
        ("a{1,2}", "its path has"),
        ("s3://bucket/a[b/run", "its path has"),
        ("back\\slash", "its path has"),
        ("no\udcffname", "its path has"),
        ("s3://bucket", "a whole bucket"),
        ("s3://bucket//", "a whole bucket"),
        ("s3://", "a whole bucket, or none"),
        ("s3a:///run", "a whole bucket, or none"),
        ("/", "no folder with a name"),
        ("runs/..", "no folder with a name"),
        ("hdfs://host:8020/", "no folder with a name"),
        ("file:///", "no folder with a name"),
        ("n" * 230, "more than 220 bytes"),
        ("\u6728" * 80, "more than 220 bytes"),
        ("file:///runs/my%20run", "a URI with % names two folders, for example /runs/my run"),
    ],
)
def test_names_that_cannot_be_written_or_read_again_are_refused(path: str, why: str) -> None:
    with pytest.raises(OutputExistsError, match=f"cannot be written: .*{why}") as caught:
        check_name(path)
    assert caught.value.settings == ("output",)


@pytest.mark.parametrize(
    "name", ["a,b", "12:30", "a b ", "]}", "per%20cent", "#", "\u6728", "~", "'"]
)
def test_other_names_are_accepted(name: str) -> None:
    for path in (f"runs/{name}", f"s3://bucket/{name}", f"hdfs://host:8020/{name}"):
        check_name(path)


@pytest.mark.parametrize("name", ["a,b", "12:30"])
def test_a_model_needs_a_name_that_spark_can_load_it_by(name: str) -> None:
    with pytest.raises(OutputExistsError, match="its path has"):
        check_name(f"runs/{name}", holds_model=True)
    check_name("hdfs://host:8020/run", holds_model=True)


def test_an_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputExistsError, match=f"cannot be written: {tmp_path}/file is a file"):
        check_can_write(f"{tmp_path}/file/a/run")


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_disk_that_takes_nothing_is_found_before_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(output_place.os, "fsync", refuse)
    with pytest.raises(OutputExistsError, match="refuses a file of 1 MB") as caught:
        check_can_write(f"{tmp_path}/new/run")
    assert os.strerror(reason) in str(caught.value)
    assert f"the output {tmp_path}/new/run cannot be written: {tmp_path} " in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    check_can_write(f"{tmp_path}/new/run")
    check_can_write(f"file:{tmp_path}/run")
    check_can_write("s3://bucket/run")
    assert list(tmp_path.iterdir()) == []
