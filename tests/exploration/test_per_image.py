"""Labels of each image, against Python's statistics."""

from __future__ import annotations

import statistics
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from sparkles.exploration.per_image import describe_images, spread_of
from tests.exploration.made_images import IMAGES, images_table


def test_images_are_counted_by_their_number_of_labels(spark: SparkSession) -> None:
    counts, spreads = describe_images(images_table(spark))
    assert counts == {"named": 6, "with_positive": 5, "with_negative": 4, "contradictory": 1}
    assert dict(spreads["positive"]["images"]) == Counter(len(image[1]) for image in IMAGES)
    assert dict(spreads["negative"]["images"]) == Counter(len(image[2]) for image in IMAGES)
    both = Counter(len(image[1]) + len(image[2]) for image in IMAGES)
    assert dict(spreads["all"]["images"]) == both


@given(st.lists(st.integers(0, 30), min_size=1))
def test_spread_is_that_of_the_values(labels: list[int]) -> None:
    found = spread_of(Counter(labels))
    some = [one for one in labels if one] or [0]
    assert found["least"] == min(some)
    assert found["most"] == max(some)
    assert found["median"] == statistics.median_low(some)
    assert abs(found["mean"] - statistics.fmean(some)) < 1e-4
    assert found["mode"] == min(statistics.multimode(some))
