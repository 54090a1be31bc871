"""Errors of Spark, Java and Hadoop, down to their cause and in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from sparkles.errors import SourceError, UserError

__all__ = ["CRASHED", "cause_of", "is_damage", "storage_failures", "with_java_trace"]

CRASHED = "Python worker exited unexpectedly"  # in Spark's words

_MOST = 400
# What Java's classes mean, whose own messages may be a path, a word or nothing at all.
_MEANINGS = {
    "EOFException": "a file ends too early: it is truncated or damaged",
    "ZipException": "a compressed file is damaged",
    "FileNotFoundException": "a file is missing",
    "UnknownHostException": "there is no such host",
    "AccessControlException": "permission denied",
    "AccessDeniedException": "permission denied",
    "OutOfMemoryError": "Java has too little memory; set spark.driver.memory",
    "UnsupportedFileSystemException": "Spark has no connector for this kind of URI",
}
_DAMAGE = {"EOFException", "ZipException"}
_KILLED = "a Python worker was killed, perhaps because memory ran out"
_CALL = re.compile(r"^An error occurred while calling \S+$")  # an object's number, of no use
_TRACE = "Traceback (most recent call last)"
_NAMED = re.compile(r"(?:[a-z]\w*\.)+(\w+(?:Exception|Error))(?:: (.*))?$")
_RAISED = re.compile(r"^[\w.]+(?:Error|Exception|Interrupt|Exit)\b.*$", re.MULTILINE)


def cause_of(error: BaseException) -> str:
    r"""Describe in one line why a call to Spark failed.

    Returns
    -------
    str
        The innermost cause that has a message or a known meaning, without traces and without
        Py4J's names of objects.

    Examples
    --------
    >>> cause_of(ValueError("no such layer\nTraceback ..."))
    'no such layer'
    >>> cause_of(ValueError())
    'ValueError'
    """
    chain = _causes(error)
    if any(CRASHED in message for _, message in chain):
        return _KILLED
    for name, message in reversed(chain):
        if _TRACE in message and (raised := _RAISED.findall(message)):
            return str(raised[-1])[:_MOST]
        name, line = _innermost(name, _first_line(message))
        if name in _MEANINGS:
            meaning = _MEANINGS[name]
            return (f"{meaning} ({line})" if line else meaning)[:_MOST]
        if line:
            return line[:_MOST]
    return chain[-1][0]


def is_damage(error: BaseException) -> bool:
    """Whether Spark failed because a file ends too early or is not what its name states."""
    chain = _causes(error)
    crashed = any(CRASHED in message for _, message in chain)
    return not crashed and bool(_DAMAGE & {name for name, _ in chain})


def with_java_trace(error: BaseException) -> str:
    """Return an error's message and Java's trace, which may contain what the message does not.

    Examples
    --------
    >>> with_java_trace(ValueError("no such layer")).strip()
    'no such layer'
    """
    return f"{error}\n{getattr(error, '_stackTrace', '') or ''}"


@contextmanager
def storage_failures(what: str, settings: Sequence[str] = ()) -> Iterator[None]:
    """Turn failures of Java's file systems into an error of the input or output they were at.

    Parameters
    ----------
    what
        The beginning of the message, for example ``the output s3://b/run cannot be written``.
    settings
        See :class:`~sparkles.errors.UserError`.

    Raises
    ------
    SourceError
        With the cause.
    """
    try:
        yield
    except UserError:
        raise
    except (Py4JError, PySparkException, OSError) as error:
        raise SourceError(f"{what}: {cause_of(error)}", settings=settings) from error


def _innermost(name: str, line: str) -> tuple[str, str]:
    """Return the last error that a line names, as a report of a lost task does, and its message."""
    while found := _NAMED.search(line):
        name, line = found[1], found[2] or ""
    return name, line


def _first_line(message: str) -> str:
    lines = (line.strip() for line in message.splitlines())
    return next((line for line in lines if line and not _CALL.match(line)), "")


def _causes(error: BaseException) -> list[tuple[str, str]]:
    """Return the names and messages of an error and of its causes in Java, outermost first."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is None:
        return [(type(error).__name__, str(error))]
    found: list[tuple[str, str]] = []
    while java is not None and len(found) < 20:
        found.append((str(java.getClass().getSimpleName()), str(java.getMessage() or "")))
        java = java.getCause()
    return found
