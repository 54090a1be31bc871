"""Before a job, a few photos on the web are tried, as those in S3 are."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from sparkles.errors import SourceError
from sparkles.workflow.featurization import check_photos
from tests.tables import made_table

NOBODY = "http://127.0.0.1:1/a.jpg"


def test_photos_on_hosts_that_do_not_answer_are_refused_before_the_job(
    spark: SparkSession, tmp_path: Path
) -> None:
    run = cast("Any", SimpleNamespace(spark=spark))
    local = [("1", f"file:{tmp_path}/1.jpg"), ("2", None)]
    check_photos(run, made_table(spark, "image_id string, uri string", local))
    web = made_table(spark, "image_id string, uri string", [*local, ("3", NOBODY)])
    with pytest.raises(SourceError, match=f"photos on the web.*for example {NOBODY}"):
        check_photos(run, web)
