"""Find photos with the same bytes: copies in two parts of the data, or under different labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, LABEL, SHA256, SPLIT
from sparkles.run_files import SameBytes, SameBytesPhoto

__all__ = ["describe_same_bytes", "find_same_bytes"]

_SHOWN = 3
_LABELS, _PHOTOS, _ONE, _OTHER = "labels", "photos", "one", "other"
_PARTS, _DIFFER = "in_several_parts", "with_different_labels"


def find_same_bytes(rows: DataFrame) -> SameBytes | None:
    """Count groups of photos with the same bytes, which may be the same photo under several names.

    Parameters
    ----------
    rows
        Featurized rows: ``image_id``, ``label``, ``split``, ``sha256``. A photo with several
        labels has a row for each.

    Returns
    -------
    dict or None
        See :class:`~sparkles.run_files.SameBytes`. The examples are of at most three groups, those
        in several parts first. None if no row has a hash, as for photos that came as pixels.
    """
    photos = rows.groupBy(SHA256, IMAGE_ID).agg(
        F.min(SPLIT).alias(SPLIT), F.sort_array(F.collect_set(LABEL)).alias(_LABELS)
    )
    # The least and the greatest differ in their part if any two do, else in their labels if any do.
    photo = F.struct(SPLIT, _LABELS, IMAGE_ID)
    groups = photos.groupBy(SHA256).agg(
        F.count("*").alias(_PHOTOS),
        F.min(photo).alias(_ONE),
        F.max(photo).alias(_OTHER),
        (F.min(SPLIT) != F.max(SPLIT)).alias(_PARTS),
        (F.min(_LABELS) != F.max(_LABELS)).alias(_DIFFER),
    )
    hashed = F.col(SHA256).isNotNull()
    shared = hashed & (F.col(_PHOTOS) > 1)
    totals = groups.agg(
        F.count_if(hashed).alias("hashed"),
        F.count_if(shared).alias("groups"),
        F.sum(F.when(shared, F.col(_PHOTOS)).otherwise(0)).alias(_PHOTOS),
        F.count_if(shared & F.col(_PARTS)).alias(_PARTS),
        F.count_if(shared & F.col(_DIFFER)).alias(_DIFFER),
    ).collect()[0]
    if not totals["hashed"]:
        return None
    return SameBytes(
        photos=totals[_PHOTOS],
        groups=totals["groups"],
        in_several_parts=totals[_PARTS],
        with_different_labels=totals[_DIFFER],
        examples=_examples(groups.where(shared)) if totals["groups"] else [],
    )


def _examples(shared: DataFrame) -> list[list[SameBytesPhoto]]:
    order = (F.desc(_PARTS), F.desc(_DIFFER), F.asc(_ONE))
    rows = shared.orderBy(*order).limit(_SHOWN).collect()
    return [[_example(row[_ONE]), _example(row[_OTHER])] for row in rows]


def _example(photo: Mapping[str, Any]) -> SameBytesPhoto:
    return {"image_id": photo[IMAGE_ID], "split": photo[SPLIT], "labels": list(photo[_LABELS])}


def describe_same_bytes(found: SameBytes | None) -> str | None:
    """Describe copies in one paragraph; None if there are none, or if none were looked for.

    Examples
    --------
    >>> here: SameBytesPhoto = {"image_id": "a", "split": "test", "labels": ["Car"]}
    >>> there: SameBytesPhoto = {"image_id": "b", "split": "train", "labels": ["Car"]}
    >>> describe_same_bytes(
    ...     {"photos": 2, "groups": 1, "in_several_parts": 1, "with_different_labels": 0,
    ...      "examples": [[here, there]]}
    ... )
    "2 photos have the same bytes as another (1 group). 1 group is in several parts of the data, so
    the test is easier than new photos would be. For example 'a' (test, Car) and 'b' (train, Car).
    All of them were used."
    """
    if not found or not found["groups"]:
        return None
    text = (
        f"{found['photos']:,} photos have the same bytes as another ({_groups(found['groups'])})."
    )
    if parts := found["in_several_parts"]:
        text += (
            f" {_groups(parts)} {'is' if parts == 1 else 'are'} in several parts of the data, so "
            "the test is easier than new photos would be."
        )
    if differ := found["with_different_labels"]:
        text += f" {_groups(differ)} {'has' if differ == 1 else 'have'} different labels."
    shown = "; ".join(" and ".join(map(_show, pair)) for pair in found["examples"])
    return f"{text} For example {shown}. All of them were used."


def _groups(count: int) -> str:
    return f"{count:,} group{'' if count == 1 else 's'}"


def _show(photo: SameBytesPhoto) -> str:
    return f"{photo['image_id']!r} ({', '.join([photo['split'], *photo['labels']])})"
