"""What can go wrong while packing, told in one line."""

__all__ = ["PackingError"]


class PackingError(Exception):
    """Packing cannot go on; the message says what was expected, what came and the remedy."""
