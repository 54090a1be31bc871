"""Folders that give the split: train, validation and test, above the classes' folders or below."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.choices import SPLIT_WORDS, Split, SplitFolders
from sparkles.columns import PATH
from sparkles.errors import LabelError

__all__ = ["FoldersOfSplit", "find_split_folders"]

_EXPECTED = "train, val (valid, validation) and test"
_LEVELS = (0, 1)  # directly below the folder of photos, or below each class


@dataclass(frozen=True)
class FoldersOfSplit:
    """Where the folders are that give the split.

    Attributes
    ----------
    level
        0 for folders directly below the folder of photos, 1 for folders below each class.
    parts
        The parts of the data that they name.
    """

    level: int
    parts: tuple[str, ...]

    def split(self) -> Column:
        """Return the part of a photo by its ``path``; null outside these folders."""
        return _part_of(self.level)

    def label(self) -> Column:
        """Return the class of a photo by its ``path``; null if no folder gives one."""
        return _folder(1 - self.level)

    def describe(self) -> str:
        """Return what a user should know.

        Examples
        --------
        >>> FoldersOfSplit(0, ("test", "train")).describe()
        'the folders test and train directly below images give the split; to treat them as classes,
        set split_folders to never'
        """
        other = "classes" if self.level == 0 else "ordinary folders"
        return (
            f"{self._places()} give the split; to treat them as {other}, set split_folders to never"
        )

    def describe_unused(self) -> str:
        """Return what a user should know where a label table without a split comes with them."""
        return (
            f"{self._places()} are not used as the split, because the labels come from a table: "
            "the images are split by a hash of their ids. Give the table a column split to use "
            "them, or set split_folders to never"
        )

    def _places(self) -> str:
        where = ("directly below images", "below each class")[self.level]
        listed = " and ".join(filter(None, [", ".join(self.parts[:-1]), self.parts[-1]]))
        return f"the folders {listed} {where}"


def find_split_folders(
    photos: DataFrame, asked: SplitFolders = SplitFolders.AUTO
) -> FoldersOfSplit | None:
    """Find folders that give the split, by their names in any letter case.

    Parameters
    ----------
    photos
        With ``path``. It is read once.
    asked
        ``auto`` recognises ``train`` with at least one of ``val`` (``valid``, ``validation``) and
        ``test`` if there are no folders beside them. With ``always``, photos in other folders are
        left out.

    Returns
    -------
    FoldersOfSplit or None
        None if there are no such folders, or ``asked`` is ``never``.

    Raises
    ------
    LabelError
        If other folders are beside them, so that they may also be classes; or if there are none
        and ``asked`` is ``always``.
    """
    if asked is SplitFolders.NEVER:
        return None
    inside = photos.where(F.col(PATH).contains("/"))
    row = inside.agg(*[column for level in _LEVELS for column in _facts(level)]).collect()[0]
    for level in _LEVELS:
        parts, other = sorted(row[f"parts{level}"]), row[f"other{level}"]
        enough = Split.TRAIN.value in parts and len(parts) > 1
        if parts and asked is SplitFolders.ALWAYS:
            return FoldersOfSplit(level, tuple(parts))
        if enough and other is not None:
            raise LabelError(
                f"images: the folders for {', '.join(parts)} may be the split or classes, because "
                f"other folders are beside them, for example {other}. Set split_folders to always "
                "(photos in other folders are left out) or to never (they are ordinary folders)",
                settings=["images", "split_folders"],
            )
        if enough:
            return FoldersOfSplit(level, tuple(parts))
    if asked is SplitFolders.ALWAYS:
        raise LabelError(
            f"split_folders: expected folders {_EXPECTED} directly below images or below each "
            "class; there are none. Leave split_folders at auto, or give the folder above them",
            settings=["split_folders"],
        )
    return None


def _facts(level: int) -> list[Column]:
    part = _part_of(level)
    # A photo that lies directly in a class's folder is beside the folders below it.
    other = F.coalesce(_folder(level), F.substring_index(PATH, "/", level))
    return [
        F.collect_set(part).alias(f"parts{level}"),
        F.min(F.when(part.isNull(), other)).alias(f"other{level}"),
    ]


def _folder(level: int) -> Column:
    """Return the folder of ``path`` at a level; null where only the file's name is there."""
    steps = F.split(PATH, "/")
    return F.when(F.size(steps) > level + 1, F.get(steps, F.lit(level)))


def _part_of(level: int) -> Column:
    found = F.lit(None).cast("string")
    for part in Split:
        names = [word for word, meant in SPLIT_WORDS.items() if meant is part]
        found = F.when(F.lower(_folder(level)).isin(*names), part.value).otherwise(found)
    return found
