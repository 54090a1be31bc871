"""The error of packing."""

__all__ = ["PackingError"]


class PackingError(Exception):
    """Packing failed; the message states what was expected, what was found and the remedy."""
