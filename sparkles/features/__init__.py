"""Features of photos: each image through the network once."""

from sparkles.features.featurize import calibrate_featurizer, featurize_photos, split_rejected

__all__ = ["calibrate_featurizer", "featurize_photos", "split_rejected"]
