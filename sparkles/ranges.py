"""The ranges of numbers that users choose, each stated once: settings and Params share them."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "ANY_SEED",
    "BATCH_SIZE",
    "EVALUATIONS",
    "FRACTION",
    "MANY",
    "POSITIVE",
    "SEED",
    "Range",
    "at_least",
    "between",
]

MANY = 1_000_000_000  # of anything that is counted; Java's whole numbers end at twice as many


@dataclass(frozen=True)
class Range:
    """The numbers that a setting accepts; never NaN, nor an infinite number.

    Attributes
    ----------
    least, most
        The smallest and the largest.
    above
        Whether ``least`` itself is too small.

    Examples
    --------
    >>> 0.5 in FRACTION, 1.5 in FRACTION, float("nan") in FRACTION
    (True, False, False)
    """

    least: float
    most: float
    above: bool = False

    def __contains__(self, number: object) -> bool:
        """Whether the number is in the range."""
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        if isinstance(number, float) and not math.isfinite(number):
            return False
        return self.least <= number <= self.most and not (self.above and number == self.least)

    def describe(self, what: str = "a number") -> str:
        """Describe the range for an error message.

        Examples
        --------
        >>> Range(1, 4096).describe("a whole number"), FRACTION.describe()
        ('a whole number from 1 to 4,096', 'a number from 0 to 1')
        >>> at_least(0).describe(), Range(0, 1, above=True).describe()
        ('a number of at least 0', 'a number above 0 and up to 1')
        """
        low, high = _shown(self.least), _shown(self.most)
        if math.isinf(self.most):
            return f"{what} above {low}" if self.above else f"{what} of at least {low}"
        if self.above:
            return f"{what} above {low} and up to {high}"
        return f"{what} from {low} to {high}"


def at_least(least: float) -> Range:
    """Return the range of all finite numbers from ``least`` on."""
    return Range(least, math.inf)


def between(least: float, most: float) -> Range:
    """Return the range of numbers from ``least`` to ``most``, both included."""
    return Range(least, most)


def _shown(number: float) -> str:
    return f"{number:,}"


FRACTION = between(0, 1)
POSITIVE = between(1, MANY)
BATCH_SIZE = between(1, 4096)  # photos that go through a network together
EVALUATIONS = between(50, 1_000_000)  # of a photo whose parts are covered
SEED = between(0, 2**63 - 1)  # of NumPy's generator, and of Java's
ANY_SEED = between(-(2**64), 2**64)  # of the Param; saved models may have such
