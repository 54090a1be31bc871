"""Evaluate a saved model on other labels: ``spark-submit jobs/evaluate.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["evaluate", *sys.argv[1:]]))
