"""What ends a command: Ctrl-C and SIGTERM, once; further ones wait until it has cleaned up."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType
from typing import Any, Self

__all__ = ["Stop"]

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_LONGEST = 4.0  # seconds from the signal until Spark is killed, if it has not ended


class Stop:
    """Raises KeyboardInterrupt at the first signal, and ignores all that follow.

    Attributes
    ----------
    received
        The signal, or None.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._last_resort = threading.Timer(_LONGEST, _kill_spark)
        self._last_resort.daemon = True

    def __enter__(self) -> Self:
        """Handle SIGINT and SIGTERM where they have their default handlers.

        A program that calls the command line as a function keeps handlers of its own, and a job
        under ``nohup`` goes on ignoring signals.
        """
        if threading.current_thread() is threading.main_thread():
            for number in _NUMBERS:
                handler = signal.getsignal(number)
                if handler in (signal.SIG_DFL, signal.default_int_handler):
                    self._before[number] = handler
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the handlers, unless a signal came: then the process is about to end."""
        self._last_resort.cancel()
        if self.received is None:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received is None:
            self.received = signal.Signals(number)
            logging.disable(logging.CRITICAL)  # py4j logs the interrupt of each call, with traces
            self._last_resort.start()
            raise KeyboardInterrupt

    def end(self) -> str:
        """End Spark, if a signal came and there is one, and return the line that reports it."""
        if self.received and "pyspark" in sys.modules:
            from sparkles.spark.interruption import stop_spark

            stop_spark()
        by = f" by {self.received.name}" if self.received is signal.SIGTERM else ""
        return f"stopped{by}; nothing was written to the output"

    @property
    def status(self) -> int:
        """The exit status: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + (self.received or signal.SIGINT)


def _kill_spark() -> None:
    if "pyspark" in sys.modules:
        from sparkles.spark.interruption import kill_spark

        kill_spark()
