"""Labels joined with photos: the image, its class and its part of the data."""

from sparkles.dataset.examples import Dataset, build_dataset
from sparkles.dataset.ledger import Ledger
from sparkles.dataset.split import split_column, split_of

__all__ = [
    "Dataset",
    "Ledger",
    "build_dataset",
    "split_column",
    "split_of",
]
