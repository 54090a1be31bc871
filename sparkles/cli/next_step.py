"""What to type after a command that succeeded."""

from __future__ import annotations

from sparkles.settings import (
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    PredictSettings,
    PrepareSettings,
    Settings,
    TrainSettings,
)
from sparkles.settings.command_line import command_line

__all__ = ["next_step"]

_PHOTOS, _OUTPUT = "DIR", "OUTPUT"


def next_step(settings: Settings) -> str | None:
    """Return the command that most users run next, with the names of what was just written.

    Words in capitals stand for what the user chooses. Commands that need none, for example
    ``report``, have no next step.

    Examples
    --------
    >>> settings = TrainSettings(images="photos", output="runs/a")
    >>> next_step(settings)
    'sparkles predict --model runs/a/model --images DIR --output OUTPUT'
    """
    if isinstance(settings, TrainSettings):
        model = f"{settings.output.rstrip('/')}/model"
        predict = PredictSettings(model=model, images=_PHOTOS, output=_OUTPUT)
        return command_line("predict", predict)
    if isinstance(settings, PrepareSettings):
        again = {"output": _OUTPUT, "overwrite": False}
        return command_line("train", TrainSettings(**{**vars(settings), **again}))
    if isinstance(settings, ExploreSettings) and settings.images:
        train = TrainSettings(
            images=settings.images,
            labels=settings.labels,
            class_names=settings.class_names,
            classes=settings.classes,
            output=_OUTPUT,
        )
        return command_line("train", train)
    if isinstance(settings, EvaluateSettings | PredictSettings):
        explain = ExplainSettings(
            model=settings.model,
            images=settings.images,
            list_images=settings.list_images,
            output=_OUTPUT,
        )
        return command_line("explain", explain)
    return None
