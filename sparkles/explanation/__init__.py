"""Which parts of a photo are evidence for a class, and which against it."""

from sparkles.explanation.activation_map import ClassActivationMaps
from sparkles.explanation.linear import LinearClassifier
from sparkles.explanation.overlay import draw_overlay
from sparkles.explanation.photo_maps import explain_photos, has_maps
from sparkles.explanation.thumbnails import shrink_photos

__all__ = [
    "ClassActivationMaps",
    "LinearClassifier",
    "draw_overlay",
    "explain_photos",
    "has_maps",
    "shrink_photos",
]
