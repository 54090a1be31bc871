"""``sparkles demo``: a whole training run on drawn photos, or on real ones from a public bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession

from sparkles.choices import DemoPhotos
from sparkles.demo.dataset import draw_dataset
from sparkles.settings import (
    DemoSettings,
    PredictSettings,
    TrainSettings,
    command_line,
    settings_to_json,
)
from sparkles.sources.open_images import fetch_open_images
from sparkles.spark.progress import Stages
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.training import Trained, train_model

__all__ = ["demo"]

_CLASSES = ("Car", "Tree")
_EMBEDDED = "SparklesDemo"
_EMBEDDED_NOTE = (
    "The network is SparklesDemo, a small one that is part of the package. It was trained on drawn "
    "scenes of 16 other things; it has seen neither cars nor trees, and no real photo. Use it to "
    "try Sparkles without a download. For real photos use a network with ImageNet weights, for "
    "example InceptionV3."
)
_DRAWN_NOTE = (
    "The photos are drawings made by sparkles.demo; the metrics say nothing about real photos."
)


def demo(settings: DemoSettings, spark: SparkSession | None = None) -> Trained:
    """Run a whole training run, from labels and photos to an evaluated model.

    Photos and labels are written to ``<output>-photos/``, and later demos use them again.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.DemoSettings`.
    spark
        A session to use; default: build one.

    Raises
    ------
    SourceError
        If real photos are requested and there is no internet connection.
    UserError
        As in :func:`~sparkles.commands.train`.
    """
    check_before_start(settings, spark)
    say = Stages([], quiet=settings.quiet).say
    drawn = settings.photos is DemoPhotos.DRAWN
    labels, class_names, images = (_draw if drawn else _fetch)(settings, say)
    model = settings.model or (_EMBEDDED if drawn else "InceptionV3")
    notes = [_DRAWN_NOTE] * drawn + [_EMBEDDED_NOTE] * (model == _EMBEDDED)
    shared = settings_to_json(settings)
    for name in ("photos", "limit"):
        del shared[name]
    given: dict[str, object] = shared | {"labels": labels, "class_names": class_names}
    given |= {"images": images, "classes": _CLASSES, "model": model}
    trained = train_model(TrainSettings.create(given), spark, notes=tuple(notes))
    for note in notes:
        say(f"\n{note}")
    model, output = f"{settings.output}/model", f"{settings.output}-predictions"
    command = command_line("predict", PredictSettings(model=model, images=images, output=output))
    say(f"\nPredict with it:\n  {command}\nor in Python:")
    say(f"  sparkles.predict({model!r}, {images!r})")
    return trained


def _draw(settings: DemoSettings, say: Callable[[str], None]) -> tuple[str, str, str]:
    folder = _folder(settings, "drawn")
    say(f"photos: {settings.limit} drawn scenes, and some that cannot be used, in {folder}")
    half = settings.limit // 2
    drawn = draw_dataset(folder, cars=half, trees=settings.limit - half, seed=settings.seed)
    return str(drawn.labels), str(drawn.class_names), str(drawn.images)


def _fetch(settings: DemoSettings, say: Callable[[str], None]) -> tuple[str, str, str]:
    folder = _folder(settings, "open-images")
    fetched = fetch_open_images(folder, _CLASSES, settings.limit, say=say)
    return str(fetched.labels), str(fetched.class_names), str(fetched.images)


def _folder(settings: DemoSettings, kind: str) -> Path:
    parent = Path(f"{settings.output.rstrip('/')}-photos")
    return parent / f"{kind}-{settings.limit}-seed-{settings.seed}"
