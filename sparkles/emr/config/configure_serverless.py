"""Write the configuration of an EMR Serverless application and its job run."""

from __future__ import annotations

from sparkles.emr.config.template import JsonObject
from sparkles.emr.cost.catalog import Release

__all__ = ["configure_serverless"]

_CORES, _HEAP, _DRIVER_HEAP = 4, "8g", "8g"
_OVERHEAD = "4g"


def configure_serverless(release: Release, executors: int) -> JsonObject:
    """Write the requests ``CreateApplication`` and ``StartJobRun``.

    Parameters
    ----------
    release
        The EMR release.
    executors
        The number of executors, of four vCPUs each.

    Returns
    -------
    dict
        Both requests by name, with ``${...}`` for values that differ between accounts.
    """
    python = "./environment/bin/python"
    properties = {
        "spark.archives": "${driver_archive_uri}#environment",
        "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": python,
        "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": python,
        "spark.executorEnv.PYSPARK_PYTHON": python,
        "spark.driver.cores": "4",
        "spark.driver.memory": _DRIVER_HEAP,
        "spark.driver.memoryOverhead": _OVERHEAD,
        "spark.executor.cores": str(_CORES),
        "spark.executor.memory": _HEAP,
        "spark.executor.memoryOverhead": _OVERHEAD,
        "spark.executor.instances": str(executors),
        "spark.dynamicAllocation.enabled": "false",
        "spark.emr-serverless.executor.disk": "40g",
    }
    submit = " ".join(f"--conf {name}={value}" for name, value in properties.items())
    return {
        "CreateApplication": {
            "name": "sparkles",
            "releaseLabel": release.label,
            "type": "SPARK",
            "architecture": "X86_64",
            "autoStartConfiguration": {"enabled": True},
            "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 5},
            "maximumCapacity": {
                "cpu": f"{_CORES * (executors + 1)} vCPU",
                "memory": f"{16 * (executors + 1)} GB",
            },
            "tags": {"project": "sparkles"},
        },
        "StartJobRun": {
            "name": "sparkles",
            "executionRoleArn": "arn:aws:iam::${account}:role/SparklesServerlessJob",
            "executionTimeoutMinutes": 720,
            "jobDriver": {
                "sparkSubmit": {
                    "entryPoint": "${entry_point}",
                    "entryPointArguments": ["${arguments}"],
                    "sparkSubmitParameters": submit,
                }
            },
            "configurationOverrides": {
                "monitoringConfiguration": {
                    "s3MonitoringConfiguration": {"logUri": "s3://${bucket}/logs/"}
                }
            },
            "tags": {"project": "sparkles"},
        },
    }
