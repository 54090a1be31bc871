"""Turn encoded bytes or Spark's image structs into RGB pixels, and read headers; without Spark."""

from sparkles.imaging.decode import MAX_PIXELS, decode_image
from sparkles.imaging.pixels import read_pixels
from sparkles.imaging.resize import resize_image
from sparkles.imaging.struct import struct_to_image

__all__ = ["MAX_PIXELS", "decode_image", "read_pixels", "resize_image", "struct_to_image"]
