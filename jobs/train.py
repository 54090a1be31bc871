"""Train, save and evaluate a classifier: ``spark-submit jobs/train.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
