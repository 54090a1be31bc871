"""What this process has learned about web hosts: which of them answer, and which it gave up."""

from __future__ import annotations

import threading
import time

from sparkles.choices import StorageReason
from sparkles.errors import StorageError

__all__ = ["Host", "HostTroubleError", "host_of"]

_FAILURES = 3  # after so many in a row a host is given up
_GIVEN_UP_SECONDS = 300.0


class HostTroubleError(Exception):
    """A host does not answer, breaks off, or asks the client to come back.

    Parameters
    ----------
    detail
        What happened.
    throttled
        Whether the host asks for fewer requests.
    """

    def __init__(self, detail: str, *, throttled: bool = False) -> None:
        super().__init__(detail)
        self.throttled = throttled


class Host:
    """One host, by its name and port.

    A host that did not answer three times in a row is given up for five minutes, if it has never
    answered this process, or if others answer meanwhile. Otherwise the network may be down.

    Examples
    --------
    >>> host = Host("web.example")
    >>> for _ in range(3):
    ...     host.failed("no answer within 30 s")
    >>> host.check("http://web.example/1.jpg")
    Traceback (most recent call last):
    sparkles.errors.StorageError: http://web.example/1.jpg: web.example does not answer (no answer
    within 30 s); it is not asked again for 5 minutes
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._answered = False  # ever, with whatever status
        self._last_success = float("-inf")
        self._failures = 0  # since the last answer
        self._first_failure = self._last_failure = float("-inf")
        self._detail = ""

    def answered(self, *, well: bool) -> None:
        """Note an answer; ``well`` if it says something about the file, if only that it is not."""
        self._answered, self._failures = True, 0
        if well:
            self._last_success = time.monotonic()

    def failed(self, detail: str) -> None:
        """Note that the host did not answer, or broke off."""
        self._last_failure = time.monotonic()
        if self._failures == 0:
            self._first_failure = self._last_failure
        self._failures += 1
        self._detail = detail

    def check(self, uri: str) -> None:
        """Refuse to ask a host that was given up.

        Raises
        ------
        StorageError
            ``unreadable``.
        """
        if self._is_given_up():
            detail = (
                f"{uri}: {self.name} does not answer ({self._detail}); it is not asked again for "
                f"{_GIVEN_UP_SECONDS / 60:g} minutes"
            )
            raise StorageError(StorageReason.UNREADABLE, detail)

    def has_own(self, error: HostTroubleError, since: float) -> bool:
        """Whether trouble since a time is of one photo or host, as others could be read meanwhile.

        That a throttling host serves other photos shows nothing.
        """
        here = self._last_success >= since and not error.throttled
        return here or self._others_answer(since)

    def _is_given_up(self) -> bool:
        if self._failures < _FAILURES:
            return False
        if time.monotonic() > self._last_failure + _GIVEN_UP_SECONDS:
            return False
        return not self._answered or self._others_answer(self._first_failure)

    def _others_answer(self, since: float) -> bool:
        with _lock:
            return any(each._last_success >= since for each in _hosts.values() if each is not self)


_hosts: dict[str, Host] = {}
_lock = threading.Lock()


def host_of(name: str) -> Host:
    """Return this process's record of a host.

    Parameters
    ----------
    name
        With the port, if the URI has one.
    """
    with _lock:
        return _hosts.setdefault(name, Host(name))
