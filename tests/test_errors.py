"""The exception tree, and the pieces that error messages are made of."""

from __future__ import annotations

import inspect
import pickle

import pytest

from sparkles import errors
from sparkles.choices import Reason, StorageReason
from sparkles.errors import (
    MissingDependencyError,
    PassingError,
    PhotoError,
    SparklesError,
    StorageError,
    SystemicError,
    UserError,
    first_line,
    nearest,
)

CLASSES = [
    found
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__ and not name.startswith("_")
]
# What a user can fix; the rest are failures of a photo, a file or a run.
USERS = {
    "SettingsError",
    "SourceError",
    "LabelError",
    "UnknownClassError",
    "SchemaError",
    "ModelError",
    "UnknownModelError",
    "WeightsError",
    "PrecisionError",
    "MissingDependencyError",
    "OutputExistsError",
    "AwsError",
    "ProblemsError",
    "RejectedError",
}
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def test_every_error_is_in_the_tree() -> None:
    below = {found.__name__ for found in CLASSES if issubclass(found, UserError)}
    assert below == USERS | {"UserError"}
    assert all(issubclass(found, SparklesError) for found in CLASSES)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("SettingsError", ValueError),
        ("SchemaError", TypeError),
        ("UnknownModelError", ValueError),
        ("MissingDependencyError", ImportError),
    ],
)
def test_errors_are_also_what_python_calls_them(name: str, builtin: type[Exception]) -> None:
    assert issubclass(getattr(errors, name), builtin)


def test_all_is_complete() -> None:
    others = {"DISTRIBUTION", "first_line", "naming_missing_spark", "nearest"}
    others |= {"problems_of", "raise_together"}
    assert {found.__name__ for found in CLASSES} | others == set(errors.__all__)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_photo_error_travels_from_worker_to_driver(protocol: int) -> None:
    there = PhotoError(Reason.TRUNCATED, "120 bytes: early")
    back = pickle.loads(pickle.dumps(there, protocol))
    assert type(back) is PhotoError
    assert (back.reason, back.detail, str(back)) == (
        "truncated",
        "120 bytes: early",
        "truncated: 120 bytes: early",
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_storage_error_travels_from_worker_to_driver(protocol: int) -> None:
    there = StorageError(StorageReason.MISSING, "nothing at a.csv")
    back = pickle.loads(pickle.dumps(there, protocol))
    assert type(back) is StorageError
    assert (back.reason, back.detail, str(back)) == (
        "missing",
        "nothing at a.csv",
        "nothing at a.csv",
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", [PassingError, SystemicError])
def test_trouble_travels_from_worker_to_driver(
    kind: type[PassingError | SystemicError], protocol: int
) -> None:
    back = pickle.loads(pickle.dumps(kind("SlowDown at every attempt"), protocol))
    assert type(back) is kind
    assert (back.reason, str(back)) == (StorageReason.UNREADABLE, "SlowDown at every attempt")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", sorted(USERS - {"ProblemsError"}))
def test_user_errors_travel_with_the_settings_of_their_remedy(name: str, protocol: int) -> None:
    error = getattr(errors, name)("what was expected", settings=["output", "overwrite"])
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is type(error)
    assert (str(back), back.settings) == ("what was expected", ("output", "overwrite"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_several_problems_travel_together(protocol: int) -> None:
    parts = [UserError("no labels", settings=["labels"]), UserError("no photos")]
    back = pickle.loads(pickle.dumps(errors.ProblemsError(parts), protocol))
    assert [str(part) for part in back.problems] == ["no labels", "no photos"]
    assert back.settings == ("labels",)


def test_a_user_error_names_no_settings_by_default() -> None:
    assert UserError("what was expected").settings == ()


def test_a_missing_dependency_names_its_extra() -> None:
    error = MissingDependencyError.of_extra("this needs boto3", "s3")
    assert str(error) == 'this needs boto3; install it with: pip install "sparkles-ml[s3]"'
    assert error.settings == ()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("expected 3\ngot 4"), "expected 3"),
        (ValueError("\n  expected 3  \ngot 4"), "expected 3  "),
        (ValueError("   \n"), "ValueError"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (ValueError("x" * 500), "x" * 300),
    ],
)
def test_first_line(error: BaseException, line: str) -> None:
    assert first_line(error) == line


def test_first_line_is_as_long_as_requested() -> None:
    assert first_line(ValueError("expected 3"), most=4) == "expe"


@pytest.mark.parametrize(
    ("word", "known", "tail"),
    [
        ("tre", ["Car", "Tree"], " Did you mean Tree?"),
        ("TREE", ["Car", "Tree"], " Did you mean Tree?"),
        ("Cat", ["Car", "Bat"], " Did you mean Car or Bat?"),
        ("xyz", ["Car", "Tree"], ""),
        ("", ["Car"], ""),
        ("Car", [], ""),
    ],
)
def test_nearest(word: str, known: list[str], tail: str) -> None:
    found = nearest(word, known)
    assert sorted(found.split()) == sorted(tail.split())  # equally near ones in either order


def test_nearest_names_at_most_as_many_as_requested() -> None:
    known = [f"Model{number}" for number in range(9)]
    assert nearest("Model", known).count("Model") == 3
    assert nearest("Model", known, most=1).count("Model") == 1
