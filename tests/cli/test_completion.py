"""Completion scripts, sourced by real shells."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sparkles.cli import main
from sparkles.cli.commands import COMMANDS
from sparkles.cli.completion import completion_script

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")


def complete_in_bash(line: str) -> list[str]:
    """Complete the last word of a line as bash does when a user presses Tab."""
    words = " ".join(f"'{word}'" for word in line.split(" "))
    script = (
        f"{completion_script('bash')}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}}-1))\n"
        '_sparkles\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-eu", "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@needs_bash
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("sparkles train --cl", ["--class-names", "--class-weights", "--classes"]),
        ("sparkles tr", ["train"]),
        ("sparkles e", ["emr", "evaluate", "explain", "explore"]),
        ("sparkles emr la", ["launch"]),
        ("sparkles emr launch --ke", ["--keep-alive"]),
        ("sparkles emr launch --no", []),
        ("sparkles train --no-ov", ["--no-overwrite"]),
        ("sparkles train --overwrite --pool", ["--pooling"]),
        ("sparkles train --pooling m", ["max"]),
        ("sparkles train --pooling ", ["avg", "max", "none"]),
        ("sparkles completion ", ["--help", "bash", "fish", "zsh"]),
        ("sparkles --v", ["--version"]),
        ("sparkles train --labels some", []),  # bash completes names of files
        ("sparkles nonsense --cl", []),
    ],
)
def test_bash_completes(line: str, completed: list[str]) -> None:
    assert complete_in_bash(line) == completed


@needs_bash
@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_bash_completes_every_command(command: str) -> None:
    assert command.split()[-1] in complete_in_bash(f"sparkles {command}")
    assert "--help" in complete_in_bash(f"sparkles {command} --")


@needs_zsh
def test_zsh_reads_the_script() -> None:
    script = f"{completion_script('zsh')}\nprint ${{_comps[sparkles]}}"
    done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, check=True)
    assert "_sparkles" in done.stdout
    assert done.stderr == ""


@needs_fish
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("sparkles train --cl", {"--classes", "--class-names", "--class-weights"}),
        ("sparkles tr", {"train"}),
        ("sparkles emr la", {"launch"}),
        ("sparkles emr launch --ke", {"--keep-alive"}),
        ("sparkles train --pooling m", {"max"}),
    ],
)
def test_fish_completes(line: str, completed: set[str]) -> None:
    script = f"{completion_script('fish')}\ncomplete -C '{line}'"
    done = subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, check=True)
    assert {found.split("\t")[0] for found in done.stdout.splitlines()} == completed


def test_the_command_prints_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == completion_script("bash")
    assert main(["completion", "bish"]) == 2
    assert "Did you mean" in capsys.readouterr().err
