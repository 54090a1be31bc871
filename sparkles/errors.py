"""The exception tree: every error that a user can cause or must act upon.

Each message says what was expected, what was found and what to do about it. The caller can fix
every error below :class:`UserError`; the command line prints it as one line and exits with
status 2, before any long job starts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from sparkles.redaction import redact

__all__ = [
    "DISTRIBUTION",
    "AwsError",
    "ClusterError",
    "FeaturizationError",
    "LabelError",
    "MissingDependencyError",
    "ModelError",
    "OutputExistsError",
    "PassingError",
    "PhotoError",
    "PrecisionError",
    "ProblemsError",
    "RejectedError",
    "SchemaError",
    "SettingsError",
    "SourceError",
    "SparklesError",
    "StorageError",
    "StorageTroubleError",
    "SystemicError",
    "UnknownClassError",
    "UnknownModelError",
    "UserError",
    "WeightsError",
    "first_line",
    "naming_missing_spark",
    "nearest",
    "problems_of",
    "raise_together",
]

# What pip installs; `sparkles` on PyPI is somebody else's.
DISTRIBUTION = "sparkles-ml"


class SparklesError(Exception):
    """Any error that Sparkles raises on purpose.

    Its message has no secrets of URIs; see :func:`sparkles.redaction.redact`.

    Examples
    --------
    >>> print(SparklesError("nothing at https://host/a.jpg?sig=0f3a"))
    nothing at https://host/a.jpg?sig=***
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(redact(one) if isinstance(one, str) else one for one in args))


class UserError(SparklesError):
    """Input that cannot work; the message names the remedy. Exit status 2 on the command line.

    Parameters
    ----------
    message
        What was expected, what was found, and the remedy in the words of the library.
    settings
        Names of the settings that the remedy changes, as Python spells them. The command line
        adds the options that set them.

    Examples
    --------
    >>> error = UserError("the output out exists already", settings=["output", "overwrite"])
    >>> str(error), error.settings
    ('the output out exists already', ('output', 'overwrite'))
    """

    def __init__(self, message: str, *, settings: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.settings = tuple(settings)  # pickled with the rest of the instance's attributes


class ProblemsError(UserError):
    """Several problems at once, so that all of them can be solved before the next try.

    Parameters
    ----------
    problems
        At least two errors.

    Examples
    --------
    >>> print(ProblemsError([UserError("no labels"), UserError("no photos")]))
    2 problems:
      1. no labels
      2. no photos
    """

    def __init__(self, problems: Sequence[UserError]) -> None:
        super().__init__("", settings=[name for each in problems for name in each.settings])
        self.args = (tuple(problems),)  # the arguments that pickle calls the class with

    @property
    def problems(self) -> tuple[UserError, ...]:
        """The errors."""
        problems: tuple[UserError, ...] = self.args[0]
        return problems

    def __str__(self) -> str:
        lines = [f"  {number}. {each}" for number, each in enumerate(self.problems, 1)]
        return "\n".join([f"{len(lines)} problems:", *lines])


class SettingsError(UserError, ValueError):
    """A setting is missing, unknown, mistyped or out of range."""


class SourceError(UserError):
    """A file or folder of the input is missing or unreadable, or has the wrong columns."""


class LabelError(UserError):
    """The labels leave nothing to learn from: no positive row, or a single class."""


class UnknownClassError(LabelError):
    """A class name or MID that is not in the class descriptions."""


class SchemaError(UserError, TypeError):
    """A DataFrame lacks a column, or a column has a type that the stage cannot read."""


class ModelError(UserError):
    """A network or a saved model that cannot be built, loaded or cut as requested."""


class UnknownModelError(ModelError, ValueError):
    """A model name that is not in the registry."""


class WeightsError(ModelError):
    """Weights that cannot be obtained, or that do not fit the network."""


class PrecisionError(ModelError):
    """A precision that this machine lacks, or that is too far from float32 on these photos."""


class MissingDependencyError(UserError, ImportError):
    """An optional package is not installed; the message names the extra that installs it."""

    @classmethod
    def of_extra(
        cls, what: str, extra: str, *, otherwise: str = "", settings: Sequence[str] = ()
    ) -> Self:
        """Build the error for a package that an extra of Sparkles installs.

        Parameters
        ----------
        what
            What needs the package.
        extra
            Name of the extra.
        otherwise
            Another remedy, as a sentence without its full stop.
        settings
            See :class:`UserError`.

        Examples
        --------
        >>> str(MissingDependencyError.of_extra("s3:// paths need boto3", "s3"))
        's3:// paths need boto3; install it with: pip install "sparkles-ml[s3]"'
        """
        message = f'{what}; install it with: pip install "{DISTRIBUTION}[{extra}]"'
        return cls(f"{message}. {otherwise}" if otherwise else message, settings=settings)


@contextmanager
def naming_missing_spark() -> Iterator[None]:
    """Name the extra that installs Spark if the block's imports fail because there is none.

    Raises
    ------
    MissingDependencyError

    Examples
    --------
    >>> with naming_missing_spark():
    ...     raise ModuleNotFoundError("No module named 'pyspark.sql'", name="pyspark.sql")
    Traceback (most recent call last):
    sparkles.errors.MissingDependencyError: pyspark is not installed; install it with: pip install
    "sparkles-ml[local]"
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pyspark", "py4j"):
            raise
        raise MissingDependencyError.of_extra("pyspark is not installed", "local") from error


class OutputExistsError(UserError):
    """The output exists and may not be overwritten, or it overlaps with an input."""


class RejectedError(UserError):
    """More photos are rejected than may be; the message says why, and where the rest is kept."""


class AwsError(UserError):
    """AWS refuses a request: no credentials, no permission, no such bucket or the wrong region."""


class ClusterError(SparklesError):
    """A cluster or one of its steps failed; the message has the reason and the logs."""


class FeaturizationError(SparklesError):
    """A photo could not be featurized and ``handleInvalid`` is ``"error"``."""


class _ReasonedError(SparklesError):
    """An error with a short stable word to count by, and the details for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)  # the arguments that pickle calls the class with
        self.reason = reason
        self.detail: str = self.args[1]


class PhotoError(_ReasonedError):
    """One photo cannot be read or decoded: a reason for the ledger, not a failure of the job.

    Parameters
    ----------
    reason
        A value of :class:`sparkles.choices.Reason`; the ledger counts rejected photos by it.
    detail
        What exactly is wrong, for the person who looks at this one photo.

    Examples
    --------
    >>> str(PhotoError("truncated", "the file ends 120 bytes early"))
    'truncated: the file ends 120 bytes early'
    """

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class StorageError(_ReasonedError):
    """A file cannot be read, or a folder cannot be listed.

    Storage does not know what the file is for. Its callers turn this error into one that names
    what they looked for: a :class:`PhotoError`, a :class:`WeightsError`, a :class:`SourceError`.
    An error of this class itself is the file's own: another file may well be readable. The
    subclass :class:`StorageTroubleError` is not, and nothing may be concluded from it about the
    file.

    Parameters
    ----------
    reason
        A value of :class:`sparkles.choices.StorageReason`.
    detail
        The file's URI and what exactly is wrong, with the remedy where there is one.

    Examples
    --------
    >>> str(StorageError("missing", "nothing at weights.h5"))
    'nothing at weights.h5'
    """

    def __str__(self) -> str:
        return self.detail


class StorageTroubleError(StorageError):
    """The storage, the network or this machine is in trouble; the file may be sound.

    A Spark task that meets it fails, so that Spark tries elsewhere; a row that calls the photo
    unreadable would be a false verdict.

    Parameters
    ----------
    detail
        The file's URI and what exactly is wrong, with the remedy where there is one.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("unreadable", detail)
        self.args = (detail,)  # the arguments that pickle calls the class with


class PassingError(StorageTroubleError):
    """Trouble that passes by itself, but outlived all attempts: throttling, timeouts, resets.

    Examples
    --------
    >>> str(PassingError("s3://bucket/0001.jpg: SlowDown at each of 20 attempts"))
    's3://bucket/0001.jpg: SlowDown at each of 20 attempts'
    """


class SystemicError(StorageTroubleError):
    """Trouble that meets every file: no credentials or expired ones, no endpoint, a broken disk.

    Examples
    --------
    >>> str(SystemicError("s3://bucket/0001.jpg: ExpiredToken; renew this machine's credentials"))
    "s3://bucket/0001.jpg: ExpiredToken; renew this machine's credentials"
    """


def problems_of(error: UserError) -> list[UserError]:
    """Return the problems that an error reports: its own, or those of a :class:`ProblemsError`."""
    return list(error.problems) if isinstance(error, ProblemsError) else [error]


def raise_together(problems: Sequence[UserError]) -> None:
    """Raise all problems as one error; nothing if there is none.

    Raises
    ------
    UserError
        The problem itself if it is the only one, else a :class:`ProblemsError`.

    Examples
    --------
    >>> raise_together([])
    >>> raise_together([LabelError("no labels")])
    Traceback (most recent call last):
    sparkles.errors.LabelError: no labels
    """
    if problems:
        raise problems[0] if len(problems) == 1 else ProblemsError(problems)


def first_line(error: BaseException, most: int = 300) -> str:
    r"""Return the first line of an error's message, or the name of its type if it has none.

    Parameters
    ----------
    error
        Any exception.
    most
        The number of characters to return at most.

    Examples
    --------
    >>> first_line(ValueError("no such layer\nTraceback ..."))
    'no such layer'
    >>> first_line(KeyboardInterrupt())
    'KeyboardInterrupt'
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0][:most]


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """Name the known words that are nearest to a mistyped one, to end an error message with.

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
