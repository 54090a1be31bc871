"""Photos found in folders, under prefixes, in manifests and in DataFrames."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyspark.sql import SparkSession

from sparkles.choices import Reason
from sparkles.errors import PhotoError, SchemaError, SourceError
from sparkles.sources import (
    Photos,
    photos_by_name,
    photos_from_dataframe,
    photos_from_folder,
    photos_from_manifest,
    read_photos,
)
from sparkles.sources.photos import uri_by_name
from sparkles.storage import read_bytes
from sparkles.worker.load import PhotoKind, load_photo
from tests.tables import made_table


def rows(photos: Photos) -> list[tuple[str, str]]:
    assert photos.table is not None
    return sorted(tuple(row) for row in photos.table.select("image_id", "uri").collect())


def test_photos_with_the_same_name_get_their_paths_as_ids(
    spark: SparkSession, tmp_path: Path
) -> None:
    names = ["buses/1.jpg", "cars/1.jpg", "cars/u\u0308.jpg", "cars/note.txt", "cars/@eaDir/1.jpg"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    ignored = spark.sparkContext.accumulator(0)
    photos = photos_from_folder(spark, str(tmp_path), ignored=ignored)
    assert photos.table is not None
    found = sorted((row["image_id"], row["path"]) for row in photos.table.collect())
    composed = ("\u00fc", "cars/\u00fc.jpg")
    assert found == [("buses/1.jpg",) * 2, ("cars/1.jpg",) * 2, composed]
    assert ignored.value == 2
    frame = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    taken = photos_from_dataframe(frame.load(f"{tmp_path}/[bc]*s/1.jpg"))
    assert [name for name, _ in rows(taken)] == ["buses/1.jpg", "cars/1.jpg"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of photos, some in subfolders, and of other files; each holds its name."""
    names = [
        "a.jpg",
        "UPPER.JPG",
        "two.dots.jpeg",
        "with space.png",
        "percent%20.webp",
        "below/deep/b.tif",
        "below/c.gif",
        "note.txt",
        "jpg",
        "table.csv",
        "a.jpg.part",
    ]
    for name in names:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "photos"


LISTED = {
    "a": "a.jpg",
    "UPPER": "UPPER.JPG",
    "two.dots": "two.dots.jpeg",
    "with space": "with space.png",
    "percent%20": "percent%20.webp",
    "b": "below/deep/b.tif",
    "c": "below/c.gif",
}


Find = Callable[[SparkSession, str], Photos]


@pytest.mark.parametrize("way", ["path", "slash", "uri"])
def test_folder_is_listed_with_its_subfolders(spark: SparkSession, folder: Path, way: str) -> None:
    named = {"path": str(folder), "slash": f"{folder}/", "uri": folder.as_uri()}[way]
    photos = photos_from_folder(spark, named)
    assert photos.prefix is None
    assert photos.table is not None
    assert photos.table.columns == ["image_id", "uri", "path"]
    found = rows(photos)
    assert dict(found).keys() == LISTED.keys()
    assert {image_id: read_bytes(uri).decode() for image_id, uri in found} == LISTED


def test_folder_without_photos_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    with pytest.raises(SourceError, match=r"no file in .* has a photo's suffix"):
        photos_from_folder(spark, str(tmp_path))


def test_empty_folder_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file in .* has a photo's suffix"):
        photos_from_folder(spark, str(tmp_path))


def test_file_in_place_of_a_folder_is_refused(spark: SparkSession, folder: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.jpg is a file; expected a folder .* or a manifest"):
        photos_from_folder(spark, str(folder / "a.jpg"))


@pytest.mark.parametrize("find", [photos_from_folder, photos_by_name, read_photos])
def test_missing_folder_is_refused(spark: SparkSession, tmp_path: Path, find: Find) -> None:
    with pytest.raises(SourceError, match="photos: there is nothing at"):
        find(spark, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("find", [photos_from_folder, photos_by_name, read_photos])
def test_scheme_that_workers_cannot_read_is_refused(spark: SparkSession, find: Find) -> None:
    with pytest.raises(SourceError, match="binaryFile"):
        find(spark, "ftp://host/photos")


def test_uris_follow_from_ids_without_listing(spark: SparkSession, folder: Path) -> None:
    photos = photos_by_name(spark, str(folder))
    assert photos.table is None
    assert photos.prefix is not None
    ids = made_table(spark, "image_id string", [("a",), ("with space",), ("nowhere",)])
    uris = {row[0]: row[1] for row in ids.select("image_id", uri_by_name(photos.prefix)).collect()}
    assert read_bytes(uris["a"]) == b"a.jpg"
    assert uris["nowhere"].endswith("/photos/nowhere.jpg")


@pytest.mark.parametrize("prefix", ["s3://bucket/train", "https://host/photos/"])
def test_prefix_is_taken_as_it_is(spark: SparkSession, prefix: str) -> None:
    assert photos_by_name(spark, prefix).prefix == prefix
    assert read_photos(spark, prefix).prefix == prefix
    ids = made_table(spark, "image_id string", [("a",)])
    (row,) = ids.select(uri_by_name(prefix)).collect()
    assert row[0] == prefix.rstrip("/") + "/a.jpg"


def test_folders_are_listed_unless_told_otherwise(spark: SparkSession, folder: Path) -> None:
    assert read_photos(spark, str(folder)).table is not None
    assert read_photos(spark, str(folder), list_them=True).table is not None
    assert read_photos(spark, str(folder), list_them=False).table is None


URIS = {
    "a": "a.jpg",
    "b": "below/deep/b.tif",
    "d": 'with "quotes", commas.jpg',
    "e": "back\\slash.jpg",
    "abs": "/photos/abs.jpg",
    "file": "file:///photos/file%20.jpg",
    "s3": "s3://bucket/key.jpg",
    "http": "https://host/a.jpg?b=c",
}
ABSOLUTE = {"abs", "file", "s3", "http"}


def write_csv(path: Path, header: list[str], table: Sequence[Sequence[str]]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *table])
    return str(path)


def expected_uris(folder: Path) -> dict[str, str]:
    return {name: uri if name in ABSOLUTE else f"file:{folder}/{uri}" for name, uri in URIS.items()}


def test_csv_manifest(spark: SparkSession, folder: Path) -> None:
    table = [(uri, "more", name) for name, uri in URIS.items()]
    path = write_csv(folder / "manifest.csv", ["URI", "Extra", "Image_ID"], table)
    photos = read_photos(spark, path)
    assert dict(rows(photos)) == expected_uris(folder)
    assert read_bytes(dict(rows(photos))["b"]) == b"below/deep/b.tif"


def test_parquet_manifest(spark: SparkSession, folder: Path) -> None:
    path = str(folder / "manifest.parquet")
    table = [(1, name, uri) for name, uri in URIS.items()]
    made_table(spark, "extra int, image_id string, uri string", table).write.parquet(path)
    assert dict(rows(read_photos(spark, path))) == expected_uris(folder)
    assert dict(rows(read_photos(spark, path + "/"))) == expected_uris(folder)


def test_manifest_in_a_folder_with_a_space(spark: SparkSession, tmp_path: Path) -> None:
    home = tmp_path / "my photos"
    home.mkdir()
    (home / "a b.jpg").write_bytes(b"here")
    path = write_csv(home / "manifest.csv", ["image_id", "uri"], [("a", "a b.jpg")])
    ((image_id, uri),) = rows(photos_from_manifest(spark, path))
    assert image_id == "a"
    assert read_bytes(uri) == b"here"


def test_numbers_as_ids_become_text(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "m.parquet")
    made_table(spark, "image_id long, uri string", [(7, "/a.jpg")]).write.parquet(path)
    assert rows(photos_from_manifest(spark, path)) == [("7", "/a.jpg")]
    path = write_csv(tmp_path / "m.csv", ["image_id", "uri"], [("007", "/a.jpg")])
    assert rows(photos_from_manifest(spark, path)) == [("007", "/a.jpg")]


def test_ids_are_read_as_those_of_labels_and_cells_may_have_line_breaks(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = [(" a ", " s3://bucket/a.jpg"), ("two\nlines", "/two\nlines.jpg"), ("c", " c.jpg ")]
    path = write_csv(tmp_path / "m.csv", ["image_id", "uri"], table)
    there = [("a", "s3://bucket/a.jpg"), ("c", f"file:{tmp_path}/ c.jpg ")]
    assert rows(photos_from_manifest(spark, path)) == [*there, ("two\nlines", "/two\nlines.jpg")]
    path = str(tmp_path / "m.parquet")
    made_table(spark, "image_id double, uri string", [(7.0, "/a.jpg")]).write.parquet(path)
    assert rows(photos_from_manifest(spark, path)) == [("7", "/a.jpg")]
    (tmp_path / "odd.csv").write_text('image_id,uri\na,"/a.jpg\nb,/b.jpg\n')
    with pytest.raises(SourceError, match=r"odd\.csv: a quotation mark is opened and not closed"):
        photos_from_manifest(spark, str(tmp_path / "odd.csv"))


def test_manifest_without_a_column_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "m.csv", ["image_id", "url"], [("a", "b")])
    expected = r"manifest .*: expected the columns image_id, uri; uri missing, it has image_id, url"
    with pytest.raises(SourceError, match=expected):
        read_photos(spark, path)
    path = str(tmp_path / "m.parquet")
    made_table(spark, "image_id string, url string", [("a", "b")]).write.parquet(path)
    with pytest.raises(SourceError, match=expected):
        read_photos(spark, path)


def test_a_manifest_without_photos_or_with_a_column_twice_is_refused(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "m.csv", ["image_id", "uri"], [])
    with pytest.raises(SourceError, match=r"m\.csv: expected a row for each photo"):
        read_photos(spark, path)
    path = write_csv(tmp_path / "n.csv", ["image_id", "uri", "URI"], [("a", "b", "c")])
    with pytest.raises(SourceError, match=r"the column uri stands in the header more than once"):
        read_photos(spark, path)


@pytest.mark.parametrize("name", ["m.csv", "m.csv.gz", "m.parquet"])
def test_missing_manifest_is_refused(spark: SparkSession, tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="manifest: there is nothing at"):
        read_photos(spark, str(tmp_path / name))


def test_manifest_with_a_scheme_that_workers_cannot_read_is_refused(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "m.csv", ["image_id", "uri"], [("a", "hdfs:///a.jpg"), ("b", "")])
    with pytest.raises(SourceError, match=r"hdfs:///a\.jpg.*hdfs is not supported.*binaryFile"):
        read_photos(spark, path)


@pytest.mark.parametrize(
    "uri", ["gs://b/a", "abfss://a@b/c", "ftp://host/a", "data:image/png;base64,AA"]
)
def test_a_row_with_a_scheme_that_is_not_supported_is_rejected_by_its_name(uri: str) -> None:
    found = load_photo(uri, PhotoKind.URI, 8, 8, fail_fast=False)
    assert isinstance(found, PhotoError)
    scheme = uri.partition(":")[0]
    expected = f"because {scheme} is not supported: expected a local path or a file, s3, s3a, s3n"
    assert found.reason == Reason.UNREADABLE
    assert expected in found.detail


def test_some_rows_of_a_manifest_may_have_other_schemes(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = [("a", "gs://b/a.jpg"), ("b", "/b.jpg")]
    path = write_csv(tmp_path / "m.csv", ["image_id", "uri"], table)
    assert rows(photos_from_manifest(spark, path)) == table


def test_binary_files_of_spark(spark: SparkSession, folder: Path) -> None:
    frame = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(str(folder))
    photos = photos_from_dataframe(frame)
    assert photos.table is not None
    assert photos.table.columns == ["image_id", "uri", "path", "image"]
    found = {row["image_id"]: bytes(row["image"]).decode() for row in photos.table.collect()}
    # Here is also a.jpg.part, whose stem is the name of a.jpg; and Spark reads files of any kind.
    assert {name: found[name] for name in LISTED} == LISTED
    assert found["a.jpg.part"] == "a.jpg.part"


def test_image_source_of_spark(spark: SparkSession, tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    Image.fromarray(samples).save(tmp_path / "one.two.png")
    photos = photos_from_dataframe(spark.read.format("image").load(str(tmp_path)))
    assert photos.table is not None
    assert photos.table.columns == ["image_id", "uri", "path", "image"]
    (row,) = photos.table.collect()
    assert row["image_id"] == "one.two"
    assert row["uri"].endswith("/one.two.png")
    assert bytes(row["image"]["data"]) == samples[:, :, ::-1].tobytes()


def test_dataframe_of_ids_and_uris(spark: SparkSession) -> None:
    frame = made_table(spark, "extra int, image_id long, uri string", [(1, 7, "/a.jpg")])
    photos = photos_from_dataframe(frame)
    assert photos.table is not None
    assert photos.table.columns == ["image_id", "uri", "path"]
    assert rows(photos) == [("7", "/a.jpg")]


@pytest.mark.parametrize("with_uri", [True, False])
def test_dataframe_of_ids_and_images(spark: SparkSession, with_uri: bool) -> None:
    schema = "image_id string, uri string, image binary"
    frame = made_table(spark, schema, [("a", "u", "eHk=")])  # xy in Base64
    photos = photos_from_dataframe(frame if with_uri else frame.drop("uri"))
    assert photos.table is not None
    assert photos.table.columns == ["image_id", "uri", "path", "image"]
    uri = "u" if with_uri else "dataframe:a"
    (row,) = photos.table.collect()
    assert tuple(row) == ("a", uri, None, bytearray(b"xy"))


@pytest.mark.parametrize("schema", ["image_id string", "image binary", "path string"])
def test_other_dataframes_are_refused(spark: SparkSession, schema: str) -> None:
    frame = made_table(spark, schema, [])
    with pytest.raises(SchemaError, match=f"got the columns {schema.split()[0]}"):
        photos_from_dataframe(frame)
