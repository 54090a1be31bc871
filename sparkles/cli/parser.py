"""Parse a command line by the table of commands."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from sparkles.cli.commands import COMMANDS, FIRST_STEPS, GROUPS
from sparkles.errors import SettingsError, UserError, nearest, raise_together
from sparkles.settings import Settings, read_config
from sparkles.settings.base import options_of
from sparkles.settings.command import Command
from sparkles.settings.command_line import flag
from sparkles.settings.option import Option
from sparkles.version import __version__

__all__ = ["Parsed", "parse", "parser_of", "usage_of"]

_PROGRAM = "sparkles"
_CONFIG = "config"
_EXAMPLES = "examples:"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"


class _Parser(argparse.ArgumentParser):
    """A parser of whole option names whose errors end in one line."""

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_abbrev=False, **how)

    def error(self, message: str) -> NoReturn:
        raise SettingsError(message.removeprefix("argument "))


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
    unknown
        An error for each word that is no option or argument of the command.
    """

    command: Command
    given: dict[str, Any]
    config: str | None
    unknown: tuple[SettingsError, ...] = ()

    def settings(self) -> Settings:
        """Read the config file and make the command's settings; arguments win.

        Raises
        ------
        SettingsError
            If the file, an option or a value is wrong.
        """
        settings, problems = self.draft()
        raise_together(problems)
        return settings

    def draft(self) -> tuple[Settings, list[UserError]]:
        """Make the settings of what fits, and list what is wrong with the rest.

        Raises
        ------
        SettingsError
            If the config file cannot be read.
        """
        from_file = read_config(self.config) if self.config else {}
        settings, problems = self.command.settings.draft({**from_file, **self.given})
        return settings, [*self.unknown, *problems]


def parse(words: Sequence[str]) -> Parsed:
    """Parse a command line without the program's name.

    Raises
    ------
    SettingsError
        If the command is wrong, and the nearest one is named, or if an option lacks its value.
    SystemExit
        After the help or the version was printed.
    """
    command, arguments = _find_command(words)
    parser = parser_of(command)
    parsed, words = parser.parse_known_args(arguments)
    given = vars(parsed)
    unknown = [
        SettingsError(_describe_unknown(word, command, parser.prog))
        for before, word in zip(["", *words], words, strict=False)
        if _is_option(word) or "=" in before or not _is_option(before)  # else it is a value
    ]
    return Parsed(command, given, given.pop(_CONFIG, None), tuple(unknown))


def parser_of(command: Command) -> argparse.ArgumentParser:
    """Return the parser of one command; it leaves out what was not given."""
    parser = _Parser(
        prog=f"{_PROGRAM} {command.name}",
        description=_description(command),
        epilog="\n".join([_EXAMPLES, *(f"  {each}" for each in command.examples)]),
        formatter_class=_Formatter,
        add_help=False,
    )
    sections: dict[str, Any] = {"": parser}
    for option in options_of(command.settings):
        heading = _heading(option)
        if heading not in sections:
            sections[heading] = parser.add_argument_group(heading)
        _add_option(sections[heading], option, switches=command.has_config)
    general = parser.add_argument_group("general")
    if command.has_config:
        general.add_argument(
            flag(_CONFIG), metavar="FILE", help="YAML or JSON file of settings; arguments win",
            default=argparse.SUPPRESS,
        )  # fmt: skip
    general.add_argument("-h", "--help", action="help", help="show this help and exit")
    return parser


def usage_of(words: Sequence[str]) -> str:
    """Describe in two lines how the command that a command line begins with is called.

    Returns
    -------
    str
        Empty if the command line does not begin with a command.

    Examples
    --------
    >>> print(usage_of(["predict", "--modle", "runs/x"]))
    usage: sparkles predict --model DIR --images PATH --output DIR [OPTIONS]
           sparkles predict --help describes the options and has examples
    """
    try:
        command, _ = _find_command(words, show=False)
    except SettingsError:
        return ""
    program = f"{_PROGRAM} {command.name}"
    required = [option for option in options_of(command.settings) if option.required]
    parts = [
        str(option.metavar) if option.positional else f"{flag(option.name)} {option.metavar}"
        for option in required
    ]
    return "\n".join(
        [
            f"usage: {' '.join([program, *parts, '[OPTIONS]'])}",
            f"       {program} --help describes the options and has examples",
        ]
    )


class _Formatter(argparse.HelpFormatter):
    """Wraps descriptions, and leaves examples as they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(_EXAMPLES) else super()._fill_text(text, width, indent)


def _heading(option: Option) -> str:
    return "required" if option.required else option.section or "options"


def _description(command: Command) -> str:
    return " ".join((command.settings.__doc__ or "").replace("``", "`").split())


def _find_command(words: Sequence[str], *, show: bool = True) -> tuple[Command, Sequence[str]]:
    """Find the command; without one, show the list of commands, or raise an error with it."""
    group = words[0] if words and words[0] in GROUPS else ""
    rest = words[1:] if group else words
    inside = [command for command in COMMANDS if command.name.split()[:-1] == group.split()]
    by_word = {command.name.split()[-1]: command for command in inside}
    names = [*by_word, *([] if group else GROUPS)]
    program = f"{_PROGRAM} {group}".rstrip()
    if not rest or rest[0].startswith("-"):
        overview = _overview(program, group, inside)
        if show:
            overview.parse_args(rest[:1])
        raise SettingsError(f"name a command: {', '.join(names)}\n\n{overview.format_help()}")
    if rest[0] not in by_word:
        near = nearest(rest[0], names, most=1)
        raise SettingsError(f"there is no command {rest[0]!r}.{near} See {program} --help")
    return by_word[rest[0]], rest[1:]


def _overview(program: str, group: str, commands: Iterable[Command]) -> argparse.ArgumentParser:
    """The parser that prints the list of commands; it parses none of them."""
    summaries = {command.name.split()[-1]: command.summary for command in commands}
    summaries |= {} if group else GROUPS
    lines = ["commands:", *(f"  {name:<12}{text}" for name, text in summaries.items())]
    first = [line for words, why in FIRST_STEPS.items() for line in (f"  # {why}", f"  {words}")]
    lines = lines if group else ["first steps:", *first, "", *lines]
    parser = _Parser(
        prog=program,
        usage=f"{program} COMMAND ...",
        description=GROUPS.get(group, "Image classifiers by transfer learning on Apache Spark."),
        epilog="\n".join([*lines, "", f"{program} COMMAND --help describes a command's options."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if not group:
        version = f"{_PROGRAM} {__version__}"
        parser.add_argument("--version", action="version", version=version)
    return parser


def _is_option(word: str) -> bool:
    return word.startswith(tuple(_DASHES))


def _describe_unknown(word: str, command: Command, program: str) -> str:
    if not _is_option(word):
        return f"unexpected argument {word!r}"
    name = word.partition("=")[0]
    plain = name.lstrip(_DASHES)
    known = [flag(option.name) for option in options_of(command.settings) if not option.positional]
    known += [flag(_CONFIG), "--help"] if command.has_config else ["--help"]
    # Word processors and web pages turn two hyphens into one dash.
    return f"{program} has no option {name}.{nearest(f'--{plain}', known, most=1)}"


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
