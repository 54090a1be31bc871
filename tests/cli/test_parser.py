"""Words of a command line become settings, and mistakes one line with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkles.cli import main
from sparkles.cli.commands import COMMANDS, GROUPS
from sparkles.cli.parser import parse, parser_of
from sparkles.settings import Settings
from sparkles.settings.base import options_of
from sparkles.settings.command import Command
from sparkles.version import __version__

PREDICT = ["predict", "--model", "m", "--images", "p", "--output", "o"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--clases", "Car,Tree"], "has no option --clases. Did you mean --classes?"),
        (["train", "--classs", "Car,Tree"], "has no option --classs. Did you mean --classes?"),
        (["train", "--clases=Car"], "has no option --clases. Did you mean --classes?"),
        (["train", "Car"], "unexpected argument 'Car'; see sparkles train --help"),
        (["train", "--classes"], "--classes: expected one argument"),
        (["trian"], "there is no command 'trian'. Did you mean train?"),
        (["emr", "lunch"], "there is no command 'lunch'. Did you mean launch?"),
        (["emr", "size", "--instnce", "x"], "has no option --instnce. Did you mean --instance?"),
        (["emr", "status"], "the following arguments are required: ID"),
        ([], "name a command: train, predict,"),
        (["emr"], "name a command: validate, size,"),
        ([*PREDICT, "--list-images", "alway"], "got 'alway'. Did you mean always?"),
        (["--vresion"], "unrecognized arguments: --vresion; see sparkles --help"),
    ],
)
def test_mistakes_are_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("sparkles: error: ")
    assert message in line


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
