"""Show which parts of photos speak for a class: ``spark-submit jobs/explain.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["explain", *sys.argv[1:]]))
