"""How images are split into training, validation and test images."""

from __future__ import annotations

from sparkles.errors import SettingsError, UserError
from sparkles.ranges import FRACTION, SEED
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["SplitPolicy"]


class SplitPolicy(Settings):
    """How images are split; what is neither for testing nor for validation is for training.

    Raises
    ------
    SettingsError
        If the fractions leave nothing for training.
    """

    section = "split"

    test_fraction: float = setting(
        "fraction of the images to test on", default=0.3, metavar="X", within=FRACTION
    )
    validation_fraction: float = setting(
        "fraction of the images to hold out for validation",
        default=0.0,
        metavar="X",
        within=FRACTION,
    )
    seed: int = setting("seed of the split", default=0, metavar="N", within=SEED)

    def find_problems(self) -> list[UserError]:
        """Check the fractions."""
        test, validation = self.test_fraction, self.validation_fraction
        problems = super().find_problems()
        if test not in FRACTION or validation not in FRACTION or test + validation < 1:
            return problems
        problem = SettingsError(
            f"test fraction {test} and validation fraction {validation}: expected numbers from "
            "0 that add up to less than 1",
            settings=["test_fraction", "validation_fraction"],
        )
        return [*problems, problem]
