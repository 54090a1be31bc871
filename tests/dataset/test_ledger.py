"""The ledger's sums, and how far the parts of the data differ in their classes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from sparkles.dataset import Ledger
from sparkles.dataset.ledger import stratification_error
from sparkles.errors import SparklesError, UserError

GOOD: dict[str, Any] = {
    "label_rows": {
        "read": 22,
        "malformed": 5,
        "other_classes": 2,
        "other_sources": 1,
        "negative": 2,
        "unsure": 1,
        "duplicates": 2,
        "dropped_as_ambiguous": 5,
        "kept": 4,
        "ambiguous": 5,
        "without_photo": 9,
        "kept_without_photo": 1,
    },
    "images": {
        "with_chosen_class": 7,
        "ambiguous": 2,
        "dropped_as_ambiguous": 2,
        "named": 5,
        "featurized": 2,
        "rejected": 3,
    },
    "photos": None,
    "rejected": {"no photo": 2, "truncated": 1},
}


def test_sums_that_hold_are_accepted() -> None:
    Ledger(**GOOD).check()


@pytest.mark.parametrize(
    ("part", "name"),
    [
        *[
            ("label_rows", name)
            for name in GOOD["label_rows"]
            if name not in ("ambiguous", "without_photo", "kept_without_photo")
        ],
        *[("images", name) for name in GOOD["images"] if name != "ambiguous"],
        *[("rejected", name) for name in GOOD["rejected"]],
    ],
)
@pytest.mark.parametrize("change", [-1, 1])
def test_each_count_is_part_of_a_sum(part: str, name: str, change: int) -> None:
    content = copy.deepcopy(GOOD)
    content[part][name] += change
    with pytest.raises(SparklesError, match="the ledger does not balance") as caught:
        Ledger(**content).check()
    assert not isinstance(caught.value, UserError)  # a defect of Sparkles, not of the input


def test_message_has_the_sum() -> None:
    content = copy.deepcopy(GOOD)
    content["images"]["featurized"] = 9
    with pytest.raises(SparklesError, match=r"images named: 5 is not 9 \+ 3"):
        Ledger(**content).check()


def test_dict_can_be_written_as_json() -> None:
    ledger = Ledger(**GOOD, splits={"train": {"Car": 1}}, stratification_error=0.5)
    written = json.loads(json.dumps(ledger.to_dict()))
    more = {"splits": {"train": {"Car": 1}}, "stratification_error": 0.5, "same_bytes": None}
    assert written == GOOD | more


@pytest.mark.parametrize(
    ("splits", "error"),
    [
        ({}, None),
        ({"train": {}}, None),
        ({"train": {"Car": 3, "Tree": 1}}, 0.0),
        ({"train": {"Car": 3, "Tree": 1}, "test": {"Car": 6, "Tree": 2}}, 0.0),
        # 8 cars of 12 in all: 2/3. Train 6/8 = 0.75, test 2/4 = 0.5: the larger gap is 1/6.
        ({"train": {"Car": 6, "Tree": 2}, "test": {"Car": 2, "Tree": 2}}, 0.1667),
        # 3 cars of 4; the test part has no tree: 1 - 3/4; train 2/3: 3/4 - 2/3.
        ({"train": {"Car": 2, "Tree": 1}, "test": {"Car": 1}}, 0.25),
    ],
)
def test_stratification_error_is_the_largest_gap_of_shares(
    splits: dict[str, dict[str, int]], error: float | None
) -> None:
    assert stratification_error(splits) == error
