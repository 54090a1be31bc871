"""Which labels to read, which classes to take, and which labels to believe."""

from __future__ import annotations

from sparkles.choices import Ambiguous, SplitFolders
from sparkles.errors import SettingsError
from sparkles.ranges import MANY, Range, between
from sparkles.settings.base import Settings
from sparkles.settings.option import setting

__all__ = ["AmbiguityPolicy", "ClassSettings", "LabelPolicy", "LabelSettings", "LabelTableSettings"]

_TOP, _AT_LEAST = "top", "at-least"
_DIGITS = 20  # more would be slow to convert


class LabelPolicy(Settings):
    """Which labels are believed."""

    section = "labels"

    min_confidence: float = setting(
        "smallest Confidence of a positive label; human-verified labels, and labels in a table "
        "without such a column, have 1",
        default=1.0,
        metavar="X",
        within=Range(0, 1, above=True),  # at 0, what is verified to be absent would be positive
    )
    sources: tuple[str, ...] = setting(
        "label Sources that count, for example verification; default: all",
        default=(),
        metavar="A,B",
    )


class LabelTableSettings(Settings):
    """Which columns of a label table name the photo, its class and its part of the data."""

    section = "labels"

    id_column: str | None = setting(
        "column that names the photo: its id, file name, path or URI; default: found by its name, "
        "for example ImageID, id, filename or path",
        default=None,
        metavar="NAME",
    )
    label_column: str | None = setting(
        "column of the class; default: found by its name, for example label, class or breed",
        default=None,
        metavar="NAME",
    )
    split_column: str | None = setting(
        "column that assigns images to train, validation and test; none: ignore such a column; "
        "default: found by its name, for example split or subset",
        default=None,
        metavar="NAME",
    )


class LabelSettings(LabelTableSettings, LabelPolicy):
    """Labels in a table or by folder, and which of them are believed."""

    section = "labels"

    labels: str | None = setting(
        "table with a photo and its class in each row: CSV, TSV, Parquet or JSON lines; default: "
        "each subfolder of the photos is a class",
        default=None,
        metavar="TABLE",
        place="input",
    )
    split_folders: SplitFolders = setting(
        "where folders are the classes: whether folders train, val and test, above or below them, "
        "give the split; auto: if no other folders are beside them",
        default=SplitFolders.AUTO,
    )
    class_names: str | None = setting(
        "CSV, TSV or JSON of the names of classes that the labels give by keys, such as MIDs or "
        "numbers",
        default=None,
        metavar="FILE",
        place="input",
    )


class ClassSettings(Settings):
    """Which classes of the labels are told apart.

    Raises
    ------
    SettingsError
        If ``top:N`` or ``at-least:N`` has no such number, or does not stand alone.
    """

    section = "labels"

    classes: tuple[str, ...] = setting(
        "classes to tell apart, by name or key; top:50, the 50 with the most images; at-least:500, "
        "those with that many; @FILE, one name a line; default: all",
        default=(),
        metavar="A,B",
    )
    class_: tuple[str, ...] = setting(
        "one more class, taken literally, for names with a comma; may be repeated",
        default=(),
        metavar="NAME",
        repeated=True,
    )

    def __post_init__(self) -> None:
        """Check the form of a choice by number."""
        super().__post_init__()
        self.classes_by_number()

    def classes_by_number(self) -> tuple[int | None, int] | None:
        """Return how many classes to take at most, and how many images each needs.

        Returns
        -------
        tuple or None
            ``None`` if the classes are named, one by one. Without any choice, all are taken that
            have an image.

        Examples
        --------
        >>> ClassSettings(classes=("top:50",)).classes_by_number()
        (50, 1)
        >>> ClassSettings(classes=("at-least:500",)).classes_by_number()
        (None, 500)
        >>> ClassSettings().classes_by_number()
        (None, 1)
        >>> ClassSettings(classes=("Car", "Tree")).classes_by_number() is None
        True
        """
        if not self.classes and not self.class_:
            return None, 1
        kinds = [word.partition(":") for word in self.classes]
        numbered = [kind for kind in kinds if kind[0] in (_TOP, _AT_LEAST) and kind[1]]
        if not numbered:
            return None
        word, _, number = numbered[0]
        least = 2 if word == _TOP else 1
        accepted = between(least, MANY)
        if not number.isdecimal() or len(number) > _DIGITS or int(number) not in accepted:
            raise SettingsError(
                f"classes: expected {word}:N with {accepted.describe('a whole number')}, got "
                f"{word}:{number}",
                settings=["classes"],
            )
        if len(self.classes) + len(self.class_) > 1:
            raise SettingsError(
                f"classes: {word}:{number} chooses the classes by their images, so it stands "
                f"alone; got also {', '.join([*self.classes, *self.class_][:4])}",
                settings=["classes", "class_"],
            )
        return (int(number), 1) if word == _TOP else (None, int(number))


class AmbiguityPolicy(Settings):
    """What happens to images with several of the chosen classes."""

    section = "labels"

    ambiguous: Ambiguous = setting(
        "images with several of the chosen classes: drop them, assign the first class in the "
        "order of --classes, or keep one row per class",
        default=Ambiguous.DROP,
    )
