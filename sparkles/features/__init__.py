"""Features of photos: each photo goes through the network once."""

from sparkles.features.feature_table import (
    calibrate_featurizer,
    featurize_photos,
    split_rejected,
)

__all__ = ["calibrate_featurizer", "featurize_photos", "split_rejected"]
