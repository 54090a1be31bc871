"""The rules for EMR Serverless: each wrong field is an error."""

from __future__ import annotations

from typing import Any

import pytest

from sparkles.emr.config.findings import errors_of
from sparkles.emr.config.validate import validate
from tests.emr.conftest import spoil

SUBMIT = "StartJobRun.jobDriver.sparkSubmit.sparkSubmitParameters"


def with_conf(serverless_request: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    submit = serverless_request["StartJobRun"]["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    assert old in submit
    return spoil(serverless_request, SUBMIT, submit.replace(old, new))


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("CreateApplication", None, "CreateApplication: is required"),
        ("StartJbRun", {}, "StartJbRun: there is no such field. Did you mean StartJobRun"),
        ("CreateApplication.releaseLabel", "banana", "releaseLabel: 'banana' is not a release"),
        ("CreateApplication.type", "HIVE", "expected SPARK"),
        ("CreateApplication.architecture", "ARM64", "the environment is for X86_64"),
        ("CreateApplication.architecture", "Z80", "expected one of ARM64, X86_64"),
        (
            "CreateApplication.autoStopConfiguration.enabled",
            False,
            "idle workers continue to cost money",
        ),
        ("StartJobRun.executionRoleArn", None, "executionRoleArn: is required but missing"),
        ("StartJobRun.jobDriver", {}, "sparkSubmit: is required"),
    ],
)
def test_a_wrong_field_is_an_error(
    serverless_request: dict[str, Any], path: str, value: Any, what: str
) -> None:
    found = [str(each) for each in errors_of(validate(spoil(serverless_request, path, value)))]
    assert any(what in each for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("spark.archives=", "spark.archive=", "spark.archives with the environment is missing"),
        ("spark.executorEnv.PYSPARK_PYTHON", "spark.x", "executorEnv.PYSPARK_PYTHON is missing"),
        ("spark.executor.cores=4", "spark.executor.cores=5", "expected 1, 2, 4, 8, 16, got 5"),
        (
            "spark.executor.memory=8g",
            "spark.executor.memory=30g",
            "may have 8 to 30 GB in steps of 1",
        ),
        ("spark.executor.memoryOverhead=4g", "spark.executor.memoryOverhead=1g", "cannot hold 4"),
        ("spark.driver.memory=8g", "spark.driver.memory=8192m", "expected sizes such as 8g"),
        (
            "spark.driver.cores=4",
            "spark.driver.cores=8",
            "drivers with 8 vCPU may have 16 to 60 GB",
        ),
    ],
)
def test_a_wrong_worker_size_is_an_error(
    serverless_request: dict[str, Any], old: str, new: str, what: str
) -> None:
    found = [each.what for each in errors_of(validate(with_conf(serverless_request, old, new)))]
    assert any(what in each for each in found), found
