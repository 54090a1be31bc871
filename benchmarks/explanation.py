"""Explanations: how far the prediction falls when the areas that a map marks are covered.

python -m benchmarks.explanation --run runs/cat-dog [--photos 100] [--figure deletion.png]

The deletion test (V. Petsiuk, A. Das, K. Saenko, "RISE", BMVC 2018): parts of test photos are
blurred, the hottest parts of the map first, the coldest first, or in random order, and the whole
model predicts again each time. If the maps mark what matters, blurring the hottest parts lowers the
probability most.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from benchmarks.measure import hardware
from sparkles.explanation.activation_map import ClassActivationMaps
from sparkles.explanation.photo_maps import maps_of
from sparkles.models.engines import Engine, load_engine
from sparkles.spark.session import build_session
from sparkles.worker.load import PhotoKind, load_photo
from sparkles.workflow.saved_model import load_model

_COVERED = (0.0, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0)  # shares of the photo
_ORDERS = {"hottest first": "#c81428", "by chance": "#777777", "coldest first": "#195abe"}
_BLUR = 1 / 8  # of the side
_NOTED = 0.25

_Pixels = npt.NDArray[np.uint8]


def main() -> None:
    """Cover parts of a run's test photos; write and draw the remaining probabilities."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, help="output folder of sparkles train")
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--master", default="local[1]")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmarks/explanation.json"))
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    spark = build_session(master=given.master)
    model = load_model(spark, f"{given.run}/model")
    found = model.featurizer.networkBeforePooling()
    maps = maps_of(found, model.classifier)
    network = model.featurizer.network()
    engines = [load_engine(each.engine, each.files[0]) for each in (network, found.network)]
    table = spark.read.parquet(f"{given.run}/predictions").where("split = 'test'")
    rows = table.orderBy("image_id").limit(given.photos).collect()
    curves = []
    for number, row in enumerate(rows):
        photo = load_photo(row.uri, PhotoKind.URI, network.height, network.width, fail_fast=True)
        assert isinstance(photo, np.ndarray)
        curves.append(_curves(photo, maps, engines, np.random.default_rng(number)))
    facts = _summarize(np.array(curves)) | {"run": given.run, "model": network.fingerprint}
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps({"hardware": hardware()} | facts, indent=1))
    print(json.dumps(facts, indent=1))  # noqa: T201
    if given.figure:
        _draw(facts, given.figure)


def _curves(
    photo: _Pixels, maps: ClassActivationMaps, engines: list[Engine], rng: np.random.Generator
) -> list[list[float]]:
    """Return the probability of the predicted class for each order and covered share."""
    whole, mapping = engines
    features = mapping.features(photo[None])[0]
    predicted = maps.judge(features).prediction
    heat = maps.map_of(features, predicted)
    blurred = np.asarray(
        Image.fromarray(photo).filter(ImageFilter.GaussianBlur(_BLUR * max(photo.shape)))
    )
    fine = _to_pixels(heat, photo.shape[:2])
    chance = _to_pixels(rng.normal(size=heat.shape), photo.shape[:2])
    probabilities = []
    for order in (fine, chance, -fine):
        ranks = np.argsort(np.argsort(-order, axis=None, kind="stable"), kind="stable")
        places = ranks.reshape((*photo.shape[:2], 1)) / ranks.size
        covered = [np.where(places < part, blurred, photo) for part in _COVERED]
        pooled = whole.features(np.stack(covered))
        judged = [maps.classifier.judge(each) for each in pooled]
        probabilities.append([float(each.probabilities[predicted]) for each in judged])
    return probabilities


def _to_pixels(heat: npt.NDArray[Any], size: tuple[int, ...]) -> npt.NDArray[np.float32]:
    height, width = size
    image = Image.fromarray(heat.astype(np.float32), mode="F")
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def _summarize(curves: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Average curves of shape ``(photos, orders, shares)``; describe the drop at a quarter."""
    quarter = _COVERED.index(_NOTED)
    drops = curves[:, :, 0] - curves[:, :, quarter]
    return {
        "photos": len(curves),
        "covered": list(_COVERED),
        "mean probability": {
            name: curves[:, place].mean(axis=0).round(4).tolist()
            for place, name in enumerate(_ORDERS)
        },
        "a quarter covered": {
            name: {
                "mean drop": round(float(drops[:, place].mean()), 4),
                "below one half": round(float((curves[:, place, quarter] < 0.5).mean()), 4),
            }
            for place, name in enumerate(_ORDERS)
        },
        "hottest costs more than coldest": round(float((drops[:, 0] > drops[:, 2]).mean()), 4),
        "hottest costs more than chance": round(float((drops[:, 0] > drops[:, 1]).mean()), 4),
    }


def _draw(facts: dict[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for name, colour in _ORDERS.items():
        axes.plot(facts["covered"], facts["mean probability"][name], "o-", color=colour, label=name)
    axes.set_xlabel("blurred share of the photo")
    axes.set_ylabel("mean probability\nof the predicted class")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
