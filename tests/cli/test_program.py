"""The command line: help, configuration, and bad input that ends in one line and status 2."""

from __future__ import annotations

import gzip
import importlib
import json
import socket
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from sparkles.cli import main

LABELS = """ImageID,Source,LabelName,Confidence
0001,verification,/m/0k4j,1
0002,verification,/m/07j7r,1
0003,verification,/m/0k4j,0
0004,machine,/m/0k4j,0.9
0005,verification,/m/01g317,0
"""
CUT_SHORT = gzip.compress(bytes(range(256)) * 40)[:100]
NAMES = "/m/0k4j,Car\n/m/07j7r,Tree\n/m/01g317,Person\n"


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, str]:
    """Arguments that would work, if there were more than two images."""
    images = tmp_path / "images"
    images.mkdir()
    for name in ("0001", "0002"):
        (images / f"{name}.jpg").write_bytes(b"not looked at")
    (tmp_path / "labels.csv").write_text(LABELS)
    (tmp_path / "names.csv").write_text(NAMES)
    return {
        "labels": str(tmp_path / "labels.csv"),
        "class-names": str(tmp_path / "names.csv"),
        "images": str(images),
        "classes": "Car,Tree",
        "model": "SparklesDemo",
        "output": str(tmp_path / "run"),
    }


def run(command: str, options: dict[str, str]) -> int:
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return main([command, "--quiet", *words])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": "nowhere.csv"}, "labels: there is nothing at nowhere.csv"),
        ({"class-names": "nowhere.csv"}, "class names: there is nothing at nowhere.csv"),
        ({"images": "nowhere"}, "photos: there is nothing at nowhere"),
        ({"labels": "{names}"}, "expected a column that names the photo"),
        ({"classes": "Car,Treee"}, "'Treee' is not among the 3 known. Did you mean Tree?"),
        ({"classes": "Car,/m/0zzz"}, "class '/m/0zzz' is not among the 3 known"),
        ({"classes": "Car"}, "at least two classes"),
        ({"classes": "Car,Person"}, "the class Person has no positive label"),
        ({"min-confidence": "2"}, "--min-confidence: expected a number above 0 and up to 1"),
        ({"sources": "crowdsource-verification"}, "no positive label is left"),
        ({"model": "InceptionV9"}, "modelName 'InceptionV9' is not known. Did you mean Inception"),
        ({"output": "{images}"}, "is the input"),
        ({"output": "{other}"}, "exists already"),
        ({"min-confidence": "high"}, "--min-confidence: expected a number, got 'high'"),
        ({"ambiguous": "guess"}, "--ambiguous: expected drop or first or keep"),
        ({"test-fraction": "1"}, "add up to less than 1"),
        ({"test-fraction": "0"}, "--test-fraction: expected more than 0"),
        ({"batch-size": "0"}, "--batch-size: expected a whole number from 1 to 4,096, got 0"),
        ({"config": "nowhere.yaml"}, "config nowhere.yaml cannot be read"),
    ],
)
def test_bad_input_of_train(
    spark: SparkSession,
    inputs: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str],
    message: str,
) -> None:
    places = {"names": inputs["class-names"], "images": inputs["images"]}
    places["other"] = str(tmp_path / "other")
    (tmp_path / "other").mkdir()
    options = inputs | {name: value.format(**places) for name, value in changed.items()}
    assert run("train", options) == 2
    error, _, usage = capsys.readouterr().err.partition("\nusage: ")
    lines = error.strip().splitlines()
    assert len(lines) == 1, lines
    assert not usage or usage.startswith("sparkles train ")
    assert lines[0].startswith("sparkles: error: ")
    assert message in lines[0]


def test_all_that_can_be_checked_is_listed_before_spark_starts(
    inputs: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a session was built")

    monkeypatch.setattr("sparkles.workflow.run.build_session", refuse)
    Path(inputs["output"]).mkdir()
    wrong = {"labels": "no.csv", "images": "nowhere", "model": "InceptionV9", "weights": "no.h5"}
    assert run("train", inputs | wrong) == 2
    first, *lines = capsys.readouterr().err.strip().splitlines()
    assert first == "sparkles: error: 5 problems:"
    expected = [
        "there is nothing at no.csv",
        "there is nothing at nowhere (--images)",
        f"the output {inputs['output']} exists already",
        "'InceptionV9' is not known",
        "weights 'no.h5': there is no such file",
    ]
    assert all(any(text in line for line in lines) for text in expected), lines
    assert [line.strip()[:2] for line in lines] == ["1.", "2.", "3.", "4.", "5."]


def test_source_photos_are_never_overwritten(
    spark: SparkSession, inputs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    images = Path(inputs["images"])
    words = [f"--{name}={inputs[name]}" for name in ("labels", "class-names", "images", "classes")]
    assert main(["prepare", *words, f"--output={images}/../images", "--overwrite"]) == 2
    assert "is the input" in capsys.readouterr().err
    assert sorted(path.name for path in images.iterdir()) == ["0001.jpg", "0002.jpg"]


def test_labels_that_name_several_photos_are_refused(
    spark: SparkSession, inputs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    images = Path(inputs["images"])
    for folder in ("buses", "cars"):
        (images / folder).mkdir()
        (images / folder / "0001.jpg").write_bytes(folder.encode())
    (images / "0001.jpg").unlink()
    assert run("train", inputs) == 2
    error = capsys.readouterr().err
    assert all(text in error for text in ("buses/0001.jpg", "cars/0001.jpg", "several photos"))


def test_weights_that_cannot_be_had(
    spark: SparkSession,
    inputs: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError("URL fetch failure")

    module = importlib.import_module("sparkles.workflow.training")
    monkeypatch.setattr(module, "check_trainable", lambda *_: None)
    monkeypatch.setattr("keras.src.applications.vgg16.file_utils.get_file", refuse)
    assert run("train", inputs | {"model": "VGG16"}) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "no ImageNet weights for VGG16" in line
    assert not Path(inputs["output"]).exists()


def test_too_few_images_are_refused_before_the_network_is_loaded(
    spark: SparkSession, inputs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    weights = Path(inputs["labels"]).with_name("weights.h5")
    weights.write_bytes(b"not looked at")
    assert run("train", inputs | {"weights": str(weights)}) == 2
    assert "too few images" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["images", "output"])
def test_missing_arguments_are_named(
    inputs: dict[str, str], capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    del inputs[missing]
    assert run("train", inputs) == 2
    assert f"--{missing} is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "there is no saved model"),
        (lambda folder: (folder / "model").mkdir(), "it has no metadata"),
        (
            lambda folder: (
                (folder / "model" / "metadata").mkdir(parents=True),
                (folder / "model" / "metadata" / "part-00000").write_text("{broken"),
            ),
            "cannot be read",
        ),
        (
            lambda folder: (
                (folder / "model" / "metadata").mkdir(parents=True),
                (folder / "model" / "metadata" / "part-00000.gz").write_bytes(CUT_SHORT),
            ),
            "/model cannot be read: a file ends too early",
        ),
    ],
)
def test_unreadable_models(
    spark: SparkSession,
    inputs: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: object,
    message: str,
) -> None:
    make(tmp_path)  # type: ignore[operator]
    options = {"model": str(tmp_path / "model"), "images": inputs["images"]}
    assert run("predict", options | {"output": str(tmp_path / "out")}) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
    assert not (tmp_path / "out").exists()


def test_a_model_s_parent_is_no_model_but_a_hint(
    spark: SparkSession, inputs: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run" / "model").mkdir(parents=True)
    options = {"model": str(tmp_path / "run"), "images": inputs["images"]}
    assert run("predict", options | {"output": str(tmp_path / "out")}) == 2
    assert f"Did you mean {tmp_path}/run/model?" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_arguments_win_over_the_config_file(
    spark: SparkSession,
    inputs: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    suffix: str,
) -> None:
    config = tmp_path / f"config.{suffix}"
    content = inputs | {"classes": ["Car", "Tree"], "model": "FromTheFile"}
    config.write_text(
        json.dumps(content)
        if suffix == "json"
        else "\n".join(f"{name}: {json.dumps(value)}" for name, value in content.items())
    )
    assert main(["train", "--quiet", "--config", str(config)]) == 2
    assert "'FromTheFile' is not known" in capsys.readouterr().err
    assert main(["train", "--quiet", "--config", str(config), "--model", "FromTheLine"]) == 2
    assert "'FromTheLine' is not known" in capsys.readouterr().err


def test_unknown_names_in_a_config_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("lables: a.csv\n")
    assert main(["train", "--config", str(config)]) == 2
    assert "there is no setting 'lables'. Did you mean labels" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [[], ["train"], ["predict"], ["evaluate"], ["featurize"], ["prepare"], ["demo"]]
)
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "usage: sparkles" in capsys.readouterr().out


def test_a_real_demo_without_network_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", offline)
    words = ["demo", "--quiet", "--photos", "open-images", "--output", str(tmp_path / "run")]
    assert main(words) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "Open Images cannot be reached" in line
    assert "photos='drawn'" in line
    assert list((tmp_path).rglob("*.incomplete*")) == []


def test_a_failed_spark_job_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.errors import PythonException

    def fail(*_: object) -> None:
        raise PythonException(
            "An exception was thrown from the Python worker:\n"
            'Traceback (most recent call last):\n  File "x.py", line 1\n'
            "OSError: [Errno 28] No space left on device\n"
        )

    monkeypatch.setattr("sparkles.commands.demo", fail)
    monkeypatch.delenv("SPARKLES_DEBUG", raising=False)
    assert main(["demo"]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "No space left on device" in line
    assert "nothing was written" in line


def test_a_defect_of_ours_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sparkles.commands.demo", fail)
    with pytest.raises(ZeroDivisionError):
        main(["demo"])


def test_ctrl_c_says_what_is_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sparkles.commands.demo", stop)
    assert main(["demo"]) == 130
    assert "nothing was written" in capsys.readouterr().err
