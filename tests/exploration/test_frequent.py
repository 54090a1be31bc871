from collections import Counter

from sparkles.exploration.frequent import ClassCount, frequent_classes
from tests.exploration.made_images import IMAGES, images_table


def test_most_frequent_first_and_equals_in_order(spark):
    found = frequent_classes(images_table(spark), 10)
    # Two images with a tree and two with a wheel: the tree has a negative besides.
    assert [count.mid for count in found] == ["car", "tree", "wheel", "dog"]
    positive = Counter(mid for image in IMAGES for mid in image[1])
    negative = Counter(mid for image in IMAGES for mid in image[2])
    assert found == [ClassCount(one.mid, positive[one.mid], negative[one.mid]) for one in found]


def test_no_more_than_asked_for(spark):
    assert [one.mid for one in frequent_classes(images_table(spark), 1)] == ["car"]


def test_a_class_that_is_only_negative_is_the_last(spark):
    table = images_table(spark, [("a", ["tree"], ["cat"]), ("b", [], ["cat"])])
    assert frequent_classes(table, 5) == [ClassCount("tree", 1, 0), ClassCount("cat", 0, 2)]
