"""The command line: settings from arguments and a config file, errors in one line."""

from sparkles.cli.program import main

__all__ = ["main"]
