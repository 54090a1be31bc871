"""What a check finds wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Finding", "errors_of"]


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a configuration.

    Attributes
    ----------
    where
        The path of the field, as ``Instances.InstanceFleets[0].TargetSpotCapacity``.
    what
        What was expected, what came, and the remedy.
    is_error
        ``False`` for advice: it would run, at a price.
    """

    where: str
    what: str
    is_error: bool = True

    def __str__(self) -> str:
        kind = "error" if self.is_error else "advice"
        return f"{kind}: {self.where}: {self.what}"


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep it from running."""
    return [finding for finding in findings if finding.is_error]
