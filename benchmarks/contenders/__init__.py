"""The programs that are compared; each featurizes photos in a separate process."""
