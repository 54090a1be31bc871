"""Write a cluster configuration, in boto3's shape, for an instance type and a number of nodes."""

from __future__ import annotations

from sparkles.emr.config.template import JsonObject
from sparkles.emr.cost.catalog import Instance, Release
from sparkles.emr.cost.sizing import Sizing

__all__ = ["BOOTSTRAPS", "INTERPRETER", "configure"]

INTERPRETER = "/mnt/sparkles/environment/bin/python"  # where bootstrap/install.sh puts it
_ROOT_GB, _DATA_GB = 40, 64
_SPOT_MINUTES = 15

# The arguments of the bootstrap action: archives, or a lock file for nodes with GPUs.
BOOTSTRAPS = {
    "archive": [
        *("--driver-archive", "${driver_archive}"),
        *("--executor-archive", "${executor_archive}"),
    ],
    "requirements": [
        *("--driver-requirements", "${gpu_requirements}"),
        *("--executor-requirements", "${gpu_requirements}"),
        *("--wheel", "${wheel}"),
    ],
}


def configure(name: str, release: Release, sizing: Sizing, master: Instance) -> JsonObject:
    """Write a ``run_job_flow`` request, with ``${...}`` for values that differ between accounts.

    One node is an on-demand core node. The others are Spot task nodes, which switch to on-demand
    where there is no Spot capacity. A unit of capacity is one executor, so that managed scaling
    counts in the unit that Spark requests.

    Parameters
    ----------
    name
        The cluster's name, without the prefix ``sparkles-``.
    release
        The EMR release.
    sizing
        The executors, from :func:`~sparkles.emr.cost.sizing.size`.
    master
        The master's instance type; the master converts the network and runs Spark's driver.

    Returns
    -------
    dict
        The arguments of boto3's ``run_job_flow`` and Airflow's ``EmrCreateJobFlowOperator``.
    """
    units, core = sizing.executors, sizing.per_node
    return {
        "Name": f"sparkles-{name}",
        "ReleaseLabel": release.label,
        "Applications": [{"Name": each} for each in release.applications],
        "LogUri": "s3://${bucket}/logs/",
        "ServiceRole": "SparklesEmrService",
        "JobFlowRole": "SparklesEmrNodes",
        "SecurityConfiguration": "sparkles-encryption",
        "EbsRootVolumeSize": _ROOT_GB,
        "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
        "StepConcurrencyLevel": 1,
        "Instances": {
            "InstanceFleets": _fleets(sizing, master),
            "KeepJobFlowAliveWhenNoSteps": False,
            "TerminationProtected": False,
            "UnhealthyNodeReplacement": True,
        },
        "ManagedScalingPolicy": {
            "ComputeLimits": {
                "UnitType": "InstanceFleetUnits",
                "MinimumCapacityUnits": core,
                "MaximumCapacityUnits": units,
                "MaximumOnDemandCapacityUnits": units,
                "MaximumCoreCapacityUnits": core,
            }
        },
        "BootstrapActions": [
            {
                "Name": "Sparkles",
                "ScriptBootstrapAction": {
                    "Path": "${bootstrap}",
                    "Args": BOOTSTRAPS["requirements" if sizing.instance.gpu else "archive"],
                },
            }
        ],
        "Configurations": _configurations(release, sizing),
        "Tags": [
            {"Key": "project", "Value": "sparkles"},
            {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"},
        ],
    }


def _fleets(sizing: Sizing, master: Instance) -> list[JsonObject]:
    units, core = sizing.executors, sizing.per_node
    fleets = [
        _fleet("MASTER", master, units=1, on_demand=1),
        _fleet("CORE", sizing.instance, units=core, on_demand=core),
    ]
    if units > core:
        task = _fleet("TASK", sizing.instance, units=core, spot=units - core)
        task["LaunchSpecifications"] = {
            "SpotSpecification": {
                "TimeoutDurationMinutes": _SPOT_MINUTES,
                "TimeoutAction": "SWITCH_TO_ON_DEMAND",
                "AllocationStrategy": "price-capacity-optimized",
            }
        }
        fleets.append(task)
    return fleets


def _fleet(
    role: str, instance: Instance, units: int, on_demand: int = 0, spot: int = 0
) -> JsonObject:
    return {
        "Name": role.lower(),
        "InstanceFleetType": role,
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": [
            {
                "InstanceType": instance.name,
                "WeightedCapacity": units,
                "EbsConfiguration": {
                    "EbsBlockDeviceConfigs": [
                        {
                            "VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": _DATA_GB},
                            "VolumesPerInstance": 1,
                        }
                    ]
                },
            }
        ],
    }


def _configurations(release: Release, sizing: Sizing) -> list[JsonObject]:
    interpreters = {"PYSPARK_PYTHON": INTERPRETER, "PYSPARK_DRIVER_PYTHON": INTERPRETER}
    found = [
        {"Classification": "spark", "Properties": {"maximizeResourceAllocation": "false"}},
        {"Classification": "spark-defaults", "Properties": sizing.spark_properties()},
        _exported("spark-env", interpreters),
        _exported("livy-env", interpreters),
    ]
    if "Hadoop" in release.applications:
        found.append(
            {
                "Classification": "yarn-site",
                "Properties": {
                    "yarn.nodemanager.vmem-check-enabled": "false",
                    # Keep the application master off Spot nodes.
                    "yarn.node-labels.enabled": "true",
                    "yarn.node-labels.am.default-node-label-expression": "CORE",
                },
            }
        )
    return found


def _exported(classification: str, variables: dict[str, str]) -> JsonObject:
    export = {"Classification": "export", "Properties": variables}
    return {"Classification": classification, "Properties": {}, "Configurations": [export]}
