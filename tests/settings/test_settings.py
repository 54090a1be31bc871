"""Settings: conversions, errors, and the command lines and files that give them back."""

from __future__ import annotations

import dataclasses
import json
import math
import shlex
import subprocess
import sys
import typing
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparkles.choices import Ambiguous, ClassWeights, Listing, PoolingChoice
from sparkles.cli.commands import COMMANDS
from sparkles.cli.parser import parse
from sparkles.errors import SettingsError
from sparkles.ranges import Range
from sparkles.settings import (
    ClassifierSettings,
    DemoSettings,
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizerSettings,
    FeaturizeSettings,
    LabelPolicy,
    PredictSettings,
    PrepareSettings,
    ReportSettings,
    Settings,
    SplitPolicy,
    TrainSettings,
    command_line,
    settings_to_json,
)
from sparkles.settings.base import options_of
from sparkles.settings.option import Option, setting

ALL: list[type[Settings]] = [
    TrainSettings,
    PredictSettings,
    EvaluateSettings,
    FeaturizeSettings,
    PrepareSettings,
    ExploreSettings,
    ExplainSettings,
    ReportSettings,
    DemoSettings,
]
REQUIRED: dict[type[Settings], set[str]] = {
    TrainSettings: {"images", "output"},
    PredictSettings: {"model", "images", "output"},
    EvaluateSettings: {"model", "images", "output"},
    FeaturizeSettings: {"images", "output"},
    PrepareSettings: {"images", "output"},
    ExploreSettings: {"output"},
    ExplainSettings: {"model", "images", "output"},
    ReportSettings: {"run"},
    DemoSettings: set(),
}
TRAIN = {"labels": "l.csv", "classes": "Car,Tree", "images": "photos", "output": "out"}


def train(**given: Any) -> TrainSettings:
    return TrainSettings.create(TRAIN | given)


def complaint(kind: type[Settings], given: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        kind.create(given)
    return str(caught.value)


@pytest.mark.parametrize("kind", ALL)
def test_required_settings(kind: type[Settings]) -> None:
    required = dict.fromkeys(REQUIRED[kind], "Car,Tree")
    kind.create(required)
    for name in required:
        without = {other: value for other, value in required.items() if other != name}
        assert complaint(kind, without).startswith(f"{name} is missing: ")
        assert complaint(kind, required | {name: ""}).startswith(f"{name} is missing: ")
    options = options_of(kind)
    assert {option.name for option in options[: len(required)]} == set(required)
    assert len(options) == len(dataclasses.fields(kind))


def test_list_without_words_is_empty() -> None:
    assert train(classes=" , ").classes == train(classes=[]).classes == ()


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ([], (None, 1)),
        (["top:50"], (50, 1)),
        (["at-least:500"], (None, 500)),
        (["Car", "Tree"], None),
        (["@classes.txt"], None),
        (["top: hats", "Tree"], "got top: hats"),
        (["top:1"], "whole number from 2 to"),
        (["top:99999999999999999999999"], "whole number from 2 to"),
        (["at-least:many"], "at-least:N"),
        (["top:5", "Car"], "stands alone; got also top:5, Car"),
    ],
)
def test_classes_are_chosen_by_number_or_by_name(
    classes: list[str], expected: tuple[int | None, int] | str | None
) -> None:
    if isinstance(expected, str):
        assert expected in complaint(TrainSettings, TRAIN | {"classes": classes})
    else:
        assert train(classes=classes).classes_by_number() == expected


def test_a_class_with_a_comma_is_given_alone() -> None:
    names = ("Salt, pepper", "top:3", "-dash")
    words = [f"--class={name}" for name in names]
    words += ["--classes=Car,Tree", "--images=p", "--output=o"]
    expected = TrainSettings(images="p", output="o", classes=("Car", "Tree"), class_=names)
    assert parse(["train", *words]).settings() == expected
    assert train(**{"class": "Salt, pepper"}).class_ == ("Salt, pepper",)  # as in a config file
    listed = TrainSettings(images="p", output="o", classes=("Salt, pepper", "@more.txt", "Tree"))
    assert command_line("train", listed) == (
        "sparkles train --images p --output o --classes @more.txt --class 'Salt, pepper' "
        "--class Tree"
    )


def test_defaults() -> None:
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
        ("seed", "3", 3),
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
def test_conversions(name: str, value: object, converted: object) -> None:
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
        ("classes", 7, "a list, for example A,B"),
        ("classes", None, "a list, for example A,B"),
        ("classes", {"Car": 1}, "a list, for example A,B"),
        ("classes", ["Car", None], "a list, for example A,B"),
        ("classes", ["Car", ["Tree"]], "a list, for example A,B"),
        ("classes", ["Car", True], "a list, for example A,B"),  # YAML's yes
        ("ambiguous", "maybe", "drop or first or keep"),
        ("ambiguous", None, "drop or first or keep"),
        ("pooling", None, "avg or max or none"),
        ("list_images", "often", "auto or always or never"),
    ],
)
def test_errors_name_what_was_expected(name: str, value: object, expected: str) -> None:
    message = complaint(TrainSettings, TRAIN | {name: value})
    assert message == f"{name}: expected {expected}, got {value!r}"


def test_unknown_names_suggest_the_nearest() -> None:
    assert complaint(TrainSettings, TRAIN | {"modle": "VGG16"}) == (
        "there is no setting 'modle'. Did you mean model?"
    )
    given = {"model": "m", "images": "p", "output": "o"}
    assert complaint(PredictSettings, given | {"zzz": 1}) == "there is no setting 'zzz'."
    assert "there is no setting 'create'" in complaint(PredictSettings, given | {"create": 1})


@pytest.mark.parametrize(
    "master", ["nonsense", "local[0]", "local[-1]", "local[]", "spark://host", "http://x", " yarn"]
)
def test_a_master_that_spark_has_no_word_for_is_refused(master: str) -> None:
    message = complaint(ReportSettings, {"run": "runs/x", "master": master})
    assert message.startswith("master: expected local[*], local[2], spark://host:7077, yarn or")


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        train().seed = 1  # type: ignore[misc]


@pytest.mark.parametrize("kind", ALL)
def test_every_option_has_a_help(kind: type[Settings]) -> None:
    for option in options_of(kind):
        assert option.help
        assert not option.help.endswith(".")


# Numbers that also depend on each other, and texts of a certain form.
RANGES = {
    "test_fraction": st.floats(0.01, 0.5),
    "validation_fraction": st.floats(0, 0.4),
    "master": st.sampled_from(
        [None, "local", "local[2]", "local[*, 4]", "yarn", "spark://a:7077,b:7077", "k8s://a"]
    ),
}


def values_of(option: Option) -> st.SearchStrategy[Any]:
    """Draw values of an option's type, whatever they mean."""
    kind = option.kind
    if option.name in RANGES:
        return RANGES[option.name]
    if kind is bool:
        return st.booleans()
    if option.within is not None:
        return numbers_in(kind, option.within)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    if typing.get_origin(kind) is tuple:
        words = st.text(min_size=1).map(str.strip).filter(bool)
        return st.lists(words, min_size=1).map(tuple)
    texts = st.text(min_size=1)
    return texts if kind is str else st.none() | texts


def numbers_in(kind: Any, accepted: Range) -> st.SearchStrategy[Any]:
    """Draw numbers of a range, its ends included."""
    if kind is not float:
        assert accepted.least == int(accepted.least)
        return st.integers(int(accepted.least), int(accepted.most))
    return st.floats(
        accepted.least,
        None if math.isinf(accepted.most) else accepted.most,
        exclude_min=accepted.above,
        allow_nan=False,
        allow_infinity=False,
    )


def numbers_outside(accepted: Range) -> st.SearchStrategy[Any]:
    """Draw numbers that a range does not hold, as Python and as command lines spell them."""
    edges = [accepted.least - 1, accepted.most + 1, *([accepted.least] if accepted.above else [])]
    never = st.sampled_from([math.nan, math.inf, -math.inf, *edges])
    drawn = st.floats() | st.integers()
    outside = (never | drawn).filter(
        lambda one: (
            math.isnan(one)
            or math.isinf(one)
            or one < accepted.least
            or one > accepted.most
            or (accepted.above and one == accepted.least)
        )
    )
    return outside | outside.map(str)


NUMBERS = [
    (command.settings, option)
    for command in COMMANDS
    for option in options_of(command.settings)
    if {int, float} & {option.kind, *typing.get_args(option.kind)}
]


@pytest.mark.parametrize(
    ("kind", "option"), NUMBERS, ids=[f"{kind.__name__}.{one.name}" for kind, one in NUMBERS]
)
@settings(max_examples=25)
@given(data=st.data())
def test_no_number_out_of_its_range_is_accepted(
    kind: type[Settings], option: Option, data: st.DataObject
) -> None:
    assert option.within is not None, "declare the range of each number"
    value = data.draw(numbers_outside(option.within))
    required = {one.name: "5" for one in options_of(kind) if one.required}
    with pytest.raises(SettingsError, match=f"^{option.name}: expected ") as caught:
        kind.create({**required, option.name: value})
    assert option.name in caught.value.settings


def draw_settings(kind: type[Settings], data: st.DataObject) -> Settings:
    drawn = {
        option.name: data.draw(values_of(option), label=option.name) for option in options_of(kind)
    }
    return kind(**drawn)


@given(st.data())
@settings(deadline=None)
@pytest.mark.parametrize("kind", ALL)
def test_command_line_gives_the_settings_back(kind: type[Settings], data: st.DataObject) -> None:
    drawn = draw_settings(kind, data)
    values = [getattr(drawn, option.name) for option in options_of(kind)]
    words = [word for value in values if isinstance(value, tuple) for word in value]
    assume(not any("," in word or "\0" in word for word in words))
    required = [option.name for option in options_of(kind) if option.required]
    assume(all(getattr(drawn, name) for name in required))
    assume(all(value != "" for value in values))
    command = next(one.name for one in COMMANDS if one.settings is kind)
    program, *arguments = shlex.split(command_line(command, drawn))
    assert program == "sparkles"
    assert parse(arguments).settings() == drawn


@given(st.data())
@settings(deadline=None)
@pytest.mark.parametrize("kind", ALL)
def test_json_gives_the_settings_back(kind: type[Settings], data: st.DataObject) -> None:
    drawn = draw_settings(kind, data)
    written = json.loads(json.dumps(settings_to_json(drawn)))
    assert kind.create(written) == drawn


class Switched(Settings):
    """Settings with a switch that is on unless it is switched off."""

    check: bool = setting("check the input", default=True)


def test_command_line_switches_off_what_is_on_by_default() -> None:
    assert command_line("switched", Switched(check=False)) == "sparkles switched --no-check"
    assert command_line("switched", Switched()) == "sparkles switched"


def test_required_settings_cannot_be_left_out() -> None:
    with pytest.raises(TypeError, match="missing 2 required keyword-only arguments"):
        TrainSettings()  # type: ignore[call-arg]


@pytest.mark.slow
def test_mypy_refuses_missing_and_mistyped_settings(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from sparkles.settings import PredictSettings\n"
        "PredictSettings(model='m', images='p', output='o', quiet=True)\n"
        "PredictSettings()\n"
        "PredictSettings(model='m', images='p', output=1)\n"
        "PredictSettings(model='m', images='p', output='o').quiet = True\n"
    )
    mypy = [sys.executable, "-m", "mypy", "--no-incremental", "--follow-imports=silent"]
    done = subprocess.run([*mypy, str(program)], capture_output=True, text=True, check=False)
    found = [line.split(":", 1)[1] for line in done.stdout.splitlines()[:-1]]
    lines = [line.partition(":")[0] for line in found]
    assert lines == ["3", "3", "3", "4", "5"], done.stdout  # three arguments are missing
    assert 'Missing named argument "output"' in found[0]
    assert 'Argument "output" to "PredictSettings" has incompatible type "int"' in found[3]
    assert '"quiet" defined in "PredictSettings" is read-only' in found[4]


def test_training_settings_are_checked_when_they_are_made() -> None:
    assert complaint(TrainSettings, TRAIN | {"test_fraction": 0}).startswith("test_fraction: ")
    assert "add up to less than 1" in complaint(TrainSettings, TRAIN | {"test_fraction": 1})
    assert complaint(TrainSettings, TRAIN | {"max_iter": 0}) == (
        "max_iter: expected a whole number from 1 to 1,000,000, got 0"
    )
    assert complaint(TrainSettings, TRAIN | {"reg_param": "nan"}) == (
        "reg_param: expected a number of at least 0, got nan"
    )


def test_unknown_choices_suggest_the_nearest() -> None:
    assert complaint(TrainSettings, TRAIN | {"ambiguous": "DROP"}) == (
        "ambiguous: expected drop or first or keep, got 'DROP'. Did you mean drop?"
    )


def test_options_are_stated_once_and_composed() -> None:
    train_options = {option.name: option for option in options_of(TrainSettings)}
    for policy in (ClassifierSettings, SplitPolicy, LabelPolicy, FeaturizerSettings):
        for option in options_of(policy):
            assert train_options[option.name].default == option.default
            if option.name != "seed":
                assert train_options[option.name] == option
    assert isinstance(train(), SplitPolicy)
    assert train_options["max_iter"].section == "classifier"


def test_importing_settings_loads_no_spark() -> None:
    script = "import sparkles.settings, sys; print('pyspark' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
