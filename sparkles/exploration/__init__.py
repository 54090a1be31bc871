"""What labels and photos are like before anything is trained: counts in Spark, and figures."""

from sparkles.exploration.co_occurrence import CoOccurrence

__all__ = ["CoOccurrence"]
