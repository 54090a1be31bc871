"""Which columns of a table name the photo, its class and its part of the data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkles.errors import SourceError, nearest
from sparkles.settings import LabelTableSettings

__all__ = ["LabelColumns", "find_label_columns", "refuse_repeated"]

# Open Images' own name first, then what names a single file, then what may also be a row's number.
_PHOTO = (
    "imageid", "photoid", "imgid",
    "path", "filepath", "imagepath", "photopath", "relativepath", "relpath",
    "filename", "file", "imagefile", "imagefilename", "imagename", "photo", "photofile",
    "photoname",
    "uri", "url", "imageuri", "imageurl", "photouri", "photourl",
    "image", "picture", "img", "id",
)  # fmt: skip
# A name stands for the same class as its number, and is what people want to read.
_CLASS_NAMES = ("labelname", "classname", "categoryname", "breedname", "speciesname", "targetname")
_CLASS = ("label", "class", "category", "breed", "species", "target", "tag", "classlabel")
_SPLIT = ("split", "subset", "partition", "set")
_IGNORED = "none"  # in place of a column's name


@dataclass(frozen=True)
class LabelColumns:
    """The columns of a label table, by the names that they have there.

    Attributes
    ----------
    photo
        Names the photo.
    label
        The class; ``None`` only where it was not required.
    split, confidence, source
        ``None`` where the table has no such column.
    """

    photo: str
    label: str | None
    split: str | None = None
    confidence: str | None = None
    source: str | None = None


def find_label_columns(
    names: Sequence[str], table: str, asked: LabelTableSettings, *, needs_class: bool = True
) -> LabelColumns:
    """Find the columns of a label table by their names, or take those that the settings name.

    Letter case, spaces, underscores and dashes do not matter.

    Parameters
    ----------
    names
        The columns of the table.
    table
        What to call the table in error messages, for example ``labels labels.csv``.
    needs_class
        Whether the table must have a column of classes.

    Raises
    ------
    SourceError
        If a column is missing, if several may be the class or the split, or if a column stands
        there twice.

    Examples
    --------
    >>> found = find_label_columns(["File Name", "Breed"], "labels", LabelTableSettings())
    >>> found.photo, found.label
    ('File Name', 'Breed')
    >>> find_label_columns(["file", "breed", "species"], "labels", LabelTableSettings())
    Traceback (most recent call last):
    sparkles.errors.SourceError: labels: the columns breed and species may both be the class; choose
    one with label_column
    """
    refuse_repeated(names, table)
    search = _Search(names, table)
    photo = search.photo(asked.id_column)
    label = search.label(asked.label_column, required=needs_class)
    wanted = asked.split_column
    split = None if wanted == _IGNORED else search.one(wanted, "split_column", _SPLIT, "split")
    taken = [photo, label, split]
    if len({name for name in taken if name}) < sum(name is not None for name in taken):
        raise SourceError(
            f"{table}: photo, class and split must be different columns, got "
            f"{', '.join(name for name in taken if name)}",
            settings=["id_column", "label_column", "split_column"],
        )
    optional = [search.named((word,)) for word in ("confidence", "source")]
    rest = [next((name for name in found if name not in taken), None) for found in optional]
    return LabelColumns(photo, label, split, *rest)


def refuse_repeated(names: Sequence[str], table: str) -> None:
    """Refuse a header with a column that stands there twice.

    Raises
    ------
    SourceError
        If it has one, whatever the letter case. Columns without a name may repeat.
    """
    folded = [name.strip().casefold() for name in names]
    twice = [name for name, key in zip(names, folded, strict=True) if key and folded.count(key) > 1]
    if twice:
        raise SourceError(
            f"{table}: the column {twice[0]} stands in the header more than once; "
            "rename or delete all but one"
        )


def _key(name: str) -> str:
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFC", name)).casefold()


@dataclass(frozen=True)
class _Search:
    names: Sequence[str]
    table: str

    def named(self, words: Sequence[str]) -> list[str]:
        """Return the columns with any of these names, in the order of the words."""
        by_key: Mapping[str, list[str]] = {word: [] for word in words}
        for name in self.names:
            if _key(name) in by_key:
                by_key[_key(name)].append(name)
        return [name for found in by_key.values() for name in found]

    def given(self, name: str, setting: str) -> str:
        """Return the column that a setting names."""
        if name in self.names:
            return name
        found = [column for column in self.names if _key(column) == _key(name)]
        if len(found) == 1:
            return found[0]
        raise SourceError(
            f"{self.table}: there is no column {name!r}.{nearest(name, self.names)} Its columns "
            f"are {self.listed()}",
            settings=[setting],
        )

    def photo(self, given: str | None) -> str:
        found = [self.given(given, "id_column")] if given else self.named(_PHOTO)
        if not found:
            raise self._missing("the photo", "ImageID, id, filename, path or uri", "id_column")
        if len(found) > 1 and _key(found[0]) == _key(found[1]):
            raise self._several(found[:2], "the photo's id", "id_column")
        return found[0]

    def label(self, given: str | None, *, required: bool) -> str | None:
        if not given and len(named := self.named(_CLASS_NAMES)) == 1:
            return named[0]
        label = self.one(given, "label_column", _CLASS_NAMES + _CLASS, "class")
        if label is None and required:
            raise self._missing("the class", "label, class, category or breed", "label_column")
        return label

    def one(self, given: str | None, setting: str, words: Sequence[str], what: str) -> str | None:
        found = [self.given(given, setting)] if given else self.named(words)
        if len(found) > 1:
            raise self._several(found, f"the {what}", setting)
        return found[0] if found else None

    def listed(self) -> str:
        return ", ".join(self.names)[:300] or "(none)"

    def _missing(self, what: str, examples: str, setting: str) -> SourceError:
        return SourceError(
            f"{self.table}: expected a column that names {what}, called for example {examples}; "
            f"its columns are {self.listed()}. Name the one to use with {setting}",
            settings=[setting],
        )

    def _several(self, found: Sequence[str], what: str, setting: str) -> SourceError:
        *first, last = found
        return SourceError(
            f"{self.table}: the columns {', '.join(first)} and {last} may "
            f"{'both' if len(found) == 2 else 'all'} be {what}; choose one with {setting}",
            settings=[setting],
        )
