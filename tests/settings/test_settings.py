import dataclasses
import json
import shlex
import typing
from enum import StrEnum

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparkles import cli
from sparkles.choices import Ambiguous, ClassWeights
from sparkles.errors import SettingsError
from sparkles.settings import (
    DemoSettings,
    EvaluateSettings,
    ExploreSettings,
    FeaturizeSettings,
    Listing,
    PoolingChoice,
    PredictSettings,
    PrepareSettings,
    ReportSettings,
    TrainSettings,
    command_line,
    flag,
    options_of,
    settings_to_json,
)

ALL = [
    TrainSettings,
    PredictSettings,
    EvaluateSettings,
    FeaturizeSettings,
    PrepareSettings,
    ExploreSettings,
    ReportSettings,
    DemoSettings,
]
REQUIRED = {
    TrainSettings: {"labels", "classes", "images", "output"},
    PredictSettings: {"model", "images", "output"},
    EvaluateSettings: {"model", "labels", "images", "output"},
    FeaturizeSettings: {"images", "output"},
    PrepareSettings: {"labels", "classes", "images", "output"},
    ExploreSettings: {"labels", "output"},
    ReportSettings: {"run"},
    DemoSettings: set(),
}
TRAIN = {"labels": "l.csv", "classes": "Car,Tree", "images": "photos", "output": "out"}


def train(**given):
    return TrainSettings.create(TRAIN | given)


def complaint(kind, given):
    with pytest.raises(SettingsError) as caught:
        kind.create(given)
    return str(caught.value)


@pytest.mark.parametrize("kind", ALL)
def test_required_settings(kind):
    required = dict.fromkeys(REQUIRED[kind], "Car,Tree")
    kind.create(required)
    for name in required:
        without = {other: value for other, value in required.items() if other != name}
        assert complaint(kind, without).startswith(f"{flag(name)} is missing: ")
        assert complaint(kind, required | {name: ""}).startswith(f"{flag(name)} is missing: ")
    options = options_of(kind)
    assert {option.name for option, _ in options[: len(required)]} == set(required)
    assert len(options) == len(dataclasses.fields(kind))


def test_list_without_words_is_missing():
    assert complaint(TrainSettings, TRAIN | {"classes": " , "}).startswith("--classes is missing")
    assert complaint(TrainSettings, TRAIN | {"classes": []}).startswith("--classes is missing")


def test_defaults():
    found = settings_to_json(train())
    assert (
        found.items()
        >= {
            "model": "InceptionV3",
            "weights": None,
            "pooling": "avg",
            "max_iter": 20,
            "reg_param": 0.05,
            "elastic_net_param": 0.3,
            "test_fraction": 0.3,
            "validation_fraction": 0.0,
            "seed": 0,
            "min_confidence": 1.0,
            "sources": [],
            "ambiguous": "drop",
            "list_images": "auto",
            "overwrite": False,
            "quiet": False,
            "master": None,
        }.items()
    )


@pytest.mark.parametrize(
    ("name", "value", "converted"),
    [
        ("max_iter", "7", 7),
        ("max_iter", 7, 7),
        ("max_iter", 7.0, 7),
        ("seed", "-3", -3),
        ("reg_param", "0.5", 0.5),
        ("reg_param", 1, 1.0),
        ("reg_param", "1e-3", 0.001),
        ("overwrite", True, True),
        ("overwrite", False, False),
        ("model", "VGG16", "VGG16"),
        ("model", 16, "16"),  # YAML takes it for a number
        ("weights", None, None),
        ("weights", "random", "random"),
        ("classes", "Car,Tree", ("Car", "Tree")),
        ("classes", " Car , Tree wild,", ("Car", "Tree wild")),
        ("classes", ["Car", " Tree "], ("Car", "Tree")),
        ("classes", ("Cat, wild", "Tree"), ("Cat, wild", "Tree")),
        ("sources", "", ()),
        ("sources", [], ()),
        ("sources", ["verification"], ("verification",)),
        ("ambiguous", "first", Ambiguous.FIRST),
        ("pooling", "none", PoolingChoice.NONE),
        ("list_images", "never", Listing.NEVER),
        ("class_weights", "balanced", ClassWeights.BALANCED),
    ],
)
def test_conversions(name, value, converted):
    found = getattr(train(**{name: value}), name)
    assert found == converted
    assert type(found) is type(converted)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("max_iter", "seven", "a whole number"),
        ("max_iter", "7.5", "a whole number"),
        ("max_iter", 7.5, "a whole number"),
        ("max_iter", float("inf"), "a whole number"),
        ("max_iter", True, "a whole number"),
        ("max_iter", None, "a whole number"),
        ("max_iter", [7], "a whole number"),
        ("reg_param", "much", "a number"),
        ("reg_param", False, "a number"),
        ("reg_param", {}, "a number"),
        ("overwrite", "yes", "true or false"),
        ("overwrite", 1, "true or false"),
        ("overwrite", None, "true or false"),
        ("model", True, "text"),
        ("model", None, "text"),
        ("model", ["VGG16"], "text"),
        ("output", None, "text"),
        ("weights", {"a": 1}, "text"),
        ("classes", 7, "a list, as A,B"),
        ("classes", None, "a list, as A,B"),
        ("classes", {"Car": 1}, "a list, as A,B"),
        ("classes", ["Car", None], "a list, as A,B"),
        ("classes", ["Car", ["Tree"]], "a list, as A,B"),
        ("classes", ["Car", True], "a list, as A,B"),  # YAML's yes
        ("ambiguous", "maybe", "drop or first or keep"),
        ("ambiguous", "DROP", "drop or first or keep"),
        ("ambiguous", None, "drop or first or keep"),
        ("pooling", None, "avg or max or none"),
        ("list_images", "often", "auto or always or never"),
    ],
)
def test_errors_name_what_was_expected(name, value, expected):
    message = complaint(TrainSettings, TRAIN | {name: value})
    assert message == f"{flag(name)}: expected {expected}, got {value!r}"


def test_unknown_name():
    assert complaint(TrainSettings, TRAIN | {"modle": "VGG16"}) == (
        "there is no setting 'modle'. Did you mean model?"
    )
    assert complaint(PredictSettings, {"zzz": 1}) == "there is no setting 'zzz'."
    assert "there is no setting 'create'" in complaint(PredictSettings, {"create": 1})


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        train().seed = 1


@pytest.mark.parametrize("kind", ALL)
def test_every_option_has_a_help(kind):
    for option, _ in options_of(kind):
        assert option.metadata["help"]
        assert not option.metadata["help"].endswith(".")


def values_of(kind):
    """Values of a setting's type, whatever they mean."""
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers()
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    if typing.get_origin(kind) is tuple:
        words = st.text(min_size=1).map(str.strip).filter(bool)
        return st.lists(words, min_size=1).map(tuple)
    texts = st.text(min_size=1)
    return texts if kind is str else st.none() | texts


@given(st.data())
@settings(deadline=None)
@pytest.mark.parametrize("kind", ALL)
def test_the_command_line_gives_the_settings_back(kind, data):
    settings = kind(
        **{
            option.name: data.draw(values_of(hint), label=option.name)
            for option, hint in options_of(kind)
        }
    )
    words = [word for option, _ in options_of(kind) for word in words_in(settings, option.name)]
    assume(not any("," in word or "\0" in word for word in words))
    required = [option.name for option, _ in options_of(kind) if option.metadata["required"]]
    assume(all(getattr(settings, name) for name in required))
    assume(all(getattr(settings, name) != "" for name in vars(settings)))
    command = next(name for name, one in cli._COMMANDS.items() if one is kind)
    program, *arguments = shlex.split(command_line(command, settings))
    assert program == "sparkles"
    assert cli._settings(cli._parser().parse_args(arguments)) == settings


def words_in(settings, name):
    value = getattr(settings, name)
    return value if isinstance(value, tuple) else ()


@given(st.data())
@settings(deadline=None)
@pytest.mark.parametrize("kind", ALL)
def test_json_gives_the_settings_back(kind, data):
    values = {
        option.name: data.draw(values_of(hint), label=option.name)
        for option, hint in options_of(kind)
    }
    settings = kind(**values)
    written = json.loads(json.dumps(settings_to_json(settings)))
    assert kind.create(written) == settings
