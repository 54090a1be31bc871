"""How images are split into training, validation and test images."""

from __future__ import annotations

from sparkles.errors import SettingsError, UserError
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

    test_fraction: float = setting("fraction of the images to test on", default=0.3, metavar="X")
    validation_fraction: float = setting(
        "fraction of the images to hold out for validation", default=0.0, metavar="X"
    )
    seed: int = setting("seed of the split", default=0, metavar="N")

    def find_problems(self) -> list[UserError]:
        """Check the fractions."""
        test, validation = self.test_fraction, self.validation_fraction
        # A comparison with not-a-number is false.
        if test >= 0 and validation >= 0 and test + validation < 1:
            return super().find_problems()
        problem = SettingsError(
            f"test fraction {test} and validation fraction {validation}: expected numbers from "
            "0 that add up to less than 1",
            settings=["test_fraction", "validation_fraction"],
        )
        return [*super().find_problems(), problem]
