"""What a Python worker runs: it loads photos, prefetches them and computes features. No Spark."""
