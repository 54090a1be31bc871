import json
from pathlib import Path

import pytest

from sparkles.errors import OutputExistsError, SourceError
from sparkles.filesystem import FileSystem, check_absent, check_absent_locally, new_folder

NAMES = ["plain", "with space", "per%20cent", "hash#mark", "plus+and&"]


@pytest.fixture(scope="module")
def files(spark):
    return FileSystem(spark)


def names_in(folder):
    """All that is there, hidden files and all."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", NAMES)
def test_text(files, tmp_path, name):
    path = tmp_path / "new folder" / f"{name}.txt"
    text = "Zeile 1\nλ, 木, 🚗\r\n\ttabs and no last newline"
    files.write_text(str(path), text)
    assert path.read_bytes() == text.encode("utf-8")
    assert names_in(tmp_path) == ["new folder", f"new folder/{name}.txt"]  # no .crc beside it
    assert files.read_text(str(path)) == text


def test_text_replaces_what_is_there(files, tmp_path):
    path = str(tmp_path / "a.txt")
    files.write_text(path, "a long text")
    files.write_text(path, "short")
    assert files.read_text(path) == "short"
    files.write_text(path, "")
    assert files.read_text(path) == ""


def test_text_written_by_others_is_read(files, tmp_path):
    (tmp_path / "a.txt").write_text("ä" * 100_000, encoding="utf-8")
    assert files.read_text(str(tmp_path / "a.txt")) == "ä" * 100_000
    assert files.read_text(f"file:{tmp_path}/a.txt") == "ä" * 100_000


def test_json(files, tmp_path):
    content = {"class": "木", "share": 0.1, "none": None, "list": [1, 2]}
    files.write_json(str(tmp_path / "a.json"), content)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == content
    assert "木" in text  # for people to read
    assert text.endswith("}\n")
    assert names_in(tmp_path) == ["a.json"]


def test_json_has_no_nan(files, tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(str(tmp_path / "a.json"), {"share": float("nan")})
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("what", ["nowhere.txt", ""])
def test_reading_what_is_no_file(files, tmp_path, what):
    with pytest.raises(SourceError, match="there is no file"):
        files.read_text(str(tmp_path / what))


def test_what_is_there(files, tmp_path):
    (tmp_path / "a.txt").touch()
    there = {
        path: (files.exists(f"{tmp_path}/{path}"), files.is_folder(f"{tmp_path}/{path}"))
        for path in ("", "a.txt", "nowhere")
    }
    assert there == {"": (True, True), "a.txt": (True, False), "nowhere": (False, False)}


def test_absolute(files, tmp_path):
    assert files.absolute(str(tmp_path)) == f"file:{tmp_path}"
    assert files.absolute("some/where") == f"file:{Path.cwd()}/some/where"


@pytest.mark.parametrize("name", NAMES)
def test_upload_and_download(files, tmp_path, name):
    content = bytes(range(256)) * 100
    here = tmp_path / f"{name} here"
    here.write_bytes(content)
    there, back = tmp_path / "there" / f"{name}.bin", tmp_path / f"{name} back"
    files.upload(here, str(there))
    assert there.read_bytes() == content
    files.download(str(there), back)
    assert back.read_bytes() == content
    assert here.read_bytes() == content
    assert f".{name} back.crc" not in names_in(tmp_path)


def test_upload_replaces(files, tmp_path):
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "there").write_bytes(b"old one")
    files.upload(tmp_path / "new", str(tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == b"new"


def test_rename_and_delete(files, tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("c")
    files.rename(str(tmp_path / "a"), str(tmp_path / "new parent" / "d"))
    assert (tmp_path / "new parent" / "d" / "b" / "c.txt").read_text() == "c"
    files.delete(str(tmp_path / "new parent"))
    files.delete(str(tmp_path / "nowhere"))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_new_folder_appears_when_it_is_complete(files, tmp_path, name):
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


def test_new_folder_is_written_by_spark(spark, files, tmp_path):
    with new_folder(files, str(tmp_path / "run"), overwrite=False) as draft:
        spark.range(3).write.parquet(f"{draft}/table")
    assert spark.read.parquet(str(tmp_path / "run" / "table")).count() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_leaves_nothing_behind(files, tmp_path, error):
    def fail():
        with new_folder(files, str(tmp_path / "run"), overwrite=False) as draft:
            files.write_text(f"{draft}/a.txt", "a")
            raise error("stop")

    with pytest.raises(error, match="stop"):
        fail()
    assert names_in(tmp_path) == []


@pytest.fixture
def old(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old.txt").write_text("old")
    return tmp_path / "run"


def test_overwrite_keeps_the_old_one_until_the_new_one_is_complete(files, old):
    with new_folder(files, str(old), overwrite=True) as draft:
        files.write_text(f"{draft}/new.txt", "new")
        assert (old / "old.txt").read_text() == "old"
    assert names_in(old.parent) == ["run", "run/new.txt"]


def test_failure_keeps_the_old_one(files, old):
    def fail():
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert names_in(old.parent) == ["run", "run/old.txt"]


def test_failure_of_the_very_last_step_keeps_the_old_one(files, old, monkeypatch):
    whole = FileSystem.rename

    def rename(self, source, target):
        if ".incomplete-" in source:
            raise SourceError("the storage refuses")
        whole(self, source, target)

    def replace():
        with new_folder(files, str(old), overwrite=True) as draft:
            files.write_text(f"{draft}/new.txt", "new")

    monkeypatch.setattr(FileSystem, "rename", rename)
    with pytest.raises(SourceError, match="refuses"):
        replace()
    assert names_in(old.parent) == ["run", "run/old.txt"]


def test_existing_output_is_refused_before_anything_is_done(files, old):
    begun = []

    def write():
        with new_folder(files, str(old), overwrite=False) as draft:
            begun.append(draft)

    with pytest.raises(OutputExistsError, match=r"exists already; choose .* or add --overwrite"):
        write()
    assert begun == []
    assert names_in(old.parent) == ["run", "run/old.txt"]


def test_output_that_appears_meanwhile_is_not_written_into(files, tmp_path):
    with new_folder(files, str(tmp_path / "run"), overwrite=True) as draft:
        files.write_text(f"{draft}/new.txt", "new")
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "other.txt").write_text("other")
    assert names_in(tmp_path) == ["run", "run/new.txt"]


def test_check_absent(files, old):
    for check in (lambda **how: check_absent(files, **how), check_absent_locally):
        check(path=str(old), overwrite=True)
        check(path=str(old / "nowhere"), overwrite=False)
        with pytest.raises(OutputExistsError, match=f"the output {old} exists already"):
            check(path=str(old), overwrite=False)
    with pytest.raises(OutputExistsError):
        check_absent_locally(old.as_uri(), overwrite=False)
    check_absent_locally("s3://bucket/run", overwrite=False)  # not looked for before Spark is there
