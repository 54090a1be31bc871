"""The converters of Params, and what a stage takes from its constructor."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
import pytest

from sparkles.choices import HandleInvalid
from sparkles.errors import SettingsError
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.stage import choice, optional, positive_int, text, whole_number


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@pytest.mark.parametrize(
    ("converter", "value", "converted"),
    [
        (text, "uri", "uri"),
        (text, np.str_("uri"), "uri"),
        (text, HandleInvalid.KEEP, "keep"),
        (choice(Size), "small", "small"),
        (choice(Size), Size.LARGE, "large"),
        (optional(choice(Size)), None, None),
        (whole_number, -3, -3),
        (whole_number, 2.0, 2),
        (whole_number, np.int64(7), 7),
        (whole_number, 2**63 + 1, 2**63 + 1),
        (positive_int, 1, 1),
    ],
)
def test_accepted_values_become_plain_ones(
    converter: Callable[[Any], Any], value: object, converted: object
) -> None:
    result = converter(value)
    assert (result, type(result)) == (converted, type(converted))


@pytest.mark.parametrize(
    ("converter", "value", "message"),
    [
        (text, None, "expected a non-empty string, got None"),
        (text, "", "expected a non-empty string, got ''"),
        (text, 3, "expected a non-empty string, got 3"),
        (choice(Size), "huge", "expected one of 'small', 'large', got 'huge'"),
        (choice(Size), ["small"], r"expected one of 'small', 'large', got \['small'\]"),
        (choice(Size), None, "expected one of 'small', 'large', got None"),
        (optional(choice(Size)), "none", r"'large', got 'none' \(None is accepted\)"),
        (whole_number, 1.5, "expected a whole number, got 1.5"),
        (whole_number, float("nan"), "expected a whole number, got nan"),
        (whole_number, float("inf"), "expected a whole number, got inf"),
        (whole_number, True, "expected a whole number, got True"),
        (whole_number, "3", "expected a whole number, got '3'"),
        (positive_int, 0, "expected a whole number above 0, got 0"),
        (positive_int, -1, "expected a whole number above 0, got -1"),
    ],
)
def test_other_values_are_refused(
    converter: Callable[[Any], Any], value: object, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        converter(value)


def test_errors_name_the_param() -> None:
    with pytest.raises(SettingsError, match=r"^batchSize: expected a whole number above 0, got 0$"):
        DeepImageFeaturizer(batchSize=0)


def test_a_param_of_another_stage_is_refused() -> None:
    stage, other = DeepImageFeaturizer(), DeepImageFeaturizer()
    with pytest.raises(ValueError, match="does not belong"):
        stage.set(other.seed, 1)


def test_an_unset_required_param_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="inputCol is not set"):
        DeepImageFeaturizer().getInputCol()
    with pytest.raises(SettingsError, match="modelName is not set"):
        DeepImageFeaturizer().getModelName()
