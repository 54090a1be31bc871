"""Every wrong configuration is an error with a remedy, also where EMR's mock accepts it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from sparkles.emr.config.findings import errors_of
from sparkles.emr.config.template import PLACEHOLDERS, fill, read_configuration
from sparkles.emr.config.validate import require_valid, validate
from sparkles.errors import SettingsError
from tests.emr.conftest import CONFIGURATIONS, spoil


def set_spark(content: dict[str, Any], name: str, value: str | None) -> dict[str, Any]:
    spoiled = copy.deepcopy(content)
    (defaults,) = [
        each["Properties"]
        for each in spoiled["Configurations"]
        if each["Classification"] == "spark-defaults"
    ]
    defaults.pop(name, None)
    if value is not None:
        defaults[name] = value
    return spoiled


FLEET = "Instances.InstanceFleets"
BOOTSTRAP = {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/x.sh"}}
STEP = {"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar"}}
EMPTY = {"Classification": "spark-env", "Properties": {}}

# path, value (None: removed), where the finding is, part of its text
WRONG: list[tuple[str, Any, str, str]] = [
    ("ReleaseLabel", "banana", "ReleaseLabel", "Expected emr-7.14.0"),
    ("ReleaseLabel", "emr-7.14.1", "ReleaseLabel", "Did you mean emr-7.14.0"),
    ("ReleaseLabel", None, "ReleaseLabel", "is missing"),
    ("ReleaseLabel", "emr-spark-8.1.0", "Applications[0].Name", "does not include Hadoop"),
    ("Applications", [{"Name": "Hadoop"}], "Applications", "Spark is missing"),
    ("Applications.0.Name", "Ha doop!", "Applications[0].Name", "expected an application"),
    ("Name", None, "Name", "is required but missing"),
    ("Name", "n" * 257, "Name", "at most 256 characters"),
    ("Nmae", "mine", "Nmae", "Did you mean Name?"),
    ("Instances.KeepJobFlowAliveWhenNoSteps", "yes", "Instances.Keep", "expected true or false"),
    ("StepConcurrencyLevel", "2", "StepConcurrencyLevel", "expected a whole number"),
    ("StepConcurrencyLevel", True, "StepConcurrencyLevel", "expected a whole number, got True"),
    ("StepConcurrencyLevel", 257, "StepConcurrencyLevel", "expected 1 to 256, got 257"),
    ("StepConcurrencyLevel", 0, "StepConcurrencyLevel", "expected 1 to 256, got 0"),
    ("ScaleDownBehavior", "NEVER", "ScaleDownBehavior", "expected one of TERMINATE_AT_INSTANCE"),
    (f"{FLEET}.0", None, "Instances", "expected one group of role MASTER, got 0"),
    (f"{FLEET}.1", None, "Instances", "expected one group of role CORE, got 0"),
    (f"{FLEET}.0.InstanceFleetType", "HEAD", f"{FLEET}[0].InstanceFleetType", "MASTER, CORE, TASK"),
    (f"{FLEET}.0.TargetOnDemandCapacity", 2, f"{FLEET}[0]", "expected 1 master, or 3"),
    (f"{FLEET}.0.TargetSpotCapacity", 1, f"{FLEET}[0]", "reclaims a Spot master, the whole"),
    (f"{FLEET}.1.TargetOnDemandCapacity", 0, f"{FLEET}[1]", "expected at least 1 core node"),
    (f"{FLEET}.1.TargetOnDemandCapacity", -1, f"{FLEET}[1].TargetOn", "expected at least 0"),
    (f"{FLEET}.1.InstanceTypeConfigs", [], f"{FLEET}[1]", "at least one instance type"),
    (f"{FLEET}.1.InstanceTypeConfigs.0.InstanceType", "m7i.4xlage", f"{FLEET}[1]",
     "EC2 has no instance type 'm7i.4xlage'. Did you mean"),
    (f"{FLEET}.1.InstanceTypeConfigs.0.InstanceType", "m7g.4xlarge", f"{FLEET}[1]", "ARM"),
    (f"{FLEET}.1.InstanceTypeConfigs", [{"InstanceType": "m7i.4xlarge"}] * 6, f"{FLEET}[1]",
     "expected at most 5 instance types without an AllocationStrategy, got 6"),
    (f"{FLEET}.2.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes", 4,
     f"{FLEET}[2].LaunchSpecifications", "expected 5 to 1,440, got 4"),
    (f"{FLEET}.2.LaunchSpecifications.SpotSpecification.TimeoutAction", "WAIT",
     f"{FLEET}[2].LaunchSpecifications", "SWITCH_TO_ON_DEMAND, TERMINATE_CLUSTER"),
    ("Instances.MasterInstanceType", "m4.xlarge", "Instances", "either InstanceFleets or"),
    ("ManagedScalingPolicy.ComputeLimits.UnitType", "Instances", "ManagedScalingPolicy",
     "expected InstanceFleetUnits with fleets"),
    ("ManagedScalingPolicy.ComputeLimits.MinimumCapacityUnits", 13, "ManagedScalingPolicy",
     "expected 1 <= minimum <= maximum, got 13 and 12"),
    ("ManagedScalingPolicy.ComputeLimits.MaximumCapacityUnits", 8, "ManagedScalingPolicy",
     "starts with 12 units, more than 8"),
    ("ManagedScalingPolicy.ComputeLimits.MaximumCoreCapacityUnits", 13, "ManagedScalingPolicy",
     "expected at most 12, got 13"),
    ("Instances.KeepJobFlowAliveWhenNoSteps", True, "AutoTerminationPolicy",
     "costs money until somebody terminates it"),
    ("AutoTerminationPolicy", {"IdleTimeout": 3600}, "AutoTerminationPolicy", "kept alive"),
    ("AutoTerminationPolicy", {"IdleTimeout": 59}, "AutoTerminationPolicy.IdleTimeout",
     "expected 60 to 604,800 seconds, got 59"),
    ("AutoTerminationPolicy", {"IdleTimeout": 604_801}, "AutoTerminationPolicy.IdleTimeout",
     "604,800"),
    ("AutoTerminationPolicy", {}, "AutoTerminationPolicy.IdleTimeout", "got None"),
    ("Instances.TerminationProtected", True, "Instances.TerminationProtected", "set it to false"),
    ("BootstrapActions", [BOOTSTRAP] * 17, "BootstrapActions", "expected at most 16, got 17"),
    ("BootstrapActions.0.ScriptBootstrapAction.Path", "install.sh", "BootstrapActions[0]",
     "expected s3://bucket/script.sh"),
    ("Steps", [STEP] * 257, "Steps", "expected at most 256, got 257"),
    ("Steps", [{**STEP, "ActionOnFailure": "EXPLODE"}], "Steps[0].ActionOnFailure",
     "expected one of TERMINATE_JOB_FLOW"),
    ("EbsRootVolumeSize", 15, "EbsRootVolumeSize", "expected 40 GiB or more"),
    ("EbsRootVolumeSize", None, "EbsRootVolumeSize", "got 15, the default"),
    ("EbsRootVolumeSize", 500, "EbsRootVolumeSize", "expected 15 to 100 GiB"),
    ("ServiceRole", None, "ServiceRole", "is missing: the role that EMR assumes"),
    ("JobFlowRole", None, "JobFlowRole", "the instance profile"),
    ("LogUri", None, "LogUri", "the logs are lost when the cluster ends"),
    ("LogUri", "/var/logs", "LogUri", "expected s3://bucket/prefix/"),
    ("Tags", [{"Key": str(i), "Value": ""} for i in range(51)], "Tags", "at most 50, got 51"),
    ("Configurations.0.Properties.maximizeResourceAllocation", "true", "Configurations[spark]",
     "one large executor per node"),
    ("Configurations.0.Properties.maximizeResourceAllocation", True, "Configurations[0].Properties",
     "expected text in quotes, got True"),
    ("Configurations.2", EMPTY, "Configurations[spark-env].export.PYSPARK_PYTHON", "is missing"),
    ("Configurations.2.Configurations.0.Properties.PYSPARK_PYTHON", "/usr/bin/python3",
     "Configurations[spark-env].export.PYSPARK_PYTHON", "is Python 3.9 on emr-7.14.0"),
    ("Configurations.2.Configurations.0.Properties.PYSPARK_PYTHON", "/usr/bin/python3.9",
     "Configurations[spark-env].export.PYSPARK_PYTHON", "expected Python 3.11"),
    ("Configurations.2.Configurations.0.Properties.PYSPARK_DRIVER_PYTHON", "/opt/python",
     "Configurations[spark-env].export", "the same Python"),
    ("Configurations.3", EMPTY, "Configurations[livy-env].export.PYSPARK_PYTHON", "notebooks"),
]  # fmt: skip

WRONG_SPARK = [
    ("spark.executor.memory", "100g", "does not fit m7i.4xlarge, where YARN allocates 54,272"),
    ("spark.executor.memory", "lots", "expected a size such as 4g or 4096m, got 'lots'"),
    ("spark.executor.memory", None, "`sparkles emr size` prints"),
    ("spark.executor.cores", None, "`sparkles emr size` prints"),
    ("spark.executor.cores", "17", "an executor of 17 cores does not fit m7i.4xlarge (16 vCPU)"),
    ("spark.executor.memoryOverhead", "512m", "cannot hold 4 Python workers of 740 MiB"),
    ("spark.executor.memoryOverhead", None, "410 MiB cannot hold 4 Python workers"),
    ("spark.dynamicAllocation.enabled", None, "is on by default on EMR"),
    ("spark.dynamicAllocation.enabled", "true", "is on by default on EMR"),
    ("spark.executor.instances", None, "Spark starts two executors"),
    ("spark.speculation", "true", "through the network twice"),
]


@pytest.mark.parametrize(
    ("path", "value", "where", "what"), WRONG, ids=[f"{c[0]}={str(c[1])[:20]}" for c in WRONG]
)
def test_a_wrong_field_is_an_error(
    cluster_request: dict[str, Any], path: str, value: Any, where: str, what: str
) -> None:
    found = errors_of(validate(spoil(cluster_request, path, value)))
    shown = [str(each) for each in found]
    assert any(each.where.startswith(where) and what in each.what for each in found), shown


@pytest.mark.parametrize(("name", "value", "what"), WRONG_SPARK)
def test_a_wrong_spark_setting_is_an_error(
    cluster_request: dict[str, Any], name: str, value: str | None, what: str
) -> None:
    found = errors_of(validate(set_spark(cluster_request, name, value)))
    assert any(what in each.what for each in found), found


def test_containers_may_be_as_large_as_yarn_allocates(cluster_request: dict[str, Any]) -> None:
    def fits(overhead: int) -> bool:
        changed = set_spark(cluster_request, "spark.executor.memoryOverhead", f"{overhead}m")
        return not errors_of(validate(changed))

    assert fits(54_272 - 4096)
    assert not fits(54_272 - 4096 + 1)


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("SecurityConfiguration", None, "not encrypted at rest"),
        ("Tags", [], "hard to find on the bill"),
        (f"{FLEET}.1.InstanceTypeConfigs.0.InstanceType", "m6i.4xlarge", "was not checked"),
    ],
)
def test_advice_is_not_an_error(
    cluster_request: dict[str, Any], path: str, value: Any, what: str
) -> None:
    found = validate(spoil(cluster_request, path, value))
    assert not errors_of(found)
    assert [each for each in found if what in each.what]


def test_a_failed_concurrent_step_must_not_end_the_cluster(cluster_request: dict[str, Any]) -> None:
    cluster_request["Steps"] = [{**STEP, "ActionOnFailure": "TERMINATE_CLUSTER"}]
    assert not errors_of(validate(cluster_request))
    cluster_request["StepConcurrencyLevel"] = 2
    (finding,) = errors_of(validate(cluster_request))
    assert finding.where == "Steps[0].ActionOnFailure"


def as_groups(content: dict[str, Any]) -> dict[str, Any]:
    content = copy.deepcopy(content)
    del content["ManagedScalingPolicy"]
    del content["Instances"]["InstanceFleets"]
    content["Instances"]["InstanceGroups"] = [
        {"InstanceRole": role, "InstanceType": "m7i.4xlarge", "InstanceCount": count}
        for role, count in (("MASTER", 1), ("CORE", 1), ("TASK", 2))
    ]
    return content


def test_groups_are_checked_like_fleets(cluster_request: dict[str, Any]) -> None:
    assert not errors_of(validate(as_groups(cluster_request)))
    spot = spoil(as_groups(cluster_request), "Instances.InstanceGroups.0.Market", "SPOT")
    assert "reclaims a Spot master" in errors_of(validate(spot))[0].what
    both = as_groups(cluster_request)
    both["Instances"]["InstanceFleets"] = cluster_request["Instances"]["InstanceFleets"]
    assert "InstanceFleets and InstanceGroups" in errors_of(validate(both))[0].what
    scaled = {
        **as_groups(cluster_request),
        "ManagedScalingPolicy": cluster_request["ManagedScalingPolicy"],
    }
    assert "expected Instances or VCPU with groups" in errors_of(validate(scaled))[0].what


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ReleaseLabel", "banana"),
        (f"{FLEET}.0", None),
        ("BootstrapActions", [BOOTSTRAP] * 17),
        (f"{FLEET}.1.InstanceTypeConfigs.0.InstanceType", "m99.banana"),
        ("Instances.KeepJobFlowAliveWhenNoSteps", True),
    ],
)
def test_errors_that_the_mock_accepts(
    account: Any, cluster_request: dict[str, Any], path: str, value: Any
) -> None:
    spoiled = spoil(cluster_request, path, value)
    assert errors_of(validate(spoiled))
    filled = fill(spoiled, PLACEHOLDERS)
    assert account.client("emr").run_job_flow(**filled)["JobFlowId"].startswith("j-")


@pytest.mark.parametrize("path", sorted(CONFIGURATIONS.glob("*.json")), ids=lambda p: p.name)
def test_shipped_configurations_are_valid(path: Path) -> None:
    if path.name != "security-configuration.json":
        assert validate(read_configuration(str(path))) == []


def test_one_line_lists_all_errors(cluster_request: dict[str, Any]) -> None:
    wrong = spoil(spoil(cluster_request, "ReleaseLabel", "banana"), "LogUri", None)
    with pytest.raises(SettingsError, match=r"^configuration x.json: ReleaseLabel: .*; LogUri: "):
        require_valid(wrong, "x.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not valid JSON"),
        ("{", "is not valid JSON"),
        ("[]", "expected a JSON object .* got a list"),
        ('{"Name": "a", "Name": "b"}', "Name appears twice"),
        (json.dumps({"LogUri": "s3://${buckt}/"}), r"\$\{buckt\}. Did you mean bucket"),
    ],
)
def test_a_malformed_file_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        validate(read_configuration(str(path)))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_configuration(str(tmp_path / "absent.json"))
