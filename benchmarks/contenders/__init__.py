"""The ways to featurize photos that are compared; each runs in a process of its own."""
