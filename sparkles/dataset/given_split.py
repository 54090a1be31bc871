"""A split that the labels give, instead of one by a hash of the image id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.choices import SPLIT_WORDS, Split
from sparkles.columns import IMAGE_ID, SPLIT
from sparkles.dataset.split import split_column
from sparkles.errors import LabelError
from sparkles.settings import SplitPolicy

__all__ = ["PARTS", "GivenSplit", "assign_parts", "gather_parts"]

PARTS = "parts"  # array<string>: what the labels of an image have in their column of the split

_WORDS = SPLIT_WORDS | {"dev": Split.VALIDATION}  # as a folder, dev is more likely a class
# An image in several parts is used in the first of these, so that nothing tested was trained on.
_ORDER = (Split.TEST, Split.VALIDATION, Split.TRAIN)
_MOST_KINDS = 1000  # more different values of a split are shown to nobody
_SHOWN = 3


@dataclass(frozen=True)
class GivenSplit:
    """Examples with their part of the data.

    Attributes
    ----------
    examples
        The examples with ``split``.
    in_several_parts
        How many images the labels assign to several parts.
    notes
        What a user should know.
    """

    examples: DataFrame
    in_several_parts: int
    notes: tuple[str, ...]


def gather_parts(used: Column) -> Column:
    """Return an aggregate, ``parts``: what a group's labels have in the column of the split.

    Parameters
    ----------
    used
        Whether a label counts.

    Returns
    -------
    Column
        array<string>, each word once; a missing value is an empty string.
    """
    return F.collect_set(F.when(used, F.coalesce(F.col(SPLIT), F.lit("")))).alias(PARTS)


def assign_parts(examples: DataFrame, policy: SplitPolicy | None) -> GivenSplit:
    """Assign images to the parts of the data that their labels give.

    An image in several parts is used for testing if one of them is the test part, else for
    validation. Without a test part, the validation part is tested on; if all images are for
    training, they are split by hash.

    Parameters
    ----------
    examples
        ``image_id``, ``parts`` (see :func:`gather_parts`; sorted, of all labels of the image) and
        further columns.
    policy
        For a split by hash; ``None`` for evaluation, where only the test part is used if there is
        one, else all images.

    Raises
    ------
    LabelError
        If a value is no part of the data, an image has none, or none is for training.
    """
    images = examples.select(IMAGE_ID, PARTS).dropDuplicates([IMAGE_ID])
    rows = images.groupBy(PARTS).count().limit(_MOST_KINDS).collect()
    kinds = {tuple(row[PARTS]): int(row["count"]) for row in rows}
    _check_words(images, kinds)
    counts = dict.fromkeys(_ORDER, 0)
    for words, count in kinds.items():
        counts[_part_of(words)] += count
    several = {words for words in kinds if len({_WORDS[_key(word)] for word in words}) > 1}
    repeated = sum(kinds[words] for words in several)
    part, note = _decide(kinds, counts, policy)
    notes = [note]
    if several:
        notes.append(_describe_several(images, several, repeated))
    assigned = examples.withColumn(SPLIT, part).drop(PARTS)
    return GivenSplit(assigned, repeated, tuple(notes))


def _decide(
    kinds: dict[tuple[str, ...], int], counts: dict[Split, int], policy: SplitPolicy | None
) -> tuple[Column, str]:
    """Return the part of each image as a column, and say how it was chosen."""
    listed = ", ".join(f"{part.value} {counts[part]:,}" for part in reversed(_ORDER))
    if policy is None:
        if not counts[Split.TEST]:
            return F.lit(Split.TEST.value), f"the labels have no test part; all count: {listed}"
        return _column(kinds), f"only the test part is evaluated; images by part: {listed}"
    if not counts[Split.TRAIN]:
        raise LabelError(
            f"the labels' split leaves no image for training: {listed}; to split by hash instead, "
            "set split_column to none",
            settings=["split_column"],
        )
    given = f"the labels give the split, so its fractions and seed do not apply: {listed}"
    if counts[Split.TEST]:
        return _column(kinds), given
    if counts[Split.VALIDATION]:
        tested = F.when(_column(kinds) == Split.TRAIN.value, Split.TRAIN.value)
        return tested.otherwise(Split.TEST.value), f"{given}; the validation part is tested on"
    return split_column(policy), "the labels assign all images to train; they are split by hash"


def _column(kinds: Iterable[tuple[str, ...]]) -> Column:
    words = {word for kind in kinds for word in kind}
    column = F.lit(Split.TRAIN.value)
    for part in reversed(_ORDER):
        found = [F.lit(word) for word in sorted(words) if _WORDS[_key(word)] is part]
        if found:
            inside = F.arrays_overlap(PARTS, F.array(*found))
            column = F.when(inside, part.value).otherwise(column)
    return column


def _part_of(words: Iterable[str]) -> Split:
    found = {_WORDS[_key(word)] for word in words}
    return next(part for part in _ORDER if part in found)


def _key(word: str) -> str:
    return word.strip().casefold()


def _check_words(images: DataFrame, kinds: dict[tuple[str, ...], int]) -> None:
    unknown = sorted({word for words in kinds for word in words if _key(word) not in _WORDS})
    if not unknown:
        return
    word = unknown[0]
    count = sum(number for words, number in kinds.items() if word in words)
    example = images.where(F.array_contains(PARTS, word)).orderBy(IMAGE_ID).first()
    named = "" if example is None else f", for example {example[IMAGE_ID]}"
    raise LabelError(
        f"the labels' split: expected train, validation or test, got {word or 'nothing'!r} for "
        f"{count:,} images{named}; correct it, name another column with split_column, or set that "
        "to none to split by hash",
        settings=["split_column"],
    )


def _describe_several(images: DataFrame, several: set[tuple[str, ...]], repeated: int) -> str:
    found = images.where(
        F.concat_ws("\n", PARTS).isin(["\n".join(words) for words in sorted(several)])
    )
    rows = found.orderBy(IMAGE_ID).limit(_SHOWN).collect()
    listed = ", ".join(f"{row[IMAGE_ID]} ({' and '.join(row[PARTS])})" for row in rows)
    return (
        f"{repeated:,} images are in several parts of the labels' split, for example {listed}; "
        "each is used only for testing, or else for validation"
    )
