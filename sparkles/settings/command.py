"""A command: its name, its settings and what runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sparkles.errors import naming_missing_spark
from sparkles.settings.base import Settings

__all__ = ["Command"]


@dataclass(frozen=True)
class Command:
    """A row in the table of commands, which parser, help, job check and completion follow.

    Attributes
    ----------
    name
        The words after ``sparkles``, for example ``train`` or ``emr launch``.
    settings
        The class of its settings; the first line of its docstring is the command's summary.
    runner
        The dotted name of the function that runs it; imported only when the command runs, because
        ``sparkles --help`` needs neither Spark nor boto3.
    is_job
        Whether it may run on a cluster.
    has_config
        Whether it takes settings from a file.
    examples
        Command lines that the end of its help shows.
    """

    name: str
    settings: type[Settings]
    runner: str
    is_job: bool = False
    has_config: bool = True
    examples: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return (self.settings.__doc__ or "").splitlines()[0]

    def load(self) -> Callable[..., Any]:
        """Import the function that runs it.

        Raises
        ------
        MissingDependencyError
            If it needs Spark, and Spark is not installed.
        """
        module, _, function = self.runner.rpartition(".")
        with naming_missing_spark():
            runner: Callable[..., Any] = getattr(import_module(module), function)
        return runner
