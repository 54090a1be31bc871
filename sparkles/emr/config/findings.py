"""The findings of a check: errors and advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Finding", "errors_of"]


@dataclass(frozen=True)
class Finding:
    """One problem in a configuration.

    Attributes
    ----------
    where
        The path of the field, for example ``Instances.InstanceFleets[0].TargetSpotCapacity``.
    what
        What was expected, what was found, and the remedy.
    is_error
        ``False`` for advice: the configuration would run, but at a cost.
    """

    where: str
    what: str
    is_error: bool = True

    def __str__(self) -> str:
        kind = "error" if self.is_error else "advice"
        return f"{kind}: {self.where}: {self.what}"


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that prevent the configuration from running."""
    return [finding for finding in findings if finding.is_error]
