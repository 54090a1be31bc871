"""Words of a command line become settings, and mistakes one line with the nearest name."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sparkles.cli import main
from sparkles.cli.commands import COMMANDS, FIRST_STEPS, GROUPS
from sparkles.cli.jobs import split_job
from sparkles.cli.parser import parse, parser_of
from sparkles.settings import Settings
from sparkles.settings.base import options_of
from sparkles.settings.command import Command
from sparkles.version import __version__

PREDICT = ["predict", "--model", "m", "--images", "p", "--output", "o"]
TRAIN = ["train", "--images", "/dev", "--output", "new"]
SIZE = ["emr", "size", "--instance", "r5.4xlarge"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*TRAIN, "--clases", "Car,Tree"], "has no option --clases. Did you mean --classes?"),
        ([*TRAIN, "--classs", "Car,Tree"], "has no option --classs. Did you mean --classes?"),
        ([*TRAIN, "--clases=Car"], "has no option --clases. Did you mean --classes?"),
        ([*TRAIN, "Car"], "unexpected argument 'Car'"),
        ([*TRAIN, "\u2013modle", "x"], "has no option \u2013modle. Did you mean --model?"),
        ([*TRAIN, "\u2014model=x"], "has no option \u2014model. Did you mean --model?"),
        ([*TRAIN, "--classes"], "--classes: expected one argument"),
        (["trian"], "there is no command 'trian'. Did you mean train?"),
        (["emr", "lunch"], "there is no command 'lunch'. Did you mean launch?"),
        ([*SIZE, "--instnce", "x"], "has no option --instnce. Did you mean --instance?"),
        (["emr", "status"], "the following arguments are required: ID"),
        (["--vresion"], "unrecognized arguments: --vresion"),
    ],
)
def test_mistakes_are_one_line_and_the_usage(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(words) == 2
    line, *usage = capsys.readouterr().err.splitlines()
    assert line.startswith("sparkles: error: ")
    assert message in line
    if usage:
        assert usage[0].startswith("usage: sparkles ")
        assert usage[1].strip().startswith("sparkles ")
        assert usage[2:] == []


@pytest.mark.parametrize(
    ("words", "message", "shown"),
    [
        ([], "name a command: train, predict,", "  sparkles demo"),
        (["emr"], "name a command: validate, size,", "  launch "),
    ],
)
def test_without_a_command_the_overview_is_shown(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str, shown: str
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert shown in error


def test_all_mistakes_are_listed_with_the_files_that_are_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--list-images", "alway", "--limt", "3", "more", "--quite"]
    assert main([*PREDICT, *words]) == 2
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "sparkles: error: 6 problems:"
    assert "has no option --limt." in lines[0]
    assert "unexpected argument 'more'" in lines[1]
    assert "has no option --quite. Did you mean --quiet?" in lines[2]
    assert "--list-images: expected auto or always or never, got 'alway'" in lines[3]
    assert "there is no saved model at m" in lines[4]
    assert "there is nothing at p (--images)" in lines[5]


EXAMPLES = [(command, text) for command in COMMANDS for text in command.examples]


def test_every_command_has_two_or_three_examples() -> None:
    assert {len(command.examples) for command in COMMANDS} <= {2, 3}
    assert set(FIRST_STEPS) <= {text for _, text in EXAMPLES}


@pytest.mark.parametrize(("command", "text"), EXAMPLES)
def test_every_example_can_be_typed(command: Command, text: str) -> None:
    program, *words = shlex.split(text)
    assert program == "sparkles"
    words, job = split_job(words)
    parsed = parse(words)
    assert parsed.command is command
    assert text in parser_of(command).format_help()
    if "--config" in words:  # the rest comes from the file
        return
    parsed.settings()
    if job:
        assert parse(job).command.is_job


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sparkles {__version__}\n"


def test_a_switch_in_a_config_file_is_switched_off(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("overwrite: true\nquiet: true\nrequester-pays: true\n")
    words = [*PREDICT, "--config", str(config), "--no-overwrite", "--no-quiet"]
    settings = parse(words).settings()
    assert vars(settings).items() >= {"overwrite": False, "quiet": False}.items()
    assert vars(settings)["requester_pays"] is True


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_a_runner_and_a_help(command: Command) -> None:
    assert callable(command.load())
    assert command.summary.endswith(".")
    shown = parser_of(command).format_help()
    assert shown.startswith(f"usage: sparkles {command.name}")
    for option in options_of(command.settings):
        assert (option.metavar if option.positional else f"--{option.name}".replace("_", "-")) in (
            shown.replace("\n", " ")
        )


def test_every_group_has_commands() -> None:
    groups = {command.name.split()[0] for command in COMMANDS if " " in command.name}
    assert groups == set(GROUPS)


def test_every_command_has_settings_of_its_own() -> None:
    kinds: list[type[Settings]] = [command.settings for command in COMMANDS]
    assert len(set(kinds)) == len(kinds)
