"""Read, list and write files by URI, without Spark.

That is: local paths, ``file:``, ``s3:`` and, to read, ``http(s):``.

``s3a:`` and ``s3n:`` are other names of ``s3:``. Spark's own file systems read and write
DataFrames. Storage knows nothing of what files are for: its errors are
:class:`~sparkles.errors.StorageError`, and callers turn them into errors that name what they
looked for.
"""

from sparkles.storage.fetch import read_bytes, read_head
from sparkles.storage.folder import list_folder
from sparkles.storage.head import Head
from sparkles.storage.limits import MOST_BYTES
from sparkles.storage.listing import (
    KeyRange,
    has_keys,
    is_object,
    list_range,
    split_folder,
)
from sparkles.storage.s3 import check_not_all_refused
from sparkles.storage.s3_client import DEFAULT_S3, S3Options, decide_credentials
from sparkles.storage.uris import (
    check_readable_scheme,
    is_local,
    is_s3,
    join_uri,
    local_path,
    split_s3,
)
from sparkles.storage.write import can_write, write_bytes

__all__ = [
    "DEFAULT_S3",
    "MOST_BYTES",
    "Head",
    "KeyRange",
    "S3Options",
    "can_write",
    "check_not_all_refused",
    "check_readable_scheme",
    "decide_credentials",
    "has_keys",
    "is_local",
    "is_object",
    "is_s3",
    "join_uri",
    "list_folder",
    "list_range",
    "local_path",
    "read_bytes",
    "read_head",
    "split_folder",
    "split_s3",
    "write_bytes",
]
