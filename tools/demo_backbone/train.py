"""Train the demo backbone, a small network, on drawn scenes that show no car and no tree.

The package contains its weights, so that tests, the tutorial and a first run have a trained
network without a download. As in any transfer learning, the network has not seen the classes
for which it is used: cars and trees are neither among its classes nor in its backgrounds.

Run ``python -m tools.demo_backbone.train --output DIR`` to train it again.

Notes
-----
The photos are identical for the same seed and Pillow version. The initial weights, the order of
the photos and their augmentation depend only on the seed. The same machine with the same
TensorFlow trains the same weights, bit for bit. Another processor, another TensorFlow build or
another number of threads adds floating-point numbers in another order: the weights differ, and
the held-out accuracy stays within a few percent.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL

from sparkles.demo.scenes.objects import OTHER_CLASSES
from sparkles.errors import SettingsError
from sparkles.models.sparkles_demo import build_backbone
from tools.demo_backbone.training_photos import (
    TrainingPhotos,
    draw_training_photos,
    shuffled_batches,
)

if TYPE_CHECKING:
    import keras

__all__ = ["REPORT_NAME", "WEIGHTS_NAME", "BackboneReport", "main", "train_backbone"]

WEIGHTS_NAME = "sparkles_demo.weights.h5"
REPORT_NAME = "sparkles_demo.json"

_BATCH = 32
_PEAK_RATE = 2e-3
_WEIGHT_DECAY = 1e-4
_HELD_OUT_PART = 0.1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BackboneReport:
    """The result of a training run, also written as a JSON file next to the weights.

    Attributes
    ----------
    classes
        The classes, in the order of the head's outputs.
    train_images, held_out_images
        The number of photos for training, and for measuring the accuracy.
    epochs, seed
        The settings of the run.
    held_out_accuracy
        The share of held-out photos that are classified correctly, 0 to 1.
    parameters
        The number of weights in the backbone, without the head.
    weights_sha256
        The SHA-256 of the weights file.
    versions
        The versions of the Python packages that affect the result.
    """

    classes: tuple[str, ...]
    train_images: int
    held_out_images: int
    epochs: int
    seed: int
    held_out_accuracy: float
    parameters: int
    weights_sha256: str
    versions: dict[str, str]


def train_backbone(
    output: Path, *, seed: int = 0, images_per_class: int = 500, epochs: int = 20
) -> BackboneReport:
    """Train the backbone on drawn scenes and write its weights and a report.

    Parameters
    ----------
    output
        The folder for ``sparkles_demo.weights.h5`` and ``sparkles_demo.json``. It is created if
        it is missing, and existing files of these names are replaced.
    seed
        Decides the photos, the initial weights and the order.
    images_per_class
        The number of photos of each class. A tenth of them, at least one, is held out.
    epochs
        The number of epochs.

    Returns
    -------
    BackboneReport
        The held-out accuracy, and the settings and versions behind it.

    Raises
    ------
    SettingsError
        If there are fewer than 5 images per class, which do not fill one batch, or no epochs.
    """
    if images_per_class < 5 or epochs < 1:
        raise SettingsError(
            "expected at least 5 images per class and 1 epoch, "
            f"got {images_per_class} and {epochs}."
        )
    held_out = max(1, round(images_per_class * _HELD_OUT_PART))
    train = draw_training_photos(seed, 0, images_per_class - held_out)
    test = draw_training_photos(seed, images_per_class - held_out, images_per_class)
    _log.info("%d photos for training, %d held out", len(train.classes), len(test.classes))
    backbone = build_backbone(seed)
    model = _fit(backbone, train, test, seed, epochs)
    accuracy = _accuracy(model, test)
    return _save(Path(output), backbone, BackboneReport(
        OTHER_CLASSES, len(train.classes), len(test.classes), epochs, seed, accuracy,
        int(backbone.count_params()), "", _versions(),
    ))  # fmt: skip


def _fit(
    backbone: keras.Model, train: TrainingPhotos, test: TrainingPhotos, seed: int, epochs: int
) -> keras.Model:
    """Train the backbone below a softmax head."""
    import keras
    from keras import layers

    pooled = layers.GlobalAveragePooling2D(name="pool")(backbone.output)
    pooled = layers.Dropout(0.2, seed=seed, name="dropout")(pooled)
    start = keras.initializers.GlorotUniform(seed=seed)
    scores = layers.Dense(
        len(OTHER_CLASSES), activation="softmax", kernel_initializer=start, name="scores"
    )(pooled)
    model = keras.Model(backbone.input, scores, name="SparklesDemoTraining")
    steps = len(train.classes) // _BATCH
    rate = keras.optimizers.schedules.CosineDecay(
        _PEAK_RATE / 10, epochs * steps, warmup_target=_PEAK_RATE, warmup_steps=steps
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=_WEIGHT_DECAY),
        # No label smoothing: it makes features transfer worse (Kornblith et al. 2021).
        "categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # XLA is slower here and adds numbers in another order
    )
    batches = shuffled_batches(train, _BATCH, np.random.default_rng([seed, 1]))

    def log_epoch(epoch: int, logs: dict[str, float]) -> None:
        _log.info("epoch %d: loss %.3f, accuracy %.3f, held out %.3f",
                  epoch + 1, logs["loss"], logs["accuracy"], _accuracy(model, test))  # fmt: skip

    model.fit(
        batches, steps_per_epoch=steps, epochs=epochs, verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=log_epoch)],
    )  # fmt: skip
    return model


def _accuracy(model: keras.Model, photos: TrainingPhotos) -> float:
    """Measure the share of photos that are classified correctly."""
    right = 0
    for start in range(0, len(photos.classes), _BATCH):
        rows = slice(start, start + _BATCH)
        scaled = photos.pixels[rows].astype(np.float32) / np.float32(127.5) - np.float32(1)
        guesses = np.asarray(model(scaled, training=False)).argmax(axis=1)
        right += int((guesses == photos.classes[rows]).sum())
    return right / len(photos.classes)


def _save(output: Path, backbone: keras.Model, report: BackboneReport) -> BackboneReport:
    """Write each file atomically, the report last."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".training-") as folder:
        weights, summary = Path(folder) / WEIGHTS_NAME, Path(folder) / REPORT_NAME
        backbone.save_weights(weights)  # without an optimizer: the backbone was never compiled
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        report = BackboneReport(**{**vars(report), "weights_sha256": digest})
        summary.write_text(json.dumps(vars(report), indent=2) + "\n", encoding="utf-8")
        weights.replace(output / WEIGHTS_NAME)
        summary.replace(output / REPORT_NAME)
    return report


def _versions() -> dict[str, str]:
    """Return the versions that affect the weights."""
    import keras
    import tensorflow as tf

    return {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: train, and print the held-out accuracy."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo_backbone.train",
        description="Train the demo backbone on drawn scenes without cars and trees.",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument("--quick", action="store_true", help="a tiny run, to try it out")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    tiny: dict[str, int] = {"images_per_class": 8, "epochs": 1} if chosen.quick else {}
    report = train_backbone(chosen.output, seed=chosen.seed, **tiny)
    sys.stdout.write(f"held-out accuracy {report.held_out_accuracy:.3f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
