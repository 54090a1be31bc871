"""Tell URIs apart, join them and take them apart: local files, objects in S3, web addresses."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from sparkles.choices import StorageReason
from sparkles.errors import StorageError

__all__ = [
    "check_readable_scheme",
    "is_http",
    "is_local",
    "is_s3",
    "join_uri",
    "local_path",
    "split_s3",
]

_S3 = ("s3", "s3a", "s3n")
_HTTP = ("http", "https")
_SHOWN = 200  # characters of a URI in an error; a data: URI is a whole photo
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?=:)")  # C:\photos has no scheme


def _scheme(uri: str) -> str:
    match = _SCHEME.match(uri)
    return match[0].lower() if match else ""


def is_local(uri: str) -> bool:
    """Whether a URI names a file on this machine.

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
    """Append a file name to a folder or prefix.

    Examples
    --------
    >>> join_uri("s3://bucket/train/", "0001.jpg"), join_uri("photos", "0001.jpg")
    ('s3://bucket/train/0001.jpg', 'photos/0001.jpg')
    """
    return f"{root.rstrip('/')}/{name}"


def check_readable_scheme(uri: str) -> None:
    """Refuse a URI that :func:`~sparkles.storage.read_bytes` cannot read, without reading it.

    Raises
    ------
    StorageError
        With the schemes that can be read.

    Examples
    --------
    >>> check_readable_scheme("ftp://host/photos")
    Traceback (most recent call last):
    sparkles.errors.StorageError: 'ftp://host/photos' cannot be read, because ftp is not supported:
    expected a local path or a file, s3, s3a, s3n, http or https URI
    """
    scheme = _scheme(uri)
    if scheme not in ("", "file", *_S3, *_HTTP):
        raise StorageError(
            StorageReason.UNREADABLE,
            f"{uri[:_SHOWN]!r} cannot be read, because {scheme} is not supported: expected a local "
            "path or a file, s3, s3a, s3n, http or https URI",
        )


def is_http(uri: str) -> bool:
    """Whether a URI is read by HTTP."""
    return _scheme(uri) in _HTTP


def split_s3(uri: str) -> tuple[str, str]:
    """Split an S3 URI into bucket and key.

    Examples
    --------
    >>> split_s3("s3://photos/train/what?#1.jpg")
    ('photos', 'train/what?#1.jpg')
    """
    # Not urlsplit, which would split a key at ? and #; an S3 key may contain both.
    bucket, _, key = uri.partition(":")[2].removeprefix("//").partition("/")
    return bucket, key


def local_path(uri: str) -> Path:
    """Return the path that a local URI names.

    Hadoop writes ``file:`` URIs unescaped, everyone else percent-encoded. The literal name takes
    precedence if such a file exists.

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
