import inspect
import pickle

import pytest

from sparkles import errors
from sparkles.choices import Reason
from sparkles.errors import PhotoError, SparklesError, UserError, nearest

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
]
# What a user can mend; the rest are failures of a photo or a run.
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
}


def test_tree():
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
def test_errors_are_also_what_python_calls_them(name, builtin):
    assert issubclass(getattr(errors, name), builtin)


def test_all_is_complete():
    assert {found.__name__ for found in CLASSES} | {"nearest"} == set(errors.__all__)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_photo_error_goes_from_worker_to_driver(protocol):
    there = PhotoError(Reason.TRUNCATED, "120 bytes: early")
    back = pickle.loads(pickle.dumps(there, protocol))
    assert type(back) is PhotoError
    assert (back.reason, back.detail, str(back)) == (
        "truncated",
        "120 bytes: early",
        "truncated: 120 bytes: early",
    )


@pytest.mark.parametrize("name", sorted(USERS))
def test_user_errors_go_from_worker_to_driver(name):
    error = getattr(errors, name)("what was expected")
    assert str(pickle.loads(pickle.dumps(error))) == "what was expected"


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
def test_nearest(word, known, tail):
    found = nearest(word, known)
    assert sorted(found.split()) == sorted(tail.split())  # equally near ones in either order


def test_nearest_names_at_most_so_many():
    known = [f"Model{number}" for number in range(9)]
    assert nearest("Model", known).count("Model") == 3
    assert nearest("Model", known, most=1).count("Model") == 1
