"""URIs to bytes: what workers fetch photos with, and the driver weights."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from sparkles.columns import Reason
from sparkles.errors import PhotoError
from sparkles.storage.retry import patiently
from sparkles.storage.s3 import USUAL, S3Options, read_s3
from sparkles.storage.uris import is_http, is_s3, local_path

__all__ = ["read_bytes"]

_HTTP_TIMEOUT = 30.0  # seconds
_BUSY = (429, 500, 502, 503, 504)  # answers that may be others the next time


def read_bytes(uri: str, s3: S3Options = USUAL) -> bytes:
    """Fetch a whole file.

    Parameters
    ----------
    uri
        A local path, or a ``file:``, ``s3:`` or ``http(s):`` URI. S3 is asked with the usual AWS
        credentials, region and endpoint variables, and anonymously where there are none.
    s3
        What goes before these variables.

    Raises
    ------
    PhotoError
        ``no photo`` where nothing is there; ``unreadable`` where access is denied, or where the
        storage is busy or breaks off each of several times.

    Examples
    --------
    >>> read_bytes("nowhere/0001.jpg")
    Traceback (most recent call last):
    sparkles.errors.PhotoError: no photo: nothing at nowhere/0001.jpg
    """
    if is_s3(uri):
        return read_s3(uri, s3)
    if is_http(uri):
        return _read_http(uri)
    return _read_local(uri)


def _read_local(uri: str) -> bytes:
    try:
        path = local_path(uri)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoError(Reason.NO_PHOTO, f"nothing at {uri}") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise PhotoError(Reason.UNREADABLE, f"{uri}: {error}") from error


class _BusyError(Exception):
    """The server asks to come back."""


def _read_http(uri: str) -> bytes:
    try:
        return patiently(lambda: _ask(uri), (_BusyError, OSError, http.client.HTTPException))
    except (_BusyError, OSError, http.client.HTTPException, ValueError) as error:
        # HTTPException: the body breaks off. ValueError: a URI that cannot be asked for.
        raise PhotoError(Reason.UNREADABLE, f"{uri}: {error}") from error


def _ask(uri: str) -> bytes:
    try:
        with urllib.request.urlopen(uri, timeout=_HTTP_TIMEOUT) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        if error.code in _BUSY:
            raise _BusyError(f"HTTP {error.code} {error.reason}") from error
        reason = Reason.NO_PHOTO if error.code in (404, 410) else Reason.UNREADABLE
        raise PhotoError(reason, f"{uri}: HTTP {error.code} {error.reason}") from error
