"""Our check of a request's shape agrees with boto3's own validation of parameters."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkles.emr.config.configure import configure
from sparkles.emr.config.shape import check_shape, input_shape, instance_types
from sparkles.emr.cost.catalog import find_instance, find_release
from sparkles.emr.cost.sizing import size

VALID = configure(
    "m7i", find_release("emr-7.14.0"), size(find_instance("m7i.4xlarge"), 3),
    find_instance("r5.xlarge"),
)  # fmt: skip


def paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list) else []
    return found + [path for key, item in items for path in paths(item, (*way, key))]


JUNK: list[Any] = [None, 1, 1.5, "text", True, [], {}, {"Name": 1}, -1]


@settings(deadline=None)
@given(st.sampled_from(paths(VALID)), st.sampled_from(JUNK), st.booleans())
def test_what_boto3_rejects_is_an_error(way: tuple[Any, ...], junk: Any, remove: bool) -> None:
    validate = pytest.importorskip("botocore.validate")
    shape = input_shape("emr", "RunJobFlow")
    spoiled = copy.deepcopy(VALID)
    place: Any = spoiled
    for word in way[:-1]:
        place = place[word]
    if remove:
        del place[way[-1]]
    else:
        place[way[-1]] = junk
    theirs = validate.ParamValidator().validate(spoiled, shape)
    ours = list(check_shape(spoiled, shape))
    if theirs.has_errors():
        assert ours
    for finding in ours:  # only we check enums, lengths, bounds, and booleans in place of numbers
        stricter = ("expected one of", "at most", "at least", "got True", "got False")
        assert theirs.has_errors() or any(words in finding.what for words in stricter), finding


def test_a_valid_request_has_no_findings() -> None:
    assert list(check_shape(VALID, input_shape("emr", "RunJobFlow"))) == []


def test_long_values_are_shortened() -> None:
    (finding,) = check_shape("x" * 500, input_shape("emr", "RunJobFlow"))
    assert len(finding.what) < 150


def test_instance_types_are_ec2s() -> None:
    assert {"m4.xlarge", "r5.24xlarge", "m7i.4xlarge", "g5.xlarge"} <= instance_types()
    assert "banana" not in instance_types()
