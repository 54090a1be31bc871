"""Clusters and job runs on AWS: set up, launched, watched, logged and ended."""
