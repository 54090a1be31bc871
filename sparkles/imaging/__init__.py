"""Encoded bytes or Spark's image struct in, RGB arrays out; no Spark inside."""

from sparkles.imaging.decode import MAX_PIXELS, decode_image
from sparkles.imaging.pixels import read_pixels
from sparkles.imaging.resize import resize_image
from sparkles.imaging.struct import struct_to_image

__all__ = ["MAX_PIXELS", "decode_image", "read_pixels", "resize_image", "struct_to_image"]
