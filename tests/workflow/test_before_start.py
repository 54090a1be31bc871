"""What is refused before Spark starts: outputs in the way, places that are none, for each command.

Nothing here needs Spark.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sparkles.cli.commands import COMMANDS
from sparkles.cli.program import main
from sparkles.errors import UserError
from sparkles.settings import OutputSettings, TrainSettings
from sparkles.settings.base import options_of, places_of
from sparkles.workflow import before_start
from sparkles.workflow.before_start import find_problems

WRITERS = [command for command in COMMANDS if issubclass(command.settings, OutputSettings)]
NAMES = [command.name for command in WRITERS]
NOTE = json.dumps({"command": "train", "versions": {"sparkles": "1.0"}})
SPELLINGS = [
    "{folder}/out",
    "{folder}/out/",
    "{folder}//out",
    "{folder}/./out",
    "{folder}/deeper/../out",
    "{folder}/link",
    "file:{folder}/out",
    "FILE:{folder}/out",
    "file://{folder}/out",
    "out",
    "./out/",
]


@pytest.fixture(autouse=True)
def without_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no session, which another test of this process may have started, nor for Java."""
    monkeypatch.setattr(before_start.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(before_start, "find_java", lambda: None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of the user's in it, which lies where the output is to be."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("of the user")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "link").symlink_to("out")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of_output(name: str, output: str, **more: Any) -> list[UserError]:
    """Return what is wrong with the output of a command, whatever its other settings."""
    kind = next(command.settings for command in WRITERS if command.name == name)
    settings, _ = kind.draft({"output": output, **more})
    return [problem for problem in find_problems(settings) if "output" in problem.settings]


def test_every_command_that_writes_a_folder_is_tested() -> None:
    writing = {
        command.name
        for command in COMMANDS
        if any(option.place == "output" for option in options_of(command.settings))
    }
    assert writing == set(NAMES) >= {"train", "predict", "featurize", "demo"}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_the_users_is_replaced_by_no_command(
    folder: Path, name: str, spelling: str
) -> None:
    output = spelling.format(folder=folder)
    (problem,) = problems_of_output(name, output, overwrite=True)
    assert "is not a folder that Sparkles wrote" in str(problem)
    (problem,) = problems_of_output(name, output)
    assert "exists already; choose another output, or set overwrite" in str(problem)


@pytest.mark.parametrize("name", NAMES)
def test_an_earlier_output_is_replaced_only_on_request(folder: Path, name: str) -> None:
    (folder / "out" / "run.json").write_text(NOTE)
    assert problems_of_output(name, "out", overwrite=True) == []
    assert len(problems_of_output(name, "out")) == 1
    assert problems_of_output(name, "new") == []


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ("{folder}/out/photos", "{folder}/out"),
        ("out", "file://{folder}/out/"),
        ("link", "{folder}//out"),
        ("deeper/../link/run", "file:{folder}/./out"),
        ("s3://bucket/photos", "s3a://bucket//photos/"),
        ("s3n://bucket/photos/run", "s3://bucket/photos"),
        ("s3://bucket/a/../photos", "S3://bucket/photos/b"),
    ],
)
def test_an_output_is_never_an_input_however_it_is_spelled(
    folder: Path, output: str, place: str
) -> None:
    (folder / "out" / "run.json").write_text(NOTE)
    given = {"images": place.format(folder=folder), "overwrite": True}
    problems = problems_of_output("train", output.format(folder=folder), **given)
    assert len(problems) == 1
    assert "(images): writing it could delete the input" in str(problems[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("cars[1]", "its path has '['"),
        ("out/mine.txt/run", "mine.txt is a file"),
        ("s3://", "expected s3://BUCKET/"),
        ("s3://bucket/", "it is a whole bucket, or none"),
        ("/", "no folder with a name of its own"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused(
    folder: Path, name: str, output: str, message: str
) -> None:
    problems = problems_of_output(name, output)
    assert any(message in str(problem) for problem in problems), problems


def test_a_model_is_not_written_where_spark_cannot_load_it(folder: Path) -> None:
    assert len(problems_of_output("train", "runs/12:30")) == 1
    assert len(problems_of_output("demo", "runs/a,b")) == 1
    assert problems_of_output("predict", "runs/12:30") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder")
def test_a_folder_without_permission_is_refused(folder: Path) -> None:
    (folder / "deeper").chmod(0o500)
    (problem,) = problems_of_output("train", "deeper/run")
    assert f"{folder}/deeper refuses a file" in str(problem)


@pytest.mark.parametrize("place", ["s3://", "s3a:///photos", "S3:", "file:", "file:///"])
@pytest.mark.parametrize("name", ["images", "labels", "class_names"])
def test_a_place_that_names_nothing_is_refused(name: str, place: str) -> None:
    assert name in places_of(TrainSettings(images="p", output="o", labels="l"), "input") or (
        name == "class_names"
    )
    settings, _ = TrainSettings.draft({"images": "p", "output": "o", name: place})
    problems = [str(one) for one in find_problems(settings) if name in one.settings]
    assert any(problem.startswith(f"{name}: expected ") for problem in problems), problems


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--reg-param", "nan"], "--reg-param: expected a number of at least 0, got nan"),
        (["--min-confidence", "0"], "--min-confidence: expected a number above 0 and up to 1"),
        (["--master", "nonsense"], "--master: expected local[*], local[2], spark://host:7077"),
        (["--batch-size", "-3"], "--batch-size: expected a whole number from 1 to 4,096, got -3"),
        (["--report-photos", "-4"], "--report-photos: expected a whole number from 0 to 10,000"),
        (["--images", "s3://"], "--images: expected s3://BUCKET/ and what is in it, got 's3://'"),
        (["--output", "a[b"], "the output a[b cannot be written: its path has '['"),
    ],
)
def test_the_command_line_names_the_option(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    (folder / "photos" / "cat").mkdir(parents=True)
    given = ["train", "--images", "photos", "--output", "new", "--model", "SparklesDemo"]
    assert main([*given, *words]) == 2
    error = capsys.readouterr().err.partition("\nusage")[0]
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert not (folder / "new").exists()
