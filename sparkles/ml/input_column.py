"""Find out what kind of photo a column holds."""

from __future__ import annotations

from pyspark.sql.types import BinaryType, DataType, StringType, StructType

from sparkles.errors import SchemaError, nearest
from sparkles.worker.load import STRUCT_FIELDS, PhotoKind

__all__ = ["photo_kind"]


def photo_kind(schema: StructType, column: str) -> PhotoKind:
    """Distinguish URIs, encoded bytes and image structs by the column's type.

    Raises
    ------
    SchemaError
        If the column is missing or has another type.

    Examples
    --------
    >>> from pyspark.sql.types import StructField
    >>> photo_kind(StructType([StructField("content", BinaryType())]), "content")
    <PhotoKind.BYTES: 'bytes'>
    """
    if column not in schema.names:
        raise SchemaError(
            f"there is no column {column!r}.{nearest(column, schema.names)} "
            f"The columns are {', '.join(schema.names) or '(none)'}"
        )
    kind = _kind_of(schema[column].dataType)
    if kind is None:
        raise SchemaError(
            f"column {column!r} has type {schema[column].dataType.simpleString()}; expected string "
            "(URIs), binary (encoded photos) or an image struct, which format('image') reads"
        )
    return kind


def _kind_of(data_type: DataType) -> PhotoKind | None:
    if isinstance(data_type, StringType):
        return PhotoKind.URI
    if isinstance(data_type, BinaryType):
        return PhotoKind.BYTES
    if isinstance(data_type, StructType) and set(data_type.names) >= STRUCT_FIELDS:
        return PhotoKind.STRUCT
    return None
