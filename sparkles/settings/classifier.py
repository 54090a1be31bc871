"""How the classifier is trained."""

from __future__ import annotations

from sparkles.choices import ClassWeights
from sparkles.errors import SettingsError, UserError
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
        "maximum number of iterations of the logistic regression", default=20, metavar="N"
    )
    reg_param: float = setting("strength of the regularization", default=0.05, metavar="X")
    elastic_net_param: float = setting(
        "kind of regularization, from 0 (ridge) to 1 (lasso)", default=0.3, metavar="X"
    )
    class_weights: ClassWeights = setting(
        "balanced gives every class the same total weight", default=ClassWeights.NONE
    )

    def find_problems(self) -> list[UserError]:
        """Check the ranges."""
        if self.max_iter >= 1 and self.reg_param >= 0 and 0 <= self.elastic_net_param <= 1:
            return super().find_problems()
        problem = SettingsError(
            "expected max_iter of at least 1, reg_param of at least 0 and elastic_net_param "
            f"from 0 to 1; got {self.max_iter}, {self.reg_param}, {self.elastic_net_param}",
            settings=["max_iter", "reg_param", "elastic_net_param"],
        )
        return [*super().find_problems(), problem]
