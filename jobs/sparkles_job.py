"""Run any command of Sparkles: ``spark-submit jobs/sparkles_job.py train --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
