"""Layouts of other tools: recognised by names alone, and refused with what converts them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkles.errors import SourceError
from sparkles.sources.layouts import refuse_other_labels, refuse_other_photos

FEATURES = {
    "img": {"_type": "Image"},
    "id": {"dtype": "int64", "_type": "Value"},
    "fine_label": {"names": ["cat", "dog"], "_type": "ClassLabel"},
}
COCO = {
    "info": {"year": 2017},
    "images": [{"id": 7, "file_name": "b.jpg"}, {"id": 3, "file_name": "a, b.jpg"}],
    "annotations": [
        {"image_id": 3, "category_id": 18},
        {"image_id": 3, "category_id": 18},
        {"image_id": 7, "category_id": 18},
        {"image_id": 7, "category_id": 1},
    ],
    "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
}


def refusal(path: Path, *, labels: bool = False) -> str:
    with pytest.raises(SourceError) as caught:
        (refuse_other_labels if labels else refuse_other_photos)(str(path))
    (setting,) = caught.value.settings
    assert str(caught.value).startswith(f"{setting}: "), "the command line shows the option there"
    return str(caught.value)


def program(message: str) -> str:
    """The Python program of a message's command; it compiles."""
    text = message.partition("<<'END'\n")[2].removesuffix("\nEND")
    compile(text, "command", "exec")
    return text


def run(message: str, folder: Path) -> list[list[str]]:
    """Run a message's command as it stands there, and return the table that it writes."""
    command = message.partition("\n\n")[2]
    shell = f'python() {{ {sys.executable} "$@"; }}\n{command}'
    subprocess.run(["bash", "-c", shell], cwd=folder, check=True)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def save_part(folder: Path, features: object = FEATURES) -> None:
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{}")
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    (folder / "data-00000-of-00001.arrow").write_bytes(b"")


def write_parquet(path: Path, features: object = FEATURES) -> None:
    photo = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    noted = json.dumps({"info": {"features": features}}) if features else "{}"
    schema = pa.schema([("img", photo), ("fine_label", pa.int64())], {"huggingface": noted})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(schema.empty_table(), path)


def test_a_saved_dataset_is_refused_with_a_program_for_its_columns(tmp_path: Path) -> None:
    save_part(tmp_path / "one")
    message = refusal(tmp_path / "one")
    assert f"{tmp_path / 'one'} is a dataset of Hugging Face's `datasets`" in message
    text = program(message)
    assert "data = load_from_disk(sys.argv[1])" in text
    assert 'photo, label = row["img"], row["fine_label"]' in text
    for part in ("train", "test"):
        save_part(tmp_path / "two" / part)
    (tmp_path / "two" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert program(refusal(tmp_path / "two")) == text


def test_parquet_files_with_photos_are_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "hub" / "data" / "train-00000-of-00001.parquet")
    assert "data = load_dataset(sys.argv[1])\n" in program(refusal(tmp_path / "hub"))
    file = tmp_path / "photos.parquet"
    write_parquet(file)
    for labels in (False, True):
        text = program(refusal(file, labels=labels))
        assert 'load_dataset("parquet", data_files=sys.argv[1], split="train")' in text
    write_parquet(file, {})
    assert "without a column of classes (ClassLabel)" in refusal(file)


def test_a_dataset_without_photos_or_classes_shows_its_columns(tmp_path: Path) -> None:
    save_part(tmp_path / "text", {"text": {"dtype": "string", "_type": "Value"}})
    assert "without a column of photos" in refusal(tmp_path / "text")
    assert "Its columns are text. " in refusal(tmp_path / "text")


@pytest.mark.parametrize("as_labels", [True, False])
def test_annotations_of_coco_are_refused_with_a_command_that_runs(
    tmp_path: Path, as_labels: bool
) -> None:
    folder = tmp_path / "my coco"
    (folder / "annotations").mkdir(parents=True)
    file = folder / "annotations" / "instances_val2017.json"
    file.write_text(json.dumps(COCO))
    message = refusal(file, labels=True) if as_labels else refusal(folder)
    assert run(message, tmp_path) == [
        ["file", "label"],
        ["a, b.jpg", "dog"],
        ["b.jpg", "dog"],
        ["b.jpg", "person"],
    ]


def test_pascal_voc_is_refused_with_a_command_that_keeps_the_split(tmp_path: Path) -> None:
    voc = tmp_path / "VOC2012"
    (voc / "JPEGImages").mkdir(parents=True)
    (voc / "ImageSets/Main").mkdir(parents=True)
    lists = {"train": "001 -1\n002  1\n", "val": "003  1\n004  0\n", "trainval": "002  1\n"}
    for part, text in lists.items():
        (voc / f"ImageSets/Main/tvmonitor_{part}.txt").write_text(text)
        (voc / f"ImageSets/Main/{part}.txt").write_text("001\n")
    assert run(refusal(voc), tmp_path) == [
        ["file", "label", "split"],
        ["002.jpg", "tvmonitor", "train"],
        ["003.jpg", "tvmonitor", "validation"],
    ]


def test_tfrecords_are_refused(tmp_path: Path) -> None:
    for name in ("train.tfrecord-00000-of-00002", "train.tfrecord-00001-of-00002"):
        (tmp_path / name).write_bytes(b"")
    for path in (tmp_path, tmp_path / "train.tfrecord-00000-of-00002"):
        message = refusal(path)
        assert "tf.data.TFRecordDataset" in program(message)
    assert f"'{tmp_path}/*.tfrecord*' {tmp_path.name}-photos" in refusal(tmp_path)


def test_the_root_of_imagenet_leads_to_its_folders_of_classes(tmp_path: Path) -> None:
    train = tmp_path / "ILSVRC/Data/CLS-LOC/train"
    (train / "n01440764").mkdir(parents=True)
    assert f"set images to {train}" in refusal(tmp_path)
    refuse_other_photos(str(train))


def test_what_sparkles_reads_is_let_pass(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "rows.json").write_text('{"images": "a.jpg", "label": "cat"}\n')
    (tmp_path / "labels.csv").write_text("file,label\n")
    pq.write_table(pa.table({"image_id": ["a"], "uri": ["a.jpg"]}), tmp_path / "manifest.parquet")
    for name in ("", "cats", "manifest.parquet", "absent", "absent.parquet"):
        refuse_other_photos(str(tmp_path / name))
    for name in ("rows.json", "labels.csv", "absent.json"):
        refuse_other_labels(str(tmp_path / name))
    for uri in ("s3://bucket/data.parquet", "https://example.org/instances.json"):
        refuse_other_photos(uri)
        refuse_other_labels(uri)
