"""What a Python worker runs: load photos, prefetch them, put them through the network. No Spark."""
