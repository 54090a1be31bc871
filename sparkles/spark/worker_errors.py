"""Errors that workers raise, as the same errors on the driver instead of Spark's report of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sparkles import errors
from sparkles.errors import FeaturizationError, ProblemsError, StorageTroubleError, UserError
from sparkles.spark.java_errors import with_java_trace

__all__ = ["raising_worker_errors"]

_RAISED = re.compile(rf"^(?:Caused by: )?{re.escape(errors.__name__)}\.(\w+): (.+)$", re.MULTILINE)
_KINDS = (UserError, StorageTroubleError, FeaturizationError)  # a message is all that they need


@contextmanager
def raising_worker_errors() -> Iterator[None]:
    r"""Raise the error with which a worker failed, if a job in the block fails because of it.

    Spark reports a failed task with the worker's traceback in a text of a hundred lines.

    Raises
    ------
    StorageTroubleError
        If a task met it at each of its attempts.
    UserError, FeaturizationError
        If a worker raised it.

    Examples
    --------
    >>> from pyspark.errors import PythonException
    >>> with raising_worker_errors():
    ...     raise PythonException("Traceback ...\nsparkles.errors.SystemicError: ExpiredToken")
    Traceback (most recent call last):
    sparkles.errors.SystemicError: ExpiredToken
    """
    try:
        yield
    except Exception as error:
        if type(error).__module__.startswith(("py4j", "pyspark")) and (found := _find(error)):
            raise found from error
        raise


def _find(error: Exception) -> Exception | None:
    # A traceback ends with the error itself; those before it are its causes.
    for name, message in reversed(_RAISED.findall(with_java_trace(error))):
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, _KINDS) and kind is not ProblemsError:
            return kind(message)
    return None
