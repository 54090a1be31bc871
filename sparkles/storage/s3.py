"""Read, write and list objects in S3 with boto3, trying again while S3 is in trouble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

from sparkles.choices import StorageReason
from sparkles.errors import SparklesError, StorageError, SystemicError
from sparkles.storage.head import Head, byte_range, total_of
from sparkles.storage.limits import Deadline, check_size, read_bounded
from sparkles.storage.retry import ATTEMPTS, FEW_ATTEMPTS, retry
from sparkles.storage.s3_client import DEFAULT_S3, S3Options, client_of, forget_client
from sparkles.storage.s3_errors import NO_BUCKET, Fault, S3Failure, failure_of, s3_exceptions
from sparkles.storage.uris import split_s3

__all__ = [
    "PAGE",
    "Page",
    "check_not_all_refused",
    "list_page",
    "read_s3",
    "read_s3_head",
    "write_s3",
]

PAGE = 1000  # the most keys in an answer, whatever the request says

_Answer = TypeVar("_Answer")

# How often to request, by whose fault the error was.
_PATIENT = {
    Fault.PASSING: ATTEMPTS,
    Fault.UNREACHABLE: ATTEMPTS,
    Fault.CREDENTIALS: FEW_ATTEMPTS,  # by another client each time: they may have been renewed
}
_LISTING = {**_PATIENT, Fault.UNREACHABLE: FEW_ATTEMPTS}  # it is the first request of a run
_BRIEF = dict.fromkeys(_PATIENT, FEW_ATTEMPTS)


class _FailedError(Exception):
    """A request failed; its cause is what botocore raised."""

    def __init__(self, failure: S3Failure, problem: Exception) -> None:
        super().__init__(failure, problem)
        self.failure = failure
        self.problem = problem


def read_s3(uri: str, options: S3Options, most: int | None = None) -> bytes:
    """Read an object.

    Parameters
    ----------
    most
        The most bytes to read; an object that has more is too large.

    Raises
    ------
    StorageError
        ``missing`` if there is no such key or bucket; ``unreadable`` with S3's own code if access
        to this object is denied; ``too large`` before its bytes are read.
    PassingError
        If S3 throttles, breaks off or does not answer for minutes.
    SystemicError
        If the credentials, the endpoint or the configuration is the problem, or if the object
        ``options.readable`` is refused too.
    MissingDependencyError
        If boto3 is not installed.
    """
    content, _ = _get(uri, options, most)
    return content


def write_s3(uri: str, content: bytes, options: S3Options) -> None:
    """Write an object; an existing one is replaced.

    Raises
    ------
    StorageError, PassingError, SystemicError, MissingDependencyError
        See :func:`read_s3`.
    """
    bucket, key = split_s3(uri)

    def ask(client: Any) -> object:
        return client.put_object(Bucket=bucket, Key=key, Body=content, **_paying(options))

    try:
        _request(ask, options, _PATIENT)
    except _FailedError as failed:
        raise _not_read(uri, failed) from failed.problem


def read_s3_head(uri: str, size: int, options: S3Options) -> Head:
    """Read the first bytes of an object and the size of the whole, in one request.

    Raises
    ------
    StorageError, MissingDependencyError
        See :func:`read_s3`.
    """
    content, content_range = _get(uri, options, None, Range=byte_range(size))
    total = total_of(content_range)
    return Head(content[:size], len(content) if total is None else total)


def _get(uri: str, options: S3Options, most: int | None, **more: str) -> tuple[bytes, str | None]:
    """Return an object, or the requested range of it and its ``Content-Range``."""
    bucket, key = split_s3(uri)

    def ask(client: Any) -> tuple[bytes, str | None]:
        deadline = Deadline(uri)
        answer = client.get_object(Bucket=bucket, Key=key, **more, **_paying(options))
        with closing(answer["Body"]) as body:
            check_size(uri, answer.get("ContentLength"), most)
            content = read_bounded(body.read, uri, most, deadline)
        return content, answer.get("ContentRange")

    try:
        return _request(ask, options, _PATIENT)
    except _FailedError as failed:
        if more and failed.failure.fault is Fault.EMPTY:
            return b"", None
        if failed.failure.fault is Fault.REFUSED:
            _check_refused_alone(uri, options, failed)
        raise _not_read(uri, failed) from failed.problem


def _request(
    ask: Callable[[Any], _Answer], options: S3Options, attempts: dict[Fault, int]
) -> _Answer:
    """Send a request by this process's client, several times if it fails for a passing reason.

    Raises
    ------
    _FailedError
        With the last failure.
    StorageError, MissingDependencyError
        From ``ask``, or from creating the client.
    """

    def ask_once() -> _Answer:
        client = None
        try:
            client = client_of(options)
            return ask(client)
        except SparklesError:
            raise  # without the next line, which needs boto3
        except s3_exceptions() as error:
            failure = failure_of(error)
            if failure.fault is Fault.CREDENTIALS and client is not None:
                forget_client(client)
            raise _FailedError(failure, error) from error

    def worth(error: BaseException) -> int:
        fault = error.failure.fault if isinstance(error, _FailedError) else None
        return attempts.get(fault, 1) if fault else 1

    return retry(ask_once, (_FailedError,), worth)


def _not_read(uri: str, failed: _FailedError) -> StorageError:
    failure, problem = failed.failure, failed.problem
    if failure.fault in (Fault.ABSENT, Fault.REFUSED, Fault.EMPTY):
        return failure.to_error(f"{uri}: {failure.code}")
    said = "" if str(problem) in ("", failure.code) else f" ({problem})"
    return failure.to_error(f"{uri}: {failure.code}{said}; {failure.remedy()}")


def _check_refused_alone(uri: str, options: S3Options, failed: _FailedError) -> None:
    """Check that a refusal is the object's own, by an object that the driver was not refused.

    Raises
    ------
    SystemicError
        If this process is refused that one too.
    """
    if not options.readable or options.readable == uri:
        return
    try:
        _request(_first_byte(options.readable, options), options, _PATIENT)
    except _FailedError as other:
        if other.failure.fault is Fault.REFUSED:
            detail = (
                f"{uri}: {failed.failure.code}, and so is {options.readable}, which the driver "
                f"could read; {failed.failure.remedy()}"
            )
            raise SystemicError(detail) from failed.problem
        if other.failure.fault not in (Fault.ABSENT, Fault.EMPTY):
            raise _not_read(options.readable, other) from other.problem


def _first_byte(uri: str, options: S3Options) -> Callable[[Any], object]:
    bucket, key = split_s3(uri)
    more = {"Range": "bytes=0-0", **_paying(options)}
    return lambda client: client.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


@dataclass(frozen=True)
class Page:
    """Some keys of a bucket, in the order of their UTF-8 bytes.

    Attributes
    ----------
    keys
        At most :data:`PAGE`.
    token
        Requests the next page; ``None`` if this page is the last.
    """

    keys: list[str]
    token: str | None


def list_page(
    bucket: str,
    prefix: str,
    options: S3Options,
    *,
    after: str = "",
    token: str | None = None,
    most: int = PAGE,
) -> Page:
    """Request the keys that begin with a prefix.

    Parameters
    ----------
    after
        Leave out the keys up to this string, inclusive.
    token
        Token of the previous page, instead of ``after``.
    most
        The number of keys to request.

    Raises
    ------
    StorageError
        With S3's code and the remedy, if it refuses. A :class:`~sparkles.errors.PassingError` or
        :class:`~sparkles.errors.SystemicError` if it is in trouble; see :func:`read_s3`.
    MissingDependencyError
        If boto3 is not installed.
    """
    start = {"ContinuationToken": token} if token else {"StartAfter": after} if after else {}
    asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": most, **start, **_paying(options)}
    try:
        answer = _request(lambda client: client.list_objects_v2(**asked), options, _LISTING)
    except _FailedError as failed:
        failure = failed.failure
        remedy = failure.remedy("s3:ListBucket")
        detail = f"s3://{bucket}/{prefix} cannot be listed: {failure.code}; {remedy}"
        if failure.fault is Fault.ABSENT:  # the bucket
            raise StorageError(StorageReason.UNREADABLE, detail) from failed.problem
        raise failure.to_error(detail) from failed.problem
    keys = [entry["Key"] for entry in answer.get("Contents", ())]
    return Page(keys, answer.get("NextContinuationToken"))


def check_not_all_refused(uris: Sequence[str], options: S3Options = DEFAULT_S3) -> str:
    """Request the first byte of a few objects, before a job requests millions.

    An object that does not exist is not refused: the job counts it. Neither is one while S3 is
    busy: the job has more patience.

    Returns
    -------
    str
        The first URI that is not refused, for ``S3Options.readable``; empty if S3 is busy, or if
        there are no URIs.

    Raises
    ------
    StorageError
        If S3 refuses every one of them, with its code and the remedy.
    SystemicError
        If the credentials, the endpoint or the configuration is the problem.
    """
    failure = None
    for uri in uris:
        try:
            _request(_first_byte(uri, options), options, _BRIEF)
            return uri
        except _FailedError as failed:
            failure = failed.failure
        if failure.fault in (Fault.ABSENT, Fault.EMPTY) and failure.code != NO_BUCKET:
            return uri
        if failure.fault is Fault.PASSING:
            return ""
        if failure.fault not in (Fault.REFUSED, Fault.ABSENT):
            raise failure.to_error(f"{uri}: {failure.code}; {failure.remedy()}")
    if failure is not None:
        raise failure.to_error(
            f"each of the {len(uris)} that were tried is refused, for example {uris[-1]}: "
            f"{failure.code}; {failure.remedy()}"
        )
    return ""


def _paying(options: S3Options) -> dict[str, str]:
    return {"RequestPayer": "requester"} if options.requester_pays else {}
