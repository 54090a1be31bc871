"""Rules for EMR Serverless requests whose shape is right."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from sparkles.emr.config.findings import Finding
from sparkles.emr.config.shape import check_shape, input_shape
from sparkles.emr.config.template import Request
from sparkles.emr.cost.catalog import releases
from sparkles.emr.cost.tables import throughput_table
from sparkles.errors import nearest

__all__ = ["check_serverless"]

# GiB by vCPU: minimum, maximum and step, from EMR Serverless' user guide, "worker configurations".
_WORKERS = {1: (2, 8, 1), 2: (4, 16, 1), 4: (8, 30, 1), 8: (16, 60, 4), 16: (32, 120, 8)}
_OPERATIONS = ("CreateApplication", "StartJobRun")
_GIVEN_LATER = {"clientToken", "applicationId"}
_CONF = re.compile(r"([\w.-]+)=(.*)")


def check_serverless(content: Request) -> Iterator[Finding]:
    """Check a configuration that consists of ``CreateApplication`` and ``StartJobRun``.

    Yields
    ------
    Finding
    """
    for name in content:
        if name not in _OPERATIONS:
            yield Finding(name, f"there is no such field.{nearest(name, _OPERATIONS)}")
    shaped = True
    for name in _OPERATIONS:
        if name not in content:
            yield Finding(name, "is required but missing")
            shaped = False
            continue
        for finding in check_shape(content[name], input_shape("emr-serverless", name), name):
            if finding.where.rpartition(".")[2] not in _GIVEN_LATER:
                shaped = False
                yield finding
    if shaped:
        yield from _check_application(content["CreateApplication"])
        yield from _check_job(content["StartJobRun"])


def _check_application(application: Mapping[str, Any]) -> Iterator[Finding]:
    where = "CreateApplication"
    label = application["releaseLabel"]
    if label not in releases():
        yield Finding(
            f"{where}.releaseLabel",
            f"{label!r} is not a release that Sparkles supports.{nearest(label, releases())} "
            f"Expected {' or '.join(releases())}",
        )
    if application["type"].upper() != "SPARK":
        yield Finding(f"{where}.type", f"expected SPARK, got {application['type']!r}")
    if application.get("architecture", "X86_64") != "X86_64":
        yield Finding(f"{where}.architecture", "the environment is for X86_64")
    if not application.get("autoStopConfiguration", {}).get("enabled", True):
        yield Finding(
            f"{where}.autoStopConfiguration",
            "without it, idle workers continue to cost money; enable it",
        )
    if "maximumCapacity" not in application:
        yield Finding(f"{where}.maximumCapacity", "nothing limits what a job may cost", False)


def _check_job(job: Mapping[str, Any]) -> Iterator[Finding]:
    where = "StartJobRun.jobDriver.sparkSubmit"
    submit = job.get("jobDriver", {}).get("sparkSubmit")
    if not submit:
        yield Finding(where, "is required but missing")
        return
    words = shlex.split(submit.get("sparkSubmitParameters", ""))
    conf = {}
    for flag, value in itertools.pairwise(words):
        if flag == "--conf" and (match := _CONF.fullmatch(value)):
            conf[match[1]] = match[2]
    if "spark.archives" not in conf:
        yield Finding(f"{where}.sparkSubmitParameters", "spark.archives with the environment is "
                      "missing: Sparkles would not be installed on the workers")  # fmt: skip
    for name in ("spark.emr-serverless.driverEnv.PYSPARK_PYTHON",
                 "spark.executorEnv.PYSPARK_PYTHON"):  # fmt: skip
        if name not in conf:
            yield Finding(f"{where}.sparkSubmitParameters", f"{name} is missing")
    for role in ("driver", "executor"):
        yield from _check_worker(role, conf, where)


def _check_worker(role: str, conf: Mapping[str, str], where: str) -> Iterator[Finding]:
    cores = conf.get(f"spark.{role}.cores", "4")
    heap, overhead = (conf.get(f"spark.{role}.{name}", "") for name in ("memory", "memoryOverhead"))
    sizes = [re.fullmatch(r"(\d+)[gG]b?", text) for text in (heap, overhead)]
    if not cores.isdigit() or int(cores) not in _WORKERS:
        yield Finding(
            f"{where}.sparkSubmitParameters",
            f"spark.{role}.cores: expected {', '.join(map(str, _WORKERS))}, got {cores}",
        )
        return
    if sizes[0] is None or sizes[1] is None:
        yield Finding(
            f"{where}.sparkSubmitParameters",
            f"spark.{role}.memory and spark.{role}.memoryOverhead: expected sizes such as 8g, got "
            f"{heap or 'none'} and {overhead or 'none'}",
        )
        return
    total = int(sizes[0][1]) + int(sizes[1][1])
    least, most, step = _WORKERS[int(cores)]
    if not least <= total <= most or total % step:
        yield Finding(
            f"{where}.sparkSubmitParameters",
            f"{role}s with {cores} vCPU may have {least} to {most} GB in steps of {step}, memory "
            f"and overhead together; got {total}",
        )
    workers = int(cores) * throughput_table()["worker_mb"] / 1024
    if role == "executor" and int(sizes[1][1]) < workers:
        yield Finding(
            f"{where}.sparkSubmitParameters",
            f"spark.executor.memoryOverhead cannot hold {cores} Python workers: expected "
            f"{workers:.1f} GB or more, got {sizes[1][1]}",
        )
