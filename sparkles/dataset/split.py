"""The split of the data, which follows from a hash of the image id and nothing else."""

from __future__ import annotations

import hashlib

from pyspark.sql import Column
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import IMAGE_ID
from sparkles.settings import SplitPolicy

__all__ = ["split_column", "split_of"]

_HEX_DIGITS = 13  # 52 bits: every value is exact in a double


def split_of(image_id: str, policy: SplitPolicy) -> Split:
    """Return the part of the data that an image belongs to, by SHA-256 of ``seed:image_id``.

    Examples
    --------
    >>> split_of("0001eeaf4aed83f9", SplitPolicy())
    <Split.TRAIN: 'train'>
    """
    digest = hashlib.sha256(f"{policy.seed}:{image_id}".encode()).hexdigest()
    position = int(digest[:_HEX_DIGITS], 16) / 16**_HEX_DIGITS
    if position < policy.test_fraction:
        return Split.TEST
    return (
        Split.VALIDATION
        if position < policy.test_fraction + policy.validation_fraction
        else Split.TRAIN
    )


def split_column(policy: SplitPolicy) -> Column:
    """Return :func:`split_of` of the column ``image_id``, computed by Spark."""
    digest = F.sha2(F.concat(F.lit(f"{policy.seed}:"), F.col(IMAGE_ID)), 256)
    number = F.conv(F.substring(digest, 1, _HEX_DIGITS), 16, 10).cast("double")
    position = number / F.lit(float(16**_HEX_DIGITS))
    return (
        F.when(position < policy.test_fraction, F.lit(Split.TEST.value))
        .when(
            position < policy.test_fraction + policy.validation_fraction,
            F.lit(Split.VALIDATION.value),
        )
        .otherwise(F.lit(Split.TRAIN.value))
    )
