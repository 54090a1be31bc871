"""Predict the classes of photos with a saved model: ``spark-submit jobs/predict.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["predict", *sys.argv[1:]]))
