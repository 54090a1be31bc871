"""What a run left in the bucket, in a form that two runs can be compared by."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cluster.drawn_bucket import Bucket

__all__ = ["Outcome", "check_same", "read_outcome"]

PROBABILITY = 1e-9
_PICTURE, _FEWEST_PICTURES = "data:image/jpeg;base64,", 40


@dataclass(frozen=True)
class Outcome:
    """A finished run.

    Attributes
    ----------
    predictions
        By image and label: its part of the data, the class predicted, every class's probability.
    metrics, ledger, run
        As in the files.
    page
        The report.
    """

    predictions: dict[tuple[str, str], tuple[str, str, dict[str, float]]]
    metrics: dict[str, Any]
    ledger: dict[str, Any]
    run: dict[str, Any]
    page: str

    def farthest(self, other: Outcome) -> float:
        """The largest difference of a probability; the rest must be the same."""
        assert self.predictions.keys() == other.predictions.keys()
        farthest = 0.0
        for key, (split, predicted, probabilities) in self.predictions.items():
            assert (split, predicted) == other.predictions[key][:2]
            there = other.predictions[key][2]
            assert probabilities.keys() == there.keys()
            farthest = max(farthest, *(abs(there[name] - p) for name, p in probabilities.items()))
        return farthest


def read_outcome(bucket: Bucket, folder: str) -> Outcome:
    files = bucket.files(f"{folder}/")
    predictions = {}
    for name, content in files.items():
        if name.startswith("predictions/") and name.endswith(".parquet"):
            for row in pq.read_table(io.BytesIO(content)).to_pylist():
                predicted = (row["split"], row["predicted_label"], dict(row["probabilities"]))
                assert (row["image_id"], row["label"]) not in predictions
                predictions[row["image_id"], row["label"]] = predicted
    parts = (json.loads(files[f"{name}.json"]) for name in ("metrics", "ledger", "run"))
    return Outcome(predictions, *parts, files["report.html"].decode())


def check_same(one: Outcome, other: Outcome) -> None:
    """Fail unless two runs came to the same, as close as sums in another order can be."""
    assert len(one.predictions) > 300
    assert one.farthest(other) < PROBABILITY
    assert one.ledger == other.ledger
    # Photos and heat maps, which the workers made.
    assert one.page.count(_PICTURE) == other.page.count(_PICTURE) > _FEWEST_PICTURES
    assert list(_leaves(one.metrics)) == [
        (name, pytest.approx(value, rel=PROBABILITY) if isinstance(value, float) else value)
        for name, value in _leaves(other.metrics)
    ]


def _leaves(content: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """All values of nested dicts and lists, with their places."""
    if isinstance(content, dict | list):
        parts = content.items() if isinstance(content, dict) else enumerate(content)
        for key, part in parts:
            yield from _leaves(part, f"{name}/{key}")
    else:
        yield name, content
