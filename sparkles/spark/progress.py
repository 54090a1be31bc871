"""Show progress on a terminal or in a notebook: the stage, photos done, rate and time left."""

from __future__ import annotations

import importlib.util
import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO

from pyspark import SparkContext
from tqdm import tqdm

from sparkles.redaction import redact

__all__ = ["Stages", "in_notebook", "meanwhile", "show_listing", "show_progress"]

_POLL = 0.5  # seconds
_LINES = 10.0  # seconds between lines if the output is not a terminal
_RAREST = 600.0  # seconds between lines about a stage that shows nothing else
_FIRST_TICK = 4.0  # seconds that a stage may be silent


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
        self._running: tuple[str, float] | None = None
        self._notes: list[str] = []
        self._results: list[str] = []

    def note(self, text: str) -> None:
        """Print what a user should know, and keep it for the run's closing lines."""
        self._notes.append(text)
        self.say(f"      {text}")

    def result(self, text: str) -> None:
        """Keep a line for the end of the run, where it is printed before the notes."""
        self._results.append(text)

    def close(self, wrote: str) -> None:
        """Print the closing lines: the results, the notes, and what was written."""
        for text in [*self._results, *self._notes, wrote]:
            self.say(text)

    @contextmanager
    def stage(self, name: str, detail: str = "") -> Iterator[None]:
        """Time a block as one of the stages."""
        place = self._names.index(name) + 1
        self.say(f"[{place}/{len(self._names)}] {name}{detail and ': ' + detail}")
        self._running = name, time.monotonic()
        with _ticking(name, quiet=self.quiet):
            yield
        self.seconds = self.seconds_so_far()
        self._running = None

    def waiting(self, what: str) -> AbstractContextManager[None]:
        """Show that a block goes on, which is no stage: nothing is printed if it is short."""
        return _ticking(what, quiet=self.quiet)

    def seconds_so_far(self) -> dict[str, float]:
        """Return the seconds of each stage, the one that runs now among them."""
        if self._running is None:
            return self.seconds
        name, start = self._running
        return self.seconds | {name: round(time.monotonic() - start, 2)}

    def say(self, text: str) -> None:
        """Print a line for the user."""
        if not self.quiet:
            _tick.clear()
            print(redact(text), file=_stream(), flush=True)


class _Tick:
    """How long a stage has run, shown while nothing else shows that it goes on."""

    def __init__(self) -> None:
        self.bars = 0  # a bar that is open shows more
        self._shown = False

    def show(self, name: str, seconds: float) -> None:
        if self.bars:
            return
        text = f"      {name}: {seconds:.0f} s"
        if _rewrites():
            self._shown = True
            _rewrite(f"\r{text}")
        else:
            print(redact(text), file=_stream(), flush=True)

    def clear(self) -> None:
        """Take a line off the terminal that the next one would be appended to."""
        if self._shown:
            self._shown = False
            _rewrite("\r\x1b[K")


def _rewrite(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


_tick = _Tick()


@contextmanager
def _ticking(name: str, *, quiet: bool) -> Iterator[None]:
    if quiet:
        yield
        return
    try:
        with meanwhile(_keep_ticking, name):
            yield
    finally:
        _tick.clear()


@contextmanager
def meanwhile(watch: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Run a function in a thread, with an event as its last argument that is set when we end."""
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(*arguments, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _keep_ticking(name: str, ended: threading.Event) -> None:
    start, wait = time.monotonic(), _FIRST_TICK
    while not ended.wait(wait):
        _tick.show(name, time.monotonic() - start)
        # The lines of a log stay: each comes after twice the time of the one before.
        wait = 1.0 if _rewrites() else min(max(_LINES, 2 * wait), _RAREST)


def _rewrites() -> bool:
    """Whether a line can be replaced by another one: on a terminal, not in a notebook or a log."""
    return sys.stderr.isatty() and not in_notebook()


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
    with _open_bar(text, unit, total) as bar:
        _tick.clear()
        _tick.bars += 1
        try:
            with meanwhile(_watch, done, bar):
                yield done
        finally:
            _tick.bars -= 1
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
