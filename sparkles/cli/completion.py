"""Shell completion: scripts made from the table of commands."""

from __future__ import annotations

import shlex
from enum import StrEnum

from sparkles.choices import Shell
from sparkles.cli.commands import COMMANDS, GROUPS
from sparkles.settings.base import options_of
from sparkles.settings.command import Command
from sparkles.settings.command_line import flag
from sparkles.settings.commands import CompletionSettings
from sparkles.settings.option import Option

__all__ = ["completion_script", "print_completion"]


def print_completion(settings: CompletionSettings) -> None:
    """Print the script for a shell."""
    print(completion_script(settings.shell), end="")  # noqa: T201


def completion_script(shell: str) -> str:
    """Return the script that a shell reads at its start.

    Parameters
    ----------
    shell
        ``bash``, ``zsh`` or ``fish``.
    """
    if shell == Shell.FISH:
        return _fish(COMMANDS, GROUPS)
    zsh = "autoload -Uz compinit bashcompinit && compinit -u && bashcompinit\n"
    return (zsh if shell == Shell.ZSH else "") + _bash(COMMANDS, GROUPS)


def _words(command: Command) -> list[str]:
    """The flags of a command, or what its positional argument may be."""
    words = ["--help", *(["--config"] if command.has_config else [])]
    for option in options_of(command.settings):
        if option.positional:
            words += _choices(option)
        else:
            words.append(flag(option.name))
            if option.kind is bool and command.has_config:
                words.append(flag(f"no_{option.name}"))
    return sorted(words)


def _choices(option: Option) -> list[str]:
    kind = option.kind
    return list(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _first_words(commands: tuple[Command, ...], groups: dict[str, str]) -> list[str]:
    return sorted({command.name.split()[0] for command in commands} | groups.keys())


_BASH = """\
_sparkles() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local command=${{COMP_WORDS[1]}} words=""
  case $command in {groups})
    if [ "$COMP_CWORD" -gt 2 ]; then command="$command ${{COMP_WORDS[2]}}"; fi ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then command=""; fi
  case "$command $before" in
{values}
  esac
  if [ -z "$words" ]; then
    case $command in
{commands}
    esac
    # The value of an option, or an argument: a file's name.
    case $word in -*) ;; *) [ "$COMP_CWORD" -le 2 ] || words="" ;; esac
  fi
  COMPREPLY=()
  while IFS= read -r match; do COMPREPLY+=("$match"); done < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _sparkles sparkles
"""


def _bash(commands: tuple[Command, ...], groups: dict[str, str]) -> str:
    cases = {"": [*_first_words(commands, groups), "--help", "--version"]}
    cases |= {
        group: [*sorted(c.name.split()[1] for c in commands if c.name.startswith(f"{group} "))]
        for group in groups
    }
    cases |= {command.name: _words(command) for command in commands}
    values = [
        f'    "{command.name} {flag(option.name)}") words="{" ".join(_choices(option))}" ;;'
        for command in commands
        for option in options_of(command.settings)
        if _choices(option) and not option.positional
    ]
    return _BASH.format(
        groups="|".join(groups),
        values="\n".join(values),
        commands="\n".join(f'    "{name}") words="{" ".join(w)}" ;;' for name, w in cases.items()),
    )


def _fish(commands: tuple[Command, ...], groups: dict[str, str]) -> str:
    lines = ["complete -c sparkles -f -n __fish_use_subcommand -l help -l version"]
    for group, summary in groups.items():
        lines.append(_fish_line("__fish_use_subcommand", "-f", "-a", group, "-d", summary))
    for command in commands:
        *path, last = command.name.split()
        seen = f"__fish_seen_subcommand_from {path[0]}" if path else "__fish_use_subcommand"
        others = " ".join(c.name.split()[-1] for c in commands if c.name.split()[:-1] == path)
        condition = f"{seen}; and not __fish_seen_subcommand_from {others}" if path else seen
        lines.append(_fish_line(condition, "-f", "-a", last, "-d", command.summary))
        lines += _fish_options(command)
    return "\n".join(lines) + "\n"


def _fish_options(command: Command) -> list[str]:
    condition = "; and ".join(
        f"__fish_seen_subcommand_from {word}" for word in command.name.split()
    )
    words = [["-f", "-l", "help"], *([["-r", "-l", "config"]] if command.has_config else [])]
    for option in options_of(command.settings):
        words += _fish_option(option, switches=command.has_config)
    return [_fish_line(condition, *each) for each in words]


def _fish_option(option: Option, *, switches: bool) -> list[list[str]]:
    choices = " ".join(_choices(option))
    if option.positional:
        return [["-f", "-a", choices]] if choices else []
    name = flag(option.name).removeprefix("--")
    if option.kind is bool:
        off = [["-f", "-l", f"no-{name}"]] if switches else []
        return [["-f", "-l", name, "-d", option.help], *off]
    value = ["-x", "-a", choices] if choices else ["-r"] if option.place else ["-x"]
    return [["-l", name, *value, "-d", option.help]]


def _fish_line(condition: str, *words: str) -> str:
    return shlex.join(["complete", "-c", "sparkles", "-n", condition, *words])
