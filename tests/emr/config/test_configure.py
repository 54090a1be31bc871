"""Configurations that are written, and the files in ``emr/``."""

from __future__ import annotations

import json
import shlex

import pytest

from sparkles.cli import main
from sparkles.emr.config.spark_rules import properties_of
from tests.emr.conftest import CONFIGURATIONS

FILES = {
    "r5": ["--instance", "r5.xlarge", "--count", "3"],
    "m4": ["--instance", "m4.xlarge", "--master", "m4.xlarge", "--count", "3"],
    "m7i": ["--instance", "m7i.4xlarge", "--count", "3"],
    "g5": ["--instance", "g5.xlarge", "--count", "2"],
    "serverless": ["--serverless", "--count", "12"],
}
LANES = {"": "emr-7.14.0", "-spark-4": "emr-spark-8.1.0"}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("name", FILES)
def test_shipped_files_are_what_the_command_writes(
    capsys: pytest.CaptureFixture[str], name: str, lane: str
) -> None:
    # To update one: sparkles emr configure ... > emr/NAME.json, with the arguments above.
    arguments = ["emr", "configure", *FILES[name], "--release", LANES[lane]]
    assert main(arguments) == 0
    assert capsys.readouterr().out == (CONFIGURATIONS / f"{name}{lane}.json").read_text()


def test_every_shipped_file_is_checked() -> None:
    expected = {f"{name}{lane}.json" for name in FILES for lane in LANES}
    assert {path.name for path in CONFIGURATIONS.glob("*.json")} == {
        *expected, "security-configuration.json"
    }  # fmt: skip


def test_the_r5_cluster_requests_what_the_job_needs() -> None:
    r5 = json.loads((CONFIGURATIONS / "r5.json").read_text())
    roles = {fleet["InstanceFleetType"]: fleet for fleet in r5["Instances"]["InstanceFleets"]}
    assert roles["MASTER"]["TargetSpotCapacity"] == roles["CORE"]["TargetSpotCapacity"] == 0
    assert roles["TASK"]["TargetSpotCapacity"] == 2
    spot = roles["TASK"]["LaunchSpecifications"]["SpotSpecification"]
    assert spot["AllocationStrategy"] == "price-capacity-optimized"
    assert spot["TimeoutAction"] == "SWITCH_TO_ON_DEMAND"
    defaults = properties_of(r5, "spark-defaults")
    assert defaults["spark.executor.instances"] == "3"
    for environment in ("spark-env", "livy-env"):
        exported = properties_of(r5, environment, "export")
        assert set(exported.values()) == {"/mnt/sparkles/environment/bin/python"}
    assert not properties_of(r5, "spark-env")


def test_gpu_nodes_install_the_gpu_environment() -> None:
    g5 = json.loads((CONFIGURATIONS / "g5.json").read_text())
    arguments = g5["BootstrapActions"][0]["ScriptBootstrapAction"]["Args"]
    assert "${gpu_requirements}" in arguments
    assert "${driver_archive}" not in arguments


def test_only_releases_with_hadoop_have_hadoop_settings() -> None:
    for name, expected in (("m7i", True), ("m7i-spark-4", False)):
        content = json.loads((CONFIGURATIONS / f"{name}.json").read_text())
        assert ("yarn-site" in str(content["Configurations"])) is expected


def test_serverless_driver_and_executors_use_the_environment() -> None:
    content = json.loads((CONFIGURATIONS / "serverless.json").read_text())
    submit = content["StartJobRun"]["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    words = shlex.split(submit)
    assert words[::2] == ["--conf"] * (len(words) // 2)
    conf = dict(word.split("=", 1) for word in words[1::2])
    assert conf["spark.archives"] == "${driver_archive_uri}#environment"
    assert conf["spark.executorEnv.PYSPARK_PYTHON"] == "./environment/bin/python"
