"""Features of photos: each image through the network once."""

from sparkles.features.featurize import featurize_photos, split_rejected

__all__ = ["featurize_photos", "split_rejected"]
