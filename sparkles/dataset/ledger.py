"""The ledger of a run accounts for every label row, image and photo, in sums that are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sparkles.errors import SparklesError
from sparkles.run_files import LedgerFile, SameBytes

__all__ = ["Ledger", "stratification_error"]


@dataclass
class Ledger:
    """What happened to every label row, image and photo.

    Attributes
    ----------
    label_rows
        ``read`` = ``malformed`` + ``other_classes`` + ``other_sources`` + ``negative`` +
        ``unsure`` + ``duplicates`` + ``dropped_as_ambiguous`` + ``kept``; see
        :mod:`sparkles.sources.label_rows` for the words. Of the chosen positive rows,
        ``ambiguous`` belong to images with several of the classes. ``without_photo`` of the rows
        read name an image without a listed photo (absent where nothing was listed);
        ``kept_without_photo`` counts those among the kept rows. Where an evaluation uses only the
        test part that its labels give, ``other_parts`` is one more term of both sums, of rows and
        of images.
    images
        ``with_chosen_class`` = ``dropped_as_ambiguous`` + ``named``; ``named`` = ``featurized`` +
        ``rejected``. ``ambiguous`` of those with a chosen class have several;
        the labels' own split, if there is one, has ``in_several_parts`` of them in several parts.
    rejected
        Rejected images by reason; they add up to ``images["rejected"]``.
    photos
        ``listed``, of these ``duplicate_ids`` (the same photo again) and ``without_id``, which are
        left out; ``ids_from_paths``, the photos whose id is their path, because their name is
        repeated; ``ignored_files`` of a folder, which are no photos; ``without_label`` of any kind
        and ``without_chosen_label``. ``None`` where nothing was listed.
    splits
        Featurized rows by part of the data and class.
    stratification_error
        See :func:`stratification_error`.
    same_bytes
        Featurized photos that have the same bytes as another; see
        :class:`~sparkles.run_files.SameBytes`. ``None`` where no photo's bytes were read.
    """

    label_rows: dict[str, int]
    images: dict[str, int]
    photos: dict[str, int] | None
    rejected: dict[str, int] = field(default_factory=dict)
    splits: dict[str, dict[str, int]] = field(default_factory=dict)
    stratification_error: float | None = None
    same_bytes: SameBytes | None = None

    def check(self) -> None:
        """Check that the sums hold.

        Raises
        ------
        SparklesError
            If they do not. That is a defect of Sparkles, not of the input.

        Examples
        --------
        >>> rows = dict(read=5, malformed=0, other_classes=2, other_sources=0, negative=1,
        ...             unsure=0, duplicates=0, dropped_as_ambiguous=0, kept=2, ambiguous=0,
        ...             kept_without_photo=1)
        >>> images = dict(with_chosen_class=2, ambiguous=0, dropped_as_ambiguous=0, named=2,
        ...               featurized=1, rejected=1)
        >>> Ledger(rows, images, None, {"no photo": 1}).check()
        >>> images["featurized"] = 2
        >>> Ledger(rows, images, None, {"no photo": 1}).check()
        Traceback (most recent call last):
        sparkles.errors.SparklesError: the ledger does not balance: images named: 2 is not 2 + 1
        """
        rows, images = self.label_rows, self.images
        parts = ("malformed", "other_classes", "other_sources", "negative", "unsure", "duplicates")
        sums = {
            "label rows read": (
                rows["read"],
                [
                    *(rows[part] for part in parts),
                    rows["dropped_as_ambiguous"],
                    rows.get("other_parts", 0),
                    rows["kept"],
                ],
            ),
            "images with a chosen class": (
                images["with_chosen_class"],
                [images["dropped_as_ambiguous"], images.get("other_parts", 0), images["named"]],
            ),
            "images named": (images["named"], [images["featurized"], images["rejected"]]),
            "images rejected": (images["rejected"], list(self.rejected.values())),
        }
        for what, (whole, terms) in sums.items():
            if whole != sum(terms):
                raise SparklesError(
                    f"the ledger does not balance: {what}: {whole} is not "
                    f"{' + '.join(map(str, terms))}"
                )

    def to_dict(self) -> LedgerFile:
        """Return the content of ``ledger.json``."""
        return LedgerFile(
            label_rows=self.label_rows,
            images=self.images,
            photos=self.photos,
            rejected=self.rejected,
            splits=self.splits,
            stratification_error=self.stratification_error,
            same_bytes=self.same_bytes,
        )


def stratification_error(splits: Mapping[str, Mapping[str, int]]) -> float | None:
    """Return how far the class shares of the parts are from those of all rows.

    Parameters
    ----------
    splits
        Rows by part of the data and class.

    Returns
    -------
    float or None
        The largest difference, over parts and classes, between a class's share of the part and its
        share of all rows; ``None`` without rows.

    Examples
    --------
    >>> stratification_error({"train": {"Car": 6, "Tree": 4}, "test": {"Car": 2, "Tree": 2}})
    0.0714
    """
    totals: dict[str, int] = {}
    for counts in splits.values():
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    whole = sum(totals.values())
    if not whole:
        return None
    errors = [
        abs(counts.get(name, 0) / sum(counts.values()) - total / whole)
        for counts in splits.values()
        for name, total in totals.items()
    ]
    return round(max(errors), 4)
