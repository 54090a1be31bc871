"""One declaration of each setting: its help, its default and its place on the command line."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field
from typing import Any, Literal

from sparkles.ranges import Range

__all__ = ["Option", "setting"]

_NOTES = "setting"

Place = Literal["input", "output"]


@dataclass(frozen=True)
class _Notes:
    help: str
    metavar: str | None
    place: Place | None
    positional: bool
    repeated: bool
    within: Range | None


def setting(
    help_text: str,
    *,
    default: Any = MISSING,
    metavar: str | None = None,
    place: Place | None = None,
    positional: bool = False,
    repeated: bool = False,
    within: Range | None = None,
) -> Any:
    """Declare a field of :class:`~sparkles.settings.Settings`.

    Parameters
    ----------
    help_text
        What the setting is, as a phrase without a full stop.
    default
        Without a default, users must give a value.
    metavar
        What stands for the value in the help of a command.
    place
        Whether the value is a path or URI that the command reads or writes.
    positional
        Whether the command line takes the value without a flag.
    repeated
        Whether the command line takes a flag for each element, instead of one list ``A,B``.
    within
        The numbers that are accepted; every number has such a range.
    """
    notes = _Notes(help_text, metavar, place, positional, repeated, within)
    return field(default=default, metadata={_NOTES: notes})


@dataclass(frozen=True)
class Option:
    """A setting, as parsers, help texts and pages need it.

    Attributes
    ----------
    name
        The field's name.
    kind
        Its type.
    section
        The heading under which help texts list it; empty for a command's own options.
    default
        The default, or ``dataclasses.MISSING``.
    """

    name: str
    kind: Any
    section: str
    default: Any
    _notes: _Notes

    @classmethod
    def of(cls, declared: Field[Any], kind: Any, section: str) -> Option:
        """Read what :func:`setting` declared."""
        return cls(declared.name, kind, section, declared.default, declared.metadata[_NOTES])

    @property
    def required(self) -> bool:
        """Whether users must give a value."""
        return self.default is MISSING

    @property
    def help(self) -> str:
        """What the setting is."""
        return self._notes.help

    @property
    def metavar(self) -> str | None:
        """What stands for the value in the help of a command."""
        return self._notes.metavar

    @property
    def place(self) -> Place | None:
        """Whether the value is a path or URI that the command reads or writes."""
        return self._notes.place

    @property
    def positional(self) -> bool:
        """Whether the command line takes the value without a flag."""
        return self._notes.positional

    @property
    def repeated(self) -> bool:
        """Whether the command line takes a flag for each element."""
        return self._notes.repeated

    @property
    def within(self) -> Range | None:
        """The numbers that are accepted; ``None`` for what is not a number."""
        return self._notes.within
