"""URIs to bytes: what workers fetch photos with, and the driver weights.

Local paths and ``file:``, ``s3:`` (also ``s3a:``, ``s3n:``) and ``http(s):`` URIs. Nothing here
needs Spark; DataFrames are read and written by Spark's own file systems.
"""

from __future__ import annotations

import functools
import http.client
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sparkles.columns import Reason
from sparkles.errors import MissingDependencyError, PhotoError, SourceError

__all__ = ["check_readable_scheme", "is_local", "is_s3", "join_uri", "local_path", "read_bytes"]

_S3 = ("s3", "s3a", "s3n")
_HTTP = ("http", "https")
_HTTP_TIMEOUT = 30.0  # seconds
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?=:)")  # C:\photos has none


def _scheme(uri: str) -> str:
    match = _SCHEME.match(uri)
    return match[0].lower() if match else ""


def is_local(uri: str) -> bool:
    """Whether a URI names a file of this machine.

    Examples
    --------
    >>> is_local("photos/a.jpg"), is_local("file:///photos/a.jpg"), is_local("s3://photos/a.jpg")
    (True, True, False)
    """
    return _scheme(uri) in ("", "file")


def is_s3(uri: str) -> bool:
    """Whether a URI names an object in S3.

    Examples
    --------
    >>> is_s3("s3a://bucket/key"), is_s3("/bucket/key")
    (True, False)
    """
    return _scheme(uri) in _S3


def join_uri(root: str, name: str) -> str:
    """Put a file name behind a folder or prefix.

    Examples
    --------
    >>> join_uri("s3://bucket/train/", "0001.jpg"), join_uri("photos", "0001.jpg")
    ('s3://bucket/train/0001.jpg', 'photos/0001.jpg')
    """
    return f"{root.rstrip('/')}/{name}"


def check_readable_scheme(uri: str) -> None:
    """Refuse, on the driver, a URI that no worker could read.

    Raises
    ------
    SourceError
        Naming the schemes that are read, and the way round.

    Examples
    --------
    >>> check_readable_scheme("ftp://host/photos")
    Traceback (most recent call last):
    sparkles.errors.SourceError: photos at 'ftp://host/photos': workers read local paths and
    file, s3, s3a, s3n, http and https URIs. Read other storage with
    spark.read.format("binaryFile") and pass that DataFrame
    """
    scheme = _scheme(uri)
    if scheme not in ("", "file", *_S3, *_HTTP):
        raise SourceError(
            f"photos at {uri!r}: workers read local paths and file, s3, s3a, s3n, http and https "
            'URIs. Read other storage with spark.read.format("binaryFile") and pass that DataFrame'
        )


def read_bytes(uri: str) -> bytes:
    """Fetch a whole file.

    Parameters
    ----------
    uri
        A local path, or a ``file:``, ``s3:`` or ``http(s):`` URI. S3 is asked with the usual AWS
        credentials, region and endpoint variables, and anonymously where there are none.

    Raises
    ------
    PhotoError
        ``no photo`` where nothing is there; ``unreadable`` where access is denied or breaks off.

    Examples
    --------
    >>> read_bytes("nowhere/0001.jpg")
    Traceback (most recent call last):
    sparkles.errors.PhotoError: no photo: nothing at nowhere/0001.jpg
    """
    scheme = _scheme(uri)
    if scheme in _S3:
        return _read_s3(uri)
    if scheme in _HTTP:
        return _read_http(uri)
    return _read_local(uri)


def local_path(uri: str) -> Path:
    """The path that a local URI names.

    Hadoop writes ``file:`` URIs unescaped, everyone else percent-encoded, so the literal name
    goes first where such a file exists.

    Examples
    --------
    >>> local_path("file:///photos/a%20b.jpg").as_posix()
    '/photos/a b.jpg'
    """
    if _scheme(uri) != "file":
        return Path(uri)
    literal = uri[len("file:") :]
    if literal.startswith("//"):
        literal = "/" + literal[2:].partition("/")[2]
    path = Path(literal)
    return path if path.exists() else Path(unquote(literal))


def _read_local(uri: str) -> bytes:
    try:
        path = local_path(uri)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoError(Reason.NO_PHOTO, f"nothing at {uri}") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise PhotoError(Reason.UNREADABLE, f"{uri}: {error}") from error


def _read_http(uri: str) -> bytes:
    try:
        with urllib.request.urlopen(uri, timeout=_HTTP_TIMEOUT) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        reason = Reason.NO_PHOTO if error.code in (404, 410) else Reason.UNREADABLE
        raise PhotoError(reason, f"{uri}: HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # HTTPException: the body breaks off. ValueError: a URI that cannot be asked for.
        raise PhotoError(Reason.UNREADABLE, f"{uri}: {error}") from error


def _read_s3(uri: str) -> bytes:
    client = _s3_client()  # first, because it tells what to install where boto3 is missing
    from botocore.exceptions import BotoCoreError, ClientError

    # Not urlsplit: it would take ? and # in a key for a query; an S3 key may hold both.
    bucket, _, key = uri.partition(":")[2].removeprefix("//").partition("/")
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        absent = code in ("NoSuchKey", "NoSuchBucket", "404")
        reason = Reason.NO_PHOTO if absent else Reason.UNREADABLE
        raise PhotoError(reason, f"{uri}: {code}") from error
    except (BotoCoreError, OSError) as error:
        raise PhotoError(Reason.UNREADABLE, f"{uri}: {error}") from error


@functools.cache
def _s3_client() -> Any:
    """One client a process; boto3's clients may be shared between threads."""
    try:
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
    except ImportError as error:
        raise MissingDependencyError(
            'photos in S3 are read with boto3; install it with: pip install "sparkles[s3]"'
        ) from error
    session = boto3.Session()
    config = Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=32)
    if session.get_credentials() is None:
        config = config.merge(Config(signature_version=UNSIGNED))
    region = session.region_name or "us-east-1"
    return session.client("s3", config=config, region_name=region)
