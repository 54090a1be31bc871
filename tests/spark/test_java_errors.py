"""Errors of Spark and Java end in the words of their cause."""

from __future__ import annotations

from typing import Any

import pytest

from sparkles.errors import OutputExistsError, SourceError
from sparkles.spark.java_errors import cause_of, is_damage, storage_failures

TRACE = (
    "Traceback (most recent call last):\n"
    '  File "worker.py", line 1, in <module>\n'
    "OSError: [Errno 28] No space left on device\n"
)
CRASHED = (
    "Lost task 0.0: org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)"
)


class _Class:
    def __init__(self, name: str) -> None:
        self._name = name

    def getSimpleName(self) -> str:
        return self._name


class _Java:
    """A Java error with its causes, outermost first."""

    def __init__(self, chain: list[tuple[str, str | None]]) -> None:
        (self._name, self._message), *self._rest = chain

    def getClass(self) -> _Class:
        return _Class(self._name)

    def getMessage(self) -> str | None:
        return self._message

    def getCause(self) -> Any:
        return _Java(self._rest) if self._rest else None


class _Error(Exception):
    def __init__(self, *chain: tuple[str, str | None]) -> None:
        super().__init__("An error occurred while calling o123.load.\n: java.io.EOFException")
        self.java_exception = _Java(list(chain))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (
            _Error(("SparkException", "Job aborted"), ("EOFException", "Unexpected end of input")),
            "a file ends too early: it is truncated or damaged (Unexpected end of input)",
        ),
        (_Error(("EOFException", None)), "a file ends too early: it is truncated or damaged"),
        (_Error(("SparkException", "Job aborted"), ("Weird", None)), "Job aborted"),
        (_Error(("Weird", None)), "Weird"),
        (
            _Error(("SparkException", "Job aborted: Lost task 0.0: java.io.EOFException\n\tat x")),
            "a file ends too early: it is truncated or damaged",
        ),
        (_Error(("X", "a.b.FooException: c.d.BarException: not open")), "not open"),
        (
            _Error(("SparkException", "Job aborted"), ("PythonException", TRACE)),
            "OSError: [Errno 28",
        ),
        (_Error(("SparkException", f"Job aborted: {TRACE} at java"), ("X", None)), "OSError: [Err"),
        (_Error(("SparkException", CRASHED), ("EOFException", None)), "a Python worker was killed"),
        (_Error(("UnknownHostException", "namenode")), "there is no such host (namenode)"),
        (ValueError("An error occurred while calling None.org.apache.Path\nreally"), "really"),
        (ValueError("An error occurred while calling o12.load"), "ValueError"),
        (ValueError(f"it failed:\n{TRACE}"), "OSError: [Errno 28] No space left on device"),
    ],
)
def test_the_cause_is_one_line_without_names_of_objects(error: Exception, cause: str) -> None:
    assert cause_of(error).startswith(cause)
    assert "\n" not in cause_of(error)


def test_damage_is_told_from_a_worker_that_was_killed() -> None:
    assert is_damage(_Error(("SparkException", "Job aborted"), ("EOFException", None)))
    assert is_damage(_Error(("SparkException", "Job aborted"), ("ZipException", "CRC")))
    assert not is_damage(_Error(("SparkException", CRASHED), ("EOFException", None)))
    assert not is_damage(ValueError("EOFException"))


def test_failures_of_storage_name_what_they_were_at() -> None:
    with (
        pytest.raises(SourceError, match=r"^the output x cannot be written: disk full$") as caught,
        storage_failures("the output x cannot be written", settings=["output"]),
    ):
        raise OSError("disk full")
    assert caught.value.settings == ("output",)
    with pytest.raises(OutputExistsError, match=r"^as it is$"), storage_failures("x"):
        raise OutputExistsError("as it is")
