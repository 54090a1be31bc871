"""Class descriptions: the keys that labels give, such as MIDs or numbers, and display names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparkles.errors import LabelError, UnknownClassError, nearest

__all__ = ["ClassNames", "LabelClass", "is_mid"]

_MID = re.compile(r"/[a-z]/[0-9a-z_]+")


@dataclass(frozen=True)
class LabelClass:
    """A class: its key in the labels and its display name.

    Attributes
    ----------
    mid
        What the labels call the class: a machine id in the tables of Open Images, else its name or
        number.
    name
        The display name.
    spellings
        Other keys that stand for the same class, because they differ from the first only in how
        Unicode composes their letters.
    """

    mid: str
    name: str
    spellings: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of the class."""
        return (self.mid, *self.spellings)


def is_mid(key: str) -> bool:
    """Return whether a key has the form of a machine id.

    Examples
    --------
    >>> is_mid("/m/0k4j"), is_mid("Car")
    (True, False)
    """
    return _MID.fullmatch(key) is not None


class ClassNames:
    """The classes of a data set.

    Parameters
    ----------
    classes
        All of them; empty without class descriptions, and then MIDs are their own names.
    """

    def __init__(self, classes: Iterable[LabelClass] = ()) -> None:
        self._by_mid = {known.mid: known for known in classes}
        self._by_name: dict[str, list[LabelClass]] = {}
        for known in self._by_mid.values():
            self._by_name.setdefault(known.name.casefold(), []).append(known)

    def __len__(self) -> int:
        return len(self._by_mid)

    def name_of(self, mid: str) -> str | None:
        """Return a class's display name; ``None`` if the class descriptions lack it.

        Examples
        --------
        >>> names = ClassNames([LabelClass("/m/0k4j", "Car")])
        >>> names.name_of("/m/0k4j"), names.name_of("/m/07j7r")
        ('Car', None)
        """
        found = self._by_mid.get(mid)
        return found.name if found else None

    def choose(self, asked: Sequence[str]) -> list[LabelClass]:
        """Find classes by display name (in any letter case) or key, in the order asked.

        Raises
        ------
        UnknownClassError
            If a class is unknown; the message suggests the nearest names.
        LabelError
            If fewer than two different classes are asked for, if a name has several MIDs, or if two
            of the classes have the same name.

        Examples
        --------
        >>> names = ClassNames([LabelClass("/m/0k4j", "Car"), LabelClass("/m/07j7r", "Tree")])
        >>> [found.name for found in names.choose(["tree", "/m/0k4j"])]
        ['Tree', 'Car']
        >>> names.choose(["Car", "Treee"])
        Traceback (most recent call last):
        sparkles.errors.UnknownClassError: class 'Treee' is not among the 2 known. Did you mean
        Tree?
        """
        words = [unicodedata.normalize("NFC", word.strip()) for word in asked]
        chosen = list(dict.fromkeys(self._find(word) for word in words if word))
        if len(chosen) < 2:
            got = ", ".join(found.name for found in chosen) or "none"
            raise LabelError(
                f"a classifier needs at least two classes, got {got}; name more, for example Car "
                "and Tree",
                settings=["classes"],
            )
        by_name = {found.name: found for found in reversed(chosen)}
        for found in chosen:
            if by_name[found.name] != found:
                raise LabelError(
                    f"{by_name[found.name].mid} and {found.mid} are both called {found.name}; "
                    "leave one of them out",
                    settings=["classes"],
                )
        return chosen

    def _find(self, word: str) -> LabelClass:
        if word in self._by_mid:
            return self._by_mid[word]
        if not self._by_mid and is_mid(word):
            return LabelClass(word, word)
        hits = self._by_name.get(word.casefold(), [])
        if len(hits) > 1:
            raise LabelError(
                f"class {word!r} may be {' or '.join(hit.mid for hit in hits)}; name it by its key",
                settings=["classes"],
            )
        if not hits:
            raise self._unknown(word)
        return hits[0]

    def _unknown(self, word: str) -> UnknownClassError:
        if all(is_mid(found.name) for found in self._by_mid.values()):
            return UnknownClassError(
                f"class {word!r} is not a MID like /m/0k4j; to use display names, set class_names "
                "to a file of class descriptions",
                settings=["class_names"],
            )
        known = [found.name for found in self._by_mid.values()]
        hint = nearest(word, self._by_mid if word.startswith("/") else known)
        return UnknownClassError(
            f"class {word!r} is not among the {len(self)} known.{hint}", settings=["classes"]
        )
