"""A page for each command of ``sparkles``, from the help that the command line prints."""

from __future__ import annotations

import contextlib
import io
import os
import re
from dataclasses import dataclass, field
from unittest.mock import patch

from sparkles.cli import main

__all__ = ["command_pages", "help_of"]

_WIDE = {"COLUMNS": "10000"}  # argparse wraps lines at this width
_COMMAND = re.compile(r"^ {2,4}([a-z]+)(?: {2,}|\n {6,})(\S.*)$", re.MULTILINE)
_DEFAULT = re.compile(r" \(default: ([^()]*)\)$")
_REQUIRED = re.compile(r" \(required\)$")


@dataclass
class _Option:
    spelling: str
    text: str


@dataclass
class _Help:
    usage: str = ""
    description: list[str] = field(default_factory=list)
    sections: dict[str, list[_Option]] = field(default_factory=dict)


def help_of(*words: str) -> str:
    """Return what ``sparkles ... --help`` prints, each option's help in one line."""
    printed = io.StringIO()
    with patch.dict(os.environ, _WIDE), contextlib.redirect_stdout(printed):
        main([*words, "--help"])
    return printed.getvalue()


def command_pages() -> dict[str, str]:
    """Return the Markdown of the commands' pages by their path in the site."""
    commands = dict(_COMMAND.findall(help_of()))
    pages = {f"commands/{name}.md": _page(name) for name in commands}
    rows = [f"| [`sparkles {name}`]({name}.md) | {text} |" for name, text in commands.items()]
    overview = (
        "# Commands\n\nEvery option can also stand in a YAML or JSON file that `--config` names, "
        "with or without dashes in its name; options on the command line win. The exit status "
        "is 0 after success, 2 if the input or the arguments are wrong, 1 after any other known "
        "failure, and 130 after Ctrl-C.\n\n| command | |\n|---|---|\n"
    )
    return {"commands/index.md": overview + "\n".join(rows) + "\n", **pages}


def _page(name: str) -> str:
    text = help_of(name)
    parts = dict(_COMMAND.findall(text)) if " COMMAND" in text.partition("\n")[0] else {}
    body = [f"# sparkles {name}", *_description(_read(text))]
    if not parts:
        return "\n\n".join([*body, *_tables(_read(text))]) + "\n"
    for part in parts:
        read = _read(help_of(name, part))
        body += [f"## sparkles {name} {part}", *_description(read), *_tables(read)]
    return "\n\n".join(body) + "\n"


def _read(text: str) -> _Help:
    """Read the help that argparse prints."""
    read, options = _Help(), None
    for line in text.splitlines():
        if line.startswith("usage: "):
            read.usage = line.removeprefix("usage: ").strip()
        elif re.fullmatch(r"\S[^:]*:", line):
            options = read.sections.setdefault(line[:-1], [])
        elif options is None and line.strip():
            read.description.append(line.strip())
        elif options is not None and re.match(r" {2}\S", line):
            spelling, _, help_text = line.strip().partition("  ")
            options.append(_Option(spelling, help_text.strip()))
        elif options and line.startswith("   "):
            options[-1].text = f"{options[-1].text} {line.strip()}".strip()
    return read


def _description(read: _Help) -> list[str]:
    return [_escape(" ".join(read.description)), f"```text\n{_short(read.usage)}\n```"]


def _short(usage: str) -> str:
    """Leave the optional arguments to the tables."""
    kept = re.sub(r" \[-[^\]]*\]", "", usage)
    return kept.replace(" ...", " …") if kept == usage else f"{kept} [OPTIONS]"


def _tables(read: _Help) -> list[str]:
    parts = []
    for title, options in read.sections.items():
        if title == "examples":
            lines = "\n".join(option.spelling for option in options)
            parts.append(f"**Examples**\n\n```sh\n{lines}\n```")
            continue
        rows = [_row(option) for option in options if not option.spelling.startswith("-h")]
        if rows:
            head = f"**{title[0].upper()}{title[1:]}**\n\n| | | default |\n|---|---|---|\n"
            parts.append(head + "\n".join(rows))
    return parts


def _row(option: _Option) -> str:
    found = _DEFAULT.search(option.text)
    default = f"`{found[1]}`" if found else ""
    if _REQUIRED.search(option.text):
        default = "required"
    text = _REQUIRED.sub("", _DEFAULT.sub("", option.text))
    return f"| `{_cell(option.spelling)}` | {_cell(_escape(text))} | {_cell(default)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _escape(text: str) -> str:
    """Keep names such as ``<ImageID>`` from being read as HTML or emphasis."""
    return re.sub(r"([*_])", r"\\\1", text.replace("<", "&lt;"))
