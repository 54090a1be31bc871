"""``python -m sparkles.cli``."""

import sys

from sparkles.cli.program import main

if __name__ == "__main__":
    sys.exit(main())
