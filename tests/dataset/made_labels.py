"""Label tables that are small enough to be counted by hand."""

from __future__ import annotations

from sparkles.sources import LabelClass

__all__ = ["CAR", "CAT", "CLASSES", "LABELS", "ROWS", "TREE"]

LABELS = "image_id string, source string, mid string, confidence double"
CAR, TREE, CAT = (
    LabelClass("/m/car", "Car"),
    LabelClass("/m/tree", "Tree"),
    LabelClass("/m/cat", "Cat"),
)
CLASSES = [CAR, TREE, CAT]

ROWS = [
    # Two cars, a tree and a cat, each image of one class.
    ("a", "verification", CAR.mid, 1.0),
    ("b", "verification", CAR.mid, 1.0),
    ("c", "verification", TREE.mid, 1.0),
    ("d", "machine", CAT.mid, 1.0),
    # The same label twice more: by another person, and by a machine.
    ("a", "crowdsource-verification", CAR.mid, 1.0),
    ("a", "machine", CAR.mid, 1.0),
    # An image of two of the classes, and one of all three.
    ("e", "verification", TREE.mid, 1.0),
    ("e", "verification", CAR.mid, 1.0),
    ("f", "verification", CAT.mid, 1.0),
    ("f", "verification", TREE.mid, 1.0),
    ("f", "verification", CAR.mid, 1.0),
    # Verified absent, or not sure enough.
    ("g", "verification", CAR.mid, 0.0),
    ("h", "machine", CAR.mid, 0.6),
    ("b", "verification", TREE.mid, 0.0),
    # Of other classes; "i" has no other label.
    ("i", "verification", "/m/dog", 1.0),
    ("c", "verification", "/m/dog", 1.0),
    # Malformed, each in a different way.
    (None, "verification", CAR.mid, 1.0),
    ("", "verification", CAR.mid, 1.0),
    ("j", "verification", None, 1.0),
    ("k", "verification", CAR.mid, None),
    ("l", "verification", CAR.mid, "NaN"),
    ("l", "verification", "", 1.0),
    # Without a source.
    ("m", None, CAT.mid, 1.0),
]
