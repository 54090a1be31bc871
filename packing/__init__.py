"""What `make package` builds: the wheel, and environments for ``spark-submit --archives``."""
