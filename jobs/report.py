"""Draw the report of a training run again: ``spark-submit jobs/report.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["report", *sys.argv[1:]]))
