"""The exception tree: every error a user can cause or must act upon.

Each message says what was expected, what came and the remedy. Everything below
:class:`UserError` is the caller's to mend; the command line prints it as one line and exits
with status 2, before any long job starts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self

__all__ = [
    "AwsError",
    "ClusterError",
    "FeaturizationError",
    "LabelError",
    "MissingDependencyError",
    "ModelError",
    "OutputExistsError",
    "PhotoError",
    "PrecisionError",
    "SchemaError",
    "SettingsError",
    "SourceError",
    "SparklesError",
    "UnknownClassError",
    "UnknownModelError",
    "UserError",
    "WeightsError",
    "nearest",
]


class SparklesError(Exception):
    """Anything that Sparkles raises on purpose."""


class UserError(SparklesError):
    """Input that cannot work; the message names the remedy. Exit status 2 on the command line."""


class SettingsError(UserError, ValueError):
    """A setting is missing, unknown, mistyped or out of range."""


class SourceError(UserError):
    """A file or folder of the input is missing, unreadable or has the wrong columns."""


class LabelError(UserError):
    """The labels leave nothing to learn from: no positive row, or a single class."""


class UnknownClassError(LabelError):
    """A class name or MID that the class descriptions do not hold."""


class SchemaError(UserError, TypeError):
    """A DataFrame lacks a column, or a column has a type that the stage does not read."""


class ModelError(UserError):
    """A network or a saved model that cannot be built, loaded or cut as asked."""


class UnknownModelError(ModelError, ValueError):
    """A model name that the registry does not hold."""


class WeightsError(ModelError):
    """Weights that cannot be obtained, or that do not fit the network."""


class PrecisionError(ModelError):
    """A precision that this machine lacks, or that strays too far from float32 on these photos."""


class MissingDependencyError(UserError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    @classmethod
    def of_extra(cls, what: str, extra: str) -> Self:
        """Say what needs a package that an extra of Sparkles brings.

        Examples
        --------
        >>> str(MissingDependencyError.of_extra("s3:// paths need boto3", "s3"))
        's3:// paths need boto3; install it with: pip install "sparkles[s3]"'
        """
        return cls(f'{what}; install it with: pip install "sparkles[{extra}]"')


class OutputExistsError(UserError):
    """The output exists already and was not to be overwritten."""


class AwsError(UserError):
    """AWS refuses a request: no credentials, no permission, no such bucket, a wrong region."""


class ClusterError(SparklesError):
    """A cluster or a step on it ended with a failure; the message has the reason and the logs."""


class FeaturizationError(SparklesError):
    """A photo could not be featurized and ``handleInvalid`` is ``"error"``."""


class PhotoError(SparklesError):
    """One photo cannot be read or decoded: a reason for the ledger, not a failure of the job.

    Parameters
    ----------
    reason
        A short stable word of :class:`sparkles.choices.Reason`, which the ledger counts by.
    detail
        What exactly was met, for the person who looks at this one photo.

    Examples
    --------
    >>> str(PhotoError("truncated", "the file ends 120 bytes early"))
    'truncated: the file ends 120 bytes early'
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[PhotoError], tuple[str, str]]:
        return type(self), (self.reason, self.detail)


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """Name the known words nearest to a mistyped one, as the tail of an error message.

    Examples
    --------
    >>> nearest("Incption", ["InceptionV3", "Xception", "VGG16"])
    ' Did you mean InceptionV3 or Xception?'
    >>> nearest("zzz", ["InceptionV3"])
    ''
    """
    by_folded = {word.casefold(): word for word in known}
    hits = difflib.get_close_matches(name.casefold(), by_folded, n=most, cutoff=0.5)
    return f" Did you mean {' or '.join(by_folded[hit] for hit in hits)}?" if hits else ""
