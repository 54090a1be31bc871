"""A bad photo is a row: what becomes a reason, and what ends the job."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest

from sparkles.choices import Reason, StorageReason
from sparkles.errors import (
    MissingDependencyError,
    PassingError,
    PhotoError,
    SparklesError,
    StorageError,
    SystemicError,
)
from sparkles.imaging.attempt import attempt, photo_error


def raising(error: BaseException) -> Callable[[], str]:
    def load() -> str:
        raise error

    return load


def test_a_photo_that_loads_is_returned() -> None:
    assert attempt(lambda: "pixels") == "pixels"


def test_a_photo_error_is_the_reason() -> None:
    error = PhotoError(Reason.TOO_LARGE, "60,000 x 60,000 pixels")
    assert attempt(raising(error)) is error


@pytest.mark.parametrize(
    ("storage", "photo"),
    [
        (StorageReason.MISSING, Reason.NO_PHOTO),
        (StorageReason.UNREADABLE, Reason.UNREADABLE),
        (StorageReason.TOO_LARGE, Reason.TOO_LARGE),
    ],
)
def test_an_error_of_the_storage_becomes_a_reason(storage: StorageReason, photo: Reason) -> None:
    found = attempt(raising(StorageError(storage, "s3://photos/a.jpg: code")))
    assert isinstance(found, PhotoError)
    assert (found.reason, found.detail) == (photo, "s3://photos/a.jpg: code")


def test_every_reason_of_the_storage_has_a_reason_of_the_photo() -> None:
    assert {photo_error(StorageError(reason, "")).reason for reason in StorageReason} == {
        Reason.NO_PHOTO,
        Reason.UNREADABLE,
        Reason.TOO_LARGE,
    }


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("inside a decoder"), struct.error("short"), zlib.error("-3")]
)
def test_a_decoder_s_own_bug_makes_the_photo_corrupt(error: Exception) -> None:
    found = attempt(raising(error))
    assert isinstance(found, PhotoError)
    assert found.reason == Reason.CORRUPT
    assert found.detail == f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    "error",
    [
        MissingDependencyError("boto3"),
        SparklesError("ours"),
        PassingError("s3://photos/a.jpg: SlowDown"),
        SystemicError("s3://photos/a.jpg: ExpiredToken"),
        KeyboardInterrupt(),
    ],
)
def test_what_is_not_the_photo_s_fault_is_raised(error: BaseException) -> None:
    with pytest.raises(type(error)):
        attempt(raising(error))
