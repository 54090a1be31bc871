"""Folders listed by the workers: in S3 as on a disk, every photo is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.settings import PredictSettings
from sparkles.sources import folder as folder_module
from sparkles.sources import photos_from_folder, read_photos
from sparkles.spark.s3_requests import s3_options
from sparkles.storage import read_bytes
from sparkles.storage.s3_client import forget_client
from sparkles.workflow.inputs import open_photos
from sparkles.workflow.run import start_run
from tests.s3_server import s3_on_loopback

# As many kinds of file name as a disk allows; each file holds its name, except the empty ones.
EMPTY = ["empty.jpg", "below/empty.png"]
SHOWN = [
    *("a.jpg", "UPPER.JPG", "two.dots.jpeg", "below/deep/b.tif", "below/c.gif", "below/a.jpg"),
    *("with space.png", "percent%20.webp", "100%.bmp", "num#1.jpg", "what?.jpg", "a+b&c=d.jpg"),
    *("ü🌻/größe.jpg", "[x]{y}.jpg", "star*.jpg", "quo'te\".jpg", "x_/y.jpg", "x./y.jpg"),
    *("trailing .jpg", "_DSC0001.JPG", "_metadata/z.jpg", "_hidden/_a.jpg", "d._COPYING_/e.jpg"),
    *EMPTY,
]
HIDDEN = [
    *("note.txt", "jpg", "a.jpg.part", ".a.jpg", ".hidden/b.jpg", "below/.b.jpg", ".jpg"),
    *("below/._a.jpg", "c._COPYING_"),
]
MARKERS = ["photos/", "photos/below/", "photos/marker.jpg/"]
MANY = [f"many/{number:05d}.jpg" for number in range(3_200)]


def content(name: str) -> str:
    return "" if name in EMPTY else name


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Any]]:
    get_backend = pytest.importorskip("moto.backends").get_backend
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket="bucket", ACL="public-read")
        client.create_bucket(Bucket="empty", ACL="public-read")
        for name in [*SHOWN, *HIDDEN]:
            key, body = f"photos/{name}", content(name).encode()
            client.put_object(Bucket="bucket", Key=key, Body=body, ACL="public-read")
        for key in [*MARKERS, "texts/a.txt", "marked/"]:
            client.put_object(Bucket="bucket", Key=key)
        for key in MANY:  # not over HTTP, which takes ten times as long
            get_backend("s3")["123456789012"]["aws"].put_object("bucket", key, b".")
        yield endpoint, client


@pytest.fixture
def s3(
    server: tuple[str, Any], spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """Return a client of the server that Spark and its workers use."""
    endpoint, client = server
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    configured = {
        "fs.s3a.endpoint": endpoint,
        "fs.s3a.aws.credentials.provider": "AnonymousAWSCredentialsProvider",
    }
    configuration: Any = spark._jsc.hadoopConfiguration()
    for name, value in configured.items():
        configuration.set(name, value)
    yield client
    for name in configured:
        configuration.unset(name)
    forget_client()


def rows(photos: Any) -> list[tuple[str, str]]:
    return sorted((row["image_id"], row["uri"]) for row in photos.table.collect())


def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that the prefix of each later listing request is added to."""
    import moto.s3.responses as responses

    seen: list[str] = []
    answer = responses.S3Response.list_objects_v2

    def noted(self: Any) -> Any:
        seen.append(str(self.querystring.get("prefix")))
        return answer(self)

    monkeypatch.setattr(responses.S3Response, "list_objects_v2", noted)
    return seen


@pytest.mark.parametrize("folder", ["s3://bucket/photos", "s3a://bucket/photos/"])
def test_the_same_photos_as_on_a_disk(
    s3: Any, spark: SparkSession, tmp_path: Path, folder: str
) -> None:
    for name in [*SHOWN, *HIDDEN]:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content(name))

    def expected(start: str) -> list[tuple[str, str]]:
        stems = [name.split("/")[-1].rpartition(".")[0] for name in SHOWN]
        ids = [
            name if stems.count(stem) > 1 else stem for name, stem in zip(SHOWN, stems, strict=True)
        ]
        return sorted(zip(ids, (start + name for name in SHOWN), strict=True))

    on_disk = photos_from_folder(spark, str(tmp_path / "photos"))
    assert rows(on_disk) == expected(f"file:{tmp_path}/photos/")
    start = f"{folder.rstrip('/')}/"
    photos = photos_from_folder(spark, folder)
    assert photos.table is not None
    assert photos.prefix is None
    assert photos.table.columns == ["image_id", "uri", "path"]
    assert rows(photos) == expected(start)
    # Workers find each photo at its URI.
    for _, uri in rows(photos):
        assert read_bytes(uri, s3_options(spark)).decode() == content(uri[len(start) :])


def test_a_folder_of_several_ranges_and_pages(
    s3: Any, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [(key[5:-4], f"s3://bucket/{key}") for key in MANY]
    assert rows(read_photos(spark, "s3://bucket/many", list_them=True)) == expected
    monkeypatch.setattr(folder_module, "_FEWEST_RANGES", 1)
    monkeypatch.setattr(folder_module, "_RANGES_PER_CORE", 0)
    photos = photos_from_folder(spark, "s3://bucket/many")
    assert photos.table is not None
    assert photos.table.rdd.getNumPartitions() == 1
    assert rows(photos) == expected


def test_keys_that_are_not_file_names_are_listed(s3: Any, spark: SparkSession) -> None:
    names = ["c:d.jpg", "s//t.jpg", "<&>.jpg", "e\u0301.jpg", "\u00e9.jpg"]
    for name in names:
        s3.put_object(Bucket="bucket", Key=f"odd/{name}", Body=b".")
    found = rows(photos_from_folder(spark, "s3://bucket/odd"))
    assert {uri for _, uri in found} == {f"s3://bucket/odd/{name}" for name in names}
    # The last two are the same text in two Unicode forms, and stay apart.
    assert {image_id for image_id, _ in found} == {"c:d", "t", "<&>", *names[-2:]}


def test_the_workers_count_what_they_list(s3: Any, spark: SparkSession) -> None:
    listed = spark.sparkContext.accumulator(0)
    photos = read_photos(spark, "s3://bucket/many", list_them=True, listed=listed)
    assert listed.value == 0
    assert photos.table is not None
    assert photos.table.count() == len(MANY)
    assert listed.value == len(MANY)


def test_prefixes_are_not_listed_by_default(
    s3: Any, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asked(monkeypatch)
    assert read_photos(spark, "s3://bucket/many").table is None
    assert seen == []


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("s3://bucket/nowhere", "there is nothing at s3://bucket/nowhere"),
        ("s3://bucket/phot", "there is nothing at s3://bucket/phot"),
        ("s3://empty", "there is nothing at s3://empty"),
        ("s3://bucket/texts", r"no file in s3://bucket/texts has a photo's suffix"),
        ("s3://bucket/marked", r"no file in s3://bucket/marked has a photo's suffix"),
        ("s3://bucket/photos/a.jpg", r"a\.jpg is a file; expected a folder .* or a manifest"),
        ("s3://no-such-bucket/a", "NoSuchBucket; check the bucket's name"),
    ],
)
def test_what_cannot_be_listed_is_refused(
    s3: Any, spark: SparkSession, folder: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        photos_from_folder(spark, folder)


def test_a_command_lists_once_even_if_it_reads_often(
    s3: Any, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"model": "m", "images": "s3://bucket/many", "list_images": "always", "quiet": True}
    settings = PredictSettings.create({**given, "output": str(tmp_path / "out")})
    seen = asked(monkeypatch)
    with start_run(settings, [], spark) as run:
        photos = open_photos(run, settings.images, None)
        assert photos.table is not None
        listing = len(seen)
        assert listing > len(MANY) / 1000
        s3.put_object(Bucket="bucket", Key="many/late.jpg", Body=b".")
        assert {photos.table.count() for _ in range(3)} == {len(MANY)}
        assert len(seen) == listing
    s3.delete_object(Bucket="bucket", Key="many/late.jpg")
