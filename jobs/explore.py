"""Count and draw what labels and photos are like: ``spark-submit jobs/explore.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["explore", *sys.argv[1:]]))
