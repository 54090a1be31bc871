"""Downloading a part of Open Images from a local server with the same layout."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from sparkles.errors import SourceError, UnknownClassError
from sparkles.sources.open_images import fetch_open_images
from tests.http_server import serve


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[str]:
    """Four cars, three trees; the second car's photo is missing."""
    served = tmp_path / "served"
    (served / "validation").mkdir(parents=True)
    (served / "class-descriptions-boxable.csv").write_text("/m/0k4j,Car\n/m/07j7r,Tree\n")
    rows = ["ImageID,Source,LabelName,Confidence"]
    for n in range(4):
        rows.append(f"car{n},verification,/m/0k4j,1")
        rows.append(f"car{n},verification,/m/07j7r,0")
    rows += [f"tree{n},verification,/m/07j7r,1" for n in range(3)]
    labels = served / "validation-annotations-human-imagelabels-boxable.csv"
    labels.write_text("\n".join(rows) + "\n")
    for name in ("car0", "car2", "car3", "tree0", "tree1", "tree2"):
        (served / "validation" / f"{name}.jpg").write_bytes(name.encode())
    with serve(SimpleHTTPRequestHandler, directory=str(served)) as address:
        yield address


def test_photos_of_each_class_are_downloaded_once_with_their_labels(
    bucket: str, tmp_path: Path
) -> None:
    where = {"tables": bucket, "photos": f"{bucket}/validation"}
    subset = fetch_open_images(tmp_path / "part", ["Car", "Tree"], 4, **where)
    assert sorted(path.name for path in subset.images.iterdir()) == [
        *("car0.jpg", "tree0.jpg", "tree1.jpg")
    ]
    assert (subset.images / "tree1.jpg").read_bytes() == b"tree1"
    assert subset.photos == 3
    with subset.labels.open() as file:
        rows = list(csv.DictReader(file))
    assert {row["ImageID"] for row in rows} == {"car0", "car1", "tree0", "tree1"}
    assert len(rows) == 6
    # A second call uses the folder and asks no server.
    again = fetch_open_images(tmp_path / "part", ["Car"], 4, tables="http://127.0.0.1:9", photos="")
    assert again.photos == 3


def test_without_network_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot be reached .* needs the network"):
        fetch_open_images(tmp_path / "part", ["Car"], 4, tables="http://127.0.0.1:9", photos="")
    assert list(tmp_path.iterdir()) == []


def test_unknown_class_is_refused(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownClassError, match="'Caar' is not one"):
        fetch_open_images(tmp_path / "part", ["Caar"], 4, tables=bucket, photos=bucket)
