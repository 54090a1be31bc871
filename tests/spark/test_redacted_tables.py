"""Spark redacts columns as Python redacts texts."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.redaction import redact
from sparkles.spark.redacted_tables import redact_table
from tests.test_redaction import HARMLESS, SIGNED


def test_columns_are_redacted_as_texts_are(spark: SparkSession) -> None:
    rows = [(text, text, None, text) for text in [*SIGNED, *HARMLESS]]
    table = spark.createDataFrame(rows, "label string, image_id string, error string, uri string")
    redacted = redact_table(table)
    assert redacted.schema == table.schema
    for label, image_id, error, uri in redacted.collect():
        assert image_id == uri == redact(label)
        assert error is None
