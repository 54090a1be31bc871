"""The arguments and the output of every contender."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

__all__ = ["SIDE", "answer", "keras_inception", "parse"]

SIDE = 299


def parse() -> argparse.Namespace:
    """Parse the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="folder of photos, or a manifest")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--task-cpus", type=int, default=1)
    parser.add_argument("--pooling", default="avg")
    parser.add_argument("--model", default="InceptionV3")
    return parser.parse_args()


def answer(finished: Iterable[float]) -> None:
    """Print the times at which the photos were finished."""
    print(json.dumps(list(finished)), flush=True)  # noqa: T201


def keras_inception() -> object:
    """Return Keras' InceptionV3 with random weights, whose values do not affect the speed."""
    import keras

    return keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg")
