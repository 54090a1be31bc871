"""Benchmarks: each module is a command, and RESULTS.md has the results."""
