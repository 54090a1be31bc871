"""Join labels and photos into a dataset: ``spark-submit jobs/prepare.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["prepare", *sys.argv[1:]]))
