"""Write small files by URI from any process, without Spark."""

from __future__ import annotations

from sparkles.storage.s3 import write_s3
from sparkles.storage.s3_client import DEFAULT_S3, S3Options
from sparkles.storage.uris import is_local, is_s3, local_path

__all__ = ["can_write", "write_bytes"]


def can_write(uri: str) -> bool:
    """Return whether :func:`write_bytes` can write there: a local file or an object in S3.

    Examples
    --------
    >>> can_write("file:/out/a.jpg"), can_write("s3a://bucket/a.jpg"), can_write("hdfs:///a.jpg")
    (True, True, False)
    """
    return is_local(uri) or is_s3(uri)


def write_bytes(uri: str, content: bytes, s3: S3Options = DEFAULT_S3) -> None:
    """Write a file and the folders above it; an existing file is replaced.

    Raises
    ------
    OSError
        If a local file cannot be written.
    StorageError
        If S3 refuses the object.
    PassingError
        If S3 throttles, breaks off or does not answer for minutes.
    """
    if is_s3(uri):
        write_s3(uri, content, s3)
        return
    path = local_path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
