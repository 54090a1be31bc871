"""Show progress on a terminal or in a notebook: the stage, photos done, rate and time left."""

from __future__ import annotations

import importlib.util
import io
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from pyspark import SparkContext
from tqdm import tqdm

__all__ = ["Stages", "in_notebook", "show_listing", "show_progress"]

_POLL = 0.5  # seconds
_LINES = 10.0  # seconds between lines if the output is not a terminal


class Stages:
    """Announce the stages of a run and measure their seconds.

    Parameters
    ----------
    names
        All stages, in order.
    quiet
        Whether to print nothing.

    Examples
    --------
    >>> stages = Stages(["read", "train"], quiet=True)
    >>> with stages.stage("read"):
    ...     pass
    >>> list(stages.seconds)
    ['read']
    """

    def __init__(self, names: list[str], *, quiet: bool = False) -> None:
        self._names = names
        self.quiet = quiet
        self.seconds: dict[str, float] = {}
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Print what a user should know, and keep it for the run's closing lines."""
        self.notes.append(text)
        self.say(f"      {text}")

    @contextmanager
    def stage(self, name: str, detail: str = "") -> Iterator[None]:
        """Time a block as one of the stages."""
        place = self._names.index(name) + 1
        self.say(f"[{place}/{len(self._names)}] {name}{detail and ': ' + detail}")
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 2)

    def say(self, text: str) -> None:
        """Print a line for the user."""
        if not self.quiet:
            print(text, file=_stream(), flush=True)


@contextmanager
def show_progress(context: SparkContext, total: int, *, quiet: bool = False) -> Iterator[Any]:
    """Show how many photos have been through the network while a block runs.

    Parameters
    ----------
    total
        The number of photos that the block's jobs put through the network.
    quiet
        Whether to show nothing.

    Yields
    ------
    pyspark.Accumulator
        Workers add the photos done; Spark sends the sum to the driver as each task ends.
    """
    text = "{n_fmt} of {total_fmt} photos, {rate_noinv_fmt}, {elapsed} gone, {remaining} left"
    with _counting(context, text, " photos", total, quiet=quiet or total == 0) as done:
        yield done


@contextmanager
def show_listing(context: SparkContext, *, quiet: bool = False) -> Iterator[Any]:
    """Show how many files have been listed while a block runs; the total is unknown.

    Parameters
    ----------
    quiet
        Whether to show nothing.

    Yields
    ------
    pyspark.Accumulator
        Workers add the files listed; Spark sends the sum to the driver as each task ends.
    """
    text = "{n_fmt} files listed, {rate_noinv_fmt}, {elapsed} gone"
    with _counting(context, text, " files", None, quiet=quiet) as done:
        yield done


@contextmanager
def _counting(
    context: SparkContext, text: str, unit: str, total: int | None, *, quiet: bool
) -> Iterator[Any]:
    done = context.accumulator(0)
    if quiet:
        yield done
        return
    ended = threading.Event()
    with _open_bar(text, unit, total) as bar:
        watcher = threading.Thread(target=_watch, args=(done, bar, ended), daemon=True)
        watcher.start()
        try:
            yield done
        finally:
            ended.set()
            watcher.join()
        bar.update((done.value if total is None else total) - bar.n)


def _open_bar(text: str, unit: str, total: int | None) -> Any:
    """Open a bar: a widget in a notebook, a line that changes on a terminal, lines in a log."""
    if in_notebook() and importlib.util.find_spec("ipywidgets"):
        from tqdm.notebook import tqdm as widget

        return widget(total=total, bar_format=f"{{bar}} {text}", unit=unit)
    terminal = sys.stderr.isatty()
    return tqdm(
        total=total,
        mininterval=0.1 if terminal else _LINES,
        bar_format=f"      {text}",
        unit=unit,
        file=sys.stderr if terminal else _Lines(),
        dynamic_ncols=terminal,
    )


def in_notebook() -> bool:
    """Whether this runs in Jupyter, whose stderr is red and cannot rewrite a line."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config


def _stream() -> TextIO:
    return sys.stdout if in_notebook() else sys.stderr


def _watch(done: Any, bar: Any, ended: threading.Event) -> None:
    while not ended.wait(_POLL):
        # A task that ran twice counts twice; never show more than the total.
        count = done.value
        bar.update(min(count, bar.total or count) - bar.n)


class _Lines(io.TextIOBase):
    """Turns each state of the bar into a line, because a log file cannot rewrite one."""

    def write(self, text: str) -> int:
        if line := text.strip("\r\n"):
            print(line.rstrip(), file=_stream(), flush=True)
        return len(text)
