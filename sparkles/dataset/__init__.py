"""Labels joined with photos: the image, its class and its part of the data."""

from sparkles.dataset.examples import Dataset, build_dataset
from sparkles.dataset.ledger import Ledger, LedgerFacts
from sparkles.dataset.split import SplitPolicy, split_column, split_of

__all__ = [
    "Dataset",
    "Ledger",
    "LedgerFacts",
    "SplitPolicy",
    "build_dataset",
    "split_column",
    "split_of",
]
