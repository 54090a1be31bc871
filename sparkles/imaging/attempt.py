"""A bad photo is a row with a reason: its failure must not end a job of millions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sparkles.choices import Reason, StorageReason
from sparkles.errors import PhotoError, SparklesError, StorageError, StorageTroubleError

__all__ = ["attempt", "photo_error"]

_Loaded = TypeVar("_Loaded")

_REASONS = {
    StorageReason.MISSING: Reason.NO_PHOTO,
    StorageReason.UNREADABLE: Reason.UNREADABLE,
    StorageReason.TOO_LARGE: Reason.TOO_LARGE,
}


def attempt(load: Callable[[], _Loaded]) -> _Loaded | PhotoError:
    """Load something of one photo, or return the reason why that failed.

    Parameters
    ----------
    load
        Reads the photo: its pixels, its header.

    Returns
    -------
    object or PhotoError
        The result of ``load``, or the reason for the ledger.

    Raises
    ------
    SparklesError
        If it is not the photo's fault: a package is missing, for example, or the storage is in
        trouble (:class:`~sparkles.errors.StorageTroubleError`). A Spark task that calls this fails
        then, and Spark tries it again elsewhere.

    Examples
    --------
    >>> attempt(lambda: "pixels")
    'pixels'
    >>> str(attempt(lambda: 1 / 0))
    'corrupt: ZeroDivisionError: division by zero'
    """
    try:
        return load()
    except PhotoError as error:
        return error
    except StorageError as error:
        return photo_error(error)
    except SparklesError:
        raise
    except Exception as error:  # noqa: BLE001 (a decoder's own bug on this one photo)
        return PhotoError(Reason.CORRUPT, f"{type(error).__name__}: {error}")


def photo_error(error: StorageError) -> PhotoError:
    """Turn an error of the storage into a photo's reason.

    Raises
    ------
    StorageTroubleError
        The error itself, if it is not the photo's fault.

    Examples
    --------
    >>> str(photo_error(StorageError("missing", "nothing at 0001.jpg")))
    'no photo: nothing at 0001.jpg'
    """
    if isinstance(error, StorageTroubleError):
        raise error
    return PhotoError(_REASONS[StorageReason(error.reason)], error.detail)
