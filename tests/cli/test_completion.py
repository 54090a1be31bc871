"""Completion scripts, sourced by real shells."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from sparkles.cli import main
from sparkles.cli.commands import COMMANDS
from sparkles.cli.completion import completion_script
from tests.conftest import REPOSITORY

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
needs_zsh = pytest.mark.skipif(
    shutil.which("zsh") is None, reason="no zsh; `make test-tools` may install it"
)
needs_fish = pytest.mark.skipif(
    shutil.which("fish") is None, reason="no fish; `make test-tools` may install it"
)


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
        ("sparkles train --cl", ["--class", "--class-names", "--class-weights", "--classes"]),
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


def complete_in_zsh(line: str, folder: Path) -> str:
    """Return a line as zsh shows it after a user has typed it and pressed Tab."""
    show = 'shown() { print -r -- "<<$BUFFER>>" }; zle -N shown; bindkey "^X" shown'
    script = folder / "sparkles.zsh"
    script.write_text(f"{completion_script('zsh')}PROMPT=; {show}; print READY\n")
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb"})
    seen = b""

    def read_until(end: bytes) -> None:
        nonlocal seen
        while end not in seen:
            seen += os.read(terminal, 4096)

    os.write(terminal, f"source {script}\n".encode())
    read_until(b"READY\r")
    os.write(terminal, f"{line}\t\x18".encode())
    read_until(b">>")
    os.close(terminal)
    os.waitpid(process, 0)
    return seen.rpartition(b"<<")[2].partition(b">>")[0].decode()


@needs_zsh
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("sparkles tr", "sparkles train "),
        ("sparkles emr la", "sparkles emr launch "),
        ("sparkles train --class-n", "sparkles train --class-names "),
        ("sparkles train --no-ov", "sparkles train --no-overwrite "),
        ("sparkles train --pooling m", "sparkles train --pooling max "),
        ("sparkles completion f", "sparkles completion fish "),
        ("sparkles train --labels CHANGEL", "sparkles train --labels CHANGELOG.md "),
    ],
)
def test_zsh_completes(
    line: str, completed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert complete_in_zsh(line, tmp_path) == completed


def complete_in_fish(line: str) -> set[str]:
    """Return what fish offers for the last word of a line."""
    script = f"{completion_script('fish')}\ncomplete -C '{line}'"
    done = subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {found.split("\t")[0] for found in done.stdout.splitlines()}


@needs_fish
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("sparkles train --cl", {"--class", "--classes", "--class-names", "--class-weights"}),
        ("sparkles tr", {"train"}),
        ("sparkles emr la", {"launch"}),
        ("sparkles emr launch --ke", {"--keep-alive"}),
        ("sparkles train --pooling m", {"max"}),
        ("sparkles completion f", {"fish"}),
        ("sparkles train --labels CHANGEL", {"CHANGELOG.md"}),
        ("sparkles train --config CHANGEL", {"CHANGELOG.md"}),
    ],
)
def test_fish_completes(line: str, completed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert complete_in_fish(line) == completed


@needs_bash
@needs_fish
@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_fish_and_bash_complete_the_same_options(command: str) -> None:
    options = {word for word in complete_in_bash(f"sparkles {command} --") if word[:2] == "--"}
    assert complete_in_fish(f"sparkles {command} --") == options


def test_the_command_prints_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == completion_script("bash")
    assert main(["completion", "bish"]) == 2
    assert "Did you mean" in capsys.readouterr().err
