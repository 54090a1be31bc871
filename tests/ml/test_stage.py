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
from sparkles.ml.stage import choice, optional, text, within
from sparkles.ranges import ANY_SEED, BATCH_SIZE


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
        (within(ANY_SEED), -3, -3),
        (within(BATCH_SIZE), 2.0, 2),
        (within(BATCH_SIZE), np.int64(7), 7),
        (within(ANY_SEED), 2**63 + 1, 2**63 + 1),
        (within(BATCH_SIZE), 1, 1),
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
        (within(BATCH_SIZE), 1.5, "expected a whole number from 1 to 4,096, got 1.5"),
        (within(BATCH_SIZE), float("nan"), "a whole number from 1 to 4,096, got nan"),
        (within(BATCH_SIZE), float("inf"), "a whole number from 1 to 4,096, got inf"),
        (within(BATCH_SIZE), True, "a whole number from 1 to 4,096, got True"),
        (within(BATCH_SIZE), "3", "a whole number from 1 to 4,096, got '3'"),
        (within(BATCH_SIZE), 0, "a whole number from 1 to 4,096, got 0"),
        (within(BATCH_SIZE), 4097, "a whole number from 1 to 4,096, got 4097"),
        (within(ANY_SEED), 2**65, "a whole number from -18,446"),
    ],
)
def test_other_values_are_refused(
    converter: Callable[[Any], Any], value: object, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        converter(value)


def test_errors_name_the_param() -> None:
    with pytest.raises(
        SettingsError, match=r"^batchSize: expected a whole number from 1 .* got 0$"
    ):
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
