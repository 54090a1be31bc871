"""Parse a command line by the table of commands."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from sparkles.cli.commands import COMMANDS, GROUPS
from sparkles.errors import SettingsError, nearest
from sparkles.settings import Settings, read_config
from sparkles.settings.base import options_of
from sparkles.settings.command import Command
from sparkles.settings.command_line import flag
from sparkles.settings.option import Option
from sparkles.version import __version__

__all__ = ["Parsed", "parse", "parser_of"]

_PROGRAM = "sparkles"
_CONFIG = "config"


class _Parser(argparse.ArgumentParser):
    """A parser of whole option names whose errors end in one line."""

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_abbrev=False, **how)

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


@dataclass(frozen=True)
class Parsed:
    """A parsed command line.

    Attributes
    ----------
    command
        The command.
    given
        The arguments by the names of their settings; what was not given is absent.
    config
        The config file, which is not read yet.
    """

    command: Command
    given: dict[str, Any]
    config: str | None

    def settings(self) -> Settings:
        """Read the config file and make the command's settings; arguments win.

        Raises
        ------
        SettingsError
            If the file or a value is wrong.
        """
        from_file = read_config(self.config) if self.config else {}
        return self.command.settings.create({**from_file, **self.given})


def parse(words: Sequence[str]) -> Parsed:
    """Parse a command line without the program's name.

    Raises
    ------
    SettingsError
        If the command or an option is wrong; it names the nearest one.
    SystemExit
        After the help or the version was printed.
    """
    command, arguments = _find_command(words)
    parser = parser_of(command)
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        raise SettingsError(_describe_unknown(unknown[0], command, parser.prog))
    given = vars(parsed)
    return Parsed(command, given, given.pop(_CONFIG, None))


def parser_of(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command; it leaves out what was not given."""
    parser = _Parser(
        prog=f"{_PROGRAM} {command.name}",
        description=_description(command),
        formatter_class=_formatter,
    )
    sections: dict[str, Any] = {"": parser}
    if command.has_config:
        parser.add_argument(
            flag(_CONFIG), metavar="FILE", help="YAML or JSON file of settings; arguments win",
            default=argparse.SUPPRESS,
        )  # fmt: skip
    for option in options_of(command.settings):
        heading = _heading(option)
        if heading not in sections:
            sections[heading] = parser.add_argument_group(heading)
        _add_option(sections[heading], option, switches=command.has_config)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=28)


def _heading(option: Option) -> str:
    if option.positional:
        return ""
    return "required" if option.required else option.section


def _description(command: Command) -> str:
    return " ".join((command.settings.__doc__ or "").replace("``", "`").split())


def _find_command(words: Sequence[str]) -> tuple[Command, Sequence[str]]:
    group = words[0] if words and words[0] in GROUPS else ""
    rest = words[1:] if group else words
    inside = [command for command in COMMANDS if command.name.split()[:-1] == group.split()]
    by_word = {command.name.split()[-1]: command for command in inside}
    names = [*by_word, *([] if group else GROUPS)]
    program = f"{_PROGRAM} {group}".rstrip()
    if not rest or rest[0].startswith("-"):
        _overview(program, group, inside).parse_args(rest[:1])
        raise SettingsError(f"name a command: {', '.join(names)}; see {program} --help")
    if rest[0] not in by_word:
        near = nearest(rest[0], names, most=1)
        raise SettingsError(f"there is no command {rest[0]!r}.{near} See {program} --help")
    return by_word[rest[0]], rest[1:]


def _overview(program: str, group: str, commands: Iterable[Command]) -> argparse.ArgumentParser:
    """The parser that prints the list of commands; it parses none of them."""
    summaries = {command.name.split()[-1]: command.summary for command in commands}
    summaries |= {} if group else GROUPS
    lines = [f"  {name:<12}{summary}" for name, summary in summaries.items()]
    parser = _Parser(
        prog=program,
        usage=f"{program} COMMAND ...",
        description=GROUPS.get(group, "Image classifiers by transfer learning on Apache Spark."),
        epilog="\n".join(
            ["commands:", *lines, "", f"{program} COMMAND --help describes a command's options."]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if not group:
        version = f"{_PROGRAM} {__version__}"
        parser.add_argument("--version", action="version", version=version)
    return parser


def _describe_unknown(word: str, command: Command, program: str) -> str:
    if not word.startswith("-"):
        return f"unexpected argument {word!r}; see {program} --help"
    known = [flag(option.name) for option in options_of(command.settings) if not option.positional]
    known += [flag(_CONFIG)] if command.has_config else []
    name = word.partition("=")[0]
    return f"{program} has no option {name}.{nearest(name, known, most=1)} See {program} --help"


def _add_option(parser: Any, option: Option, *, switches: bool) -> None:
    how: dict[str, Any] = {"help": option.help}
    if option.positional:
        parser.add_argument(option.name, metavar=option.metavar, **how)
        return
    how["default"] = argparse.SUPPRESS
    if option.kind is bool:
        # Only a config file can switch on what the command line switches off.
        how["action"] = argparse.BooleanOptionalAction if switches else "store_true"
    else:
        choices = isinstance(option.kind, type) and issubclass(option.kind, StrEnum)
        how["metavar"] = "{" + ",".join(option.kind) + "}" if choices else option.metavar
        how["action"] = "append" if option.repeated else "store"
        if not option.required and option.default not in (None, ()):
            how["help"] += f" (default: {option.default})"
    parser.add_argument(flag(option.name), dest=option.name, **how)
