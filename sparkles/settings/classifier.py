"""How the classifier is trained."""

from __future__ import annotations

from sparkles.choices import ClassWeights
from sparkles.ranges import FRACTION, at_least, between
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["ClassifierSettings"]


class ClassifierSettings(Settings):
    """Settings of Spark ML's LogisticRegression; the defaults are those of the 2019 project.

    Raises
    ------
    SettingsError
        If a number is out of range.
    """

    section = "classifier"

    max_iter: int = setting(
        "maximum number of iterations of the logistic regression",
        default=20,
        metavar="N",
        within=between(1, 1_000_000),
    )
    reg_param: float = setting(
        "strength of the regularization", default=0.05, metavar="X", within=at_least(0)
    )
    elastic_net_param: float = setting(
        "kind of regularization, from 0 (ridge) to 1 (lasso)",
        default=0.3,
        metavar="X",
        within=FRACTION,
    )
    class_weights: ClassWeights = setting(
        "balanced gives every class the same total weight", default=ClassWeights.NONE
    )
