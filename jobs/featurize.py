"""Write the features of photos as Parquet: ``spark-submit jobs/featurize.py --help``."""

import sys

from sparkles.cli import main

if __name__ == "__main__":
    sys.exit(main(["featurize", *sys.argv[1:]]))
