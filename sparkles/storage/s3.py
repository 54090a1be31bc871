"""Read and list objects in S3 with boto3, by one client per process that retries."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparkles.choices import StorageReason
from sparkles.errors import MissingDependencyError, StorageError
from sparkles.storage.head import Head, byte_range, total_of
from sparkles.storage.retry import ATTEMPTS, retry
from sparkles.storage.uris import split_s3

__all__ = [
    "PAGE",
    "DEFAULT_S3",
    "Page",
    "S3Options",
    "check_not_all_refused",
    "list_page",
    "read_s3",
    "read_s3_head",
]

_CONNECTIONS = 32
_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 30.0  # seconds
_REGION = "us-east-1"  # S3's default
PAGE = 1000  # the most keys in an answer, whatever the request says


@dataclass(frozen=True)
class S3Options:
    """Options that take precedence over the usual AWS variables and the credential chain.

    Attributes
    ----------
    endpoint
        URL of a server other than AWS's.
    region
        Region of the bucket.
    anonymous
        Whether to send requests without credentials even if there are some.
    requester_pays
        Whether to pay for requests to buckets whose owners charge their readers.
    """

    endpoint: str | None = None
    region: str | None = None
    anonymous: bool = False
    requester_pays: bool = False


DEFAULT_S3 = S3Options()


def read_s3(uri: str, options: S3Options) -> bytes:
    """Read an object.

    Raises
    ------
    StorageError
        ``missing`` if there is no such key or bucket; ``unreadable`` with S3's own code if access
        is denied, or if S3 throttles, breaks off or does not answer at every attempt.
    MissingDependencyError
        If boto3 is not installed.
    """
    content, _ = _get(uri, options)
    return content


def read_s3_head(uri: str, size: int, options: S3Options) -> Head:
    """Read the first bytes of an object and the size of the whole, in one request.

    Raises
    ------
    StorageError, MissingDependencyError
        See :func:`read_s3`.
    """
    content, content_range = _get(uri, options, Range=byte_range(size))
    total = total_of(content_range)
    return Head(content[:size], len(content) if total is None else total)


def _get(uri: str, options: S3Options, **more: str) -> tuple[bytes, str | None]:
    """Return an object, or the requested range of it and its ``Content-Range``."""
    client = _client(options)  # first, because its error says what to install
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    bucket, key = split_s3(uri)

    def ask() -> tuple[bytes, str | None]:
        # botocore retries until the answer begins; if it breaks off later, we retry.
        answer = client.get_object(Bucket=bucket, Key=key, **more, **_paying(options))
        try:
            return answer["Body"].read(), answer.get("ContentRange")
        except (BotoCoreError, HTTPError, OSError) as error:
            raise _BrokenOffError(str(error)) from error

    try:
        return retry(ask, (_BrokenOffError,))
    except ClientError as error:
        if more and _code(error) == _EMPTY:
            return b"", None
        raise _not_read(uri, error) from error
    except (BotoCoreError, OSError, _BrokenOffError) as error:
        raise StorageError(StorageReason.UNREADABLE, f"{uri}: {error}") from error


class _BrokenOffError(Exception):
    """The answer ends before the object does."""


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
        With S3's code and the remedy, if it refuses, or throttles or breaks off at every attempt.
    MissingDependencyError
        If boto3 is not installed.
    """
    client = _client(options)
    from botocore.exceptions import BotoCoreError, ClientError

    start = {"ContinuationToken": token} if token else {"StartAfter": after} if after else {}
    asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": most, **start, **_paying(options)}
    try:
        # botocore retries, also after an answer that is cut short: it treats that as a 500.
        answer = client.list_objects_v2(**asked)
    except ClientError as error:
        raise _not_listed(bucket, prefix, _code(error)) from error
    except (BotoCoreError, OSError) as error:
        raise _not_listed(bucket, prefix, type(error).__name__) from error
    keys = [entry["Key"] for entry in answer.get("Contents", ())]
    return Page(keys, answer.get("NextContinuationToken"))


def _not_listed(bucket: str, prefix: str, code: str) -> StorageError:
    remedy = _REMEDIES.get(code) or _DENIED.replace("s3:GetObject", "s3:ListBucket")
    detail = f"s3://{bucket}/{prefix} cannot be listed: {code}; {remedy}"
    return StorageError(StorageReason.UNREADABLE, detail)


_ABSENT = ("NoSuchKey", "404")
_EMPTY = "InvalidRange"  # the request was for a range, and the object has no bytes
_BUSY = "S3 is busy, or the network is; run this again later"
_REMEDIES = {
    **dict.fromkeys(("SlowDown", "503", "InternalError", "500", "ServiceUnavailable"), _BUSY),
    **dict.fromkeys(("ReadTimeoutError", "ConnectTimeoutError"), _BUSY),
    **dict.fromkeys(("ConnectionClosedError", "HTTPClientError"), _BUSY),
    "NoSuchBucket": "check the bucket's name",
    "ParamValidationError": "check the bucket's name",
    "PermanentRedirect": "the bucket is in another region: set AWS_DEFAULT_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region: set AWS_DEFAULT_REGION",
    "EndpointConnectionError": "nothing answers there: check AWS_ENDPOINT_URL_S3 and the network",
}
_DENIED = (
    "check this machine's credentials or role (s3:GetObject); a requester-pays bucket needs "
    "spark.hadoop.fs.s3a.requester.pays.enabled=true"
)


def check_not_all_refused(uris: Sequence[str], options: S3Options = DEFAULT_S3) -> None:
    """Request the first byte of a few objects, before a job requests millions.

    An object that does not exist is not refused: the job counts it.

    Raises
    ------
    StorageError
        If S3 refuses every one of them, with its code and the remedy.
    """
    client = _client(options)
    from botocore.exceptions import BotoCoreError, ClientError

    code = ""
    for uri in uris:
        bucket, key = split_s3(uri)
        try:
            client.get_object(Bucket=bucket, Key=key, Range="bytes=0-0", **_paying(options))
            return
        except ClientError as error:
            code = _code(error)
            if code in (*_ABSENT, _EMPTY):  # an empty object is readable
                return
        except (BotoCoreError, OSError) as error:
            code = type(error).__name__
    if uris:
        remedy = _REMEDIES.get(code, _DENIED)
        detail = (
            f"each of the {len(uris)} that were tried is refused, for example {uris[-1]}: {code}; "
            f"{remedy}"
        )
        raise StorageError(StorageReason.UNREADABLE, detail)


def _not_read(uri: str, error: Any) -> StorageError:
    code = _code(error)
    absent = code in (*_ABSENT, "NoSuchBucket")
    reason = StorageReason.MISSING if absent else StorageReason.UNREADABLE
    return StorageError(reason, f"{uri}: {code}")


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _paying(options: S3Options) -> dict[str, str]:
    return {"RequestPayer": "requester"} if options.requester_pays else {}


@functools.cache
def _client(options: S3Options) -> Any:
    """Return this process's client; boto3's clients may be shared between threads."""
    try:
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
    except ImportError as error:
        raise MissingDependencyError.of_extra("S3 is read with boto3", "s3") from error
    session = boto3.Session()
    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
    )
    if options.anonymous or session.get_credentials() is None:
        config = config.merge(Config(signature_version=UNSIGNED))
    region = options.region or session.region_name or _REGION
    return session.client("s3", config=config, region_name=region, endpoint_url=options.endpoint)
