"""EMR configurations: written, filled in and validated."""
