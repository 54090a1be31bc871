"""Rules for cluster requests: what EMR rejects, or what wastes money, though the shape is right."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sparkles.emr.config.findings import Finding
from sparkles.emr.config.nodes import Group, groups_of
from sparkles.emr.config.shape import instance_types
from sparkles.emr.config.template import Request
from sparkles.emr.cost.catalog import PYTHON, releases
from sparkles.errors import nearest

__all__ = ["check_cluster"]

_BOOTSTRAPS, _STEPS, _TAGS = 16, 256, 50
_IDLE = range(60, 604_801)
_CONCURRENCY = range(1, 257)
_ROOT_VOLUME = range(15, 101)
_ROOT_NEEDED = 40
_SPOT_MINUTES = range(5, 1441)
_TYPES_IN_FLEET, _TYPES_WITH_STRATEGY = 5, 30
_TASK_GROUPS = 48
_APPLICATION = re.compile(r"[A-Za-z]+")
_S3 = re.compile(r"s3[an]?://[^/]+/.+")
_ENDS_CLUSTER = ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")


def check_cluster(request: Request) -> Iterator[Finding]:
    """Check everything except the Spark settings in a ``run_job_flow`` request of the right shape.

    Yields
    ------
    Finding
    """
    yield from _check_release(request)
    yield from _check_nodes(request)
    yield from _check_scaling(request)
    yield from _check_end(request)
    yield from _check_actions(request)
    yield from _check_account(request)


def _check_release(request: Request) -> Iterator[Finding]:
    label = request.get("ReleaseLabel")
    release = releases().get(label or "")
    if release is None:
        problem = f"{label!r} is not a release that Sparkles supports" if label else "is missing"
        hint = nearest(label, releases()) if label else ""
        known = " or ".join(f"{each.label} (Spark {each.spark})" for each in releases().values())
        yield Finding(
            "ReleaseLabel", f"{problem}.{hint} Expected {known}, which have Python {PYTHON}"
        )
        return
    names = [each.get("Name", "") for each in request.get("Applications", [])]
    if "spark" not in [name.lower() for name in names]:
        yield Finding("Applications", f"Spark is missing; add {{'Name': 'Spark'}} to {names}")
    for index, name in enumerate(names):
        where = f"Applications[{index}].Name"
        if not _APPLICATION.fullmatch(name):
            yield Finding(where, f"expected an application such as Spark or Livy, got {name!r}")
        elif name in release.absent:
            yield Finding(where, f"{release.label} does not include {name}; remove it")


def _check_nodes(request: Request) -> Iterator[Finding]:
    instances = request["Instances"]
    ways = [name for name in ("InstanceFleets", "InstanceGroups") if instances.get(name)]
    simple = [name for name in ("MasterInstanceType", "InstanceCount") if name in instances]
    if len(ways) + bool(simple) != 1:
        yield Finding(
            "Instances",
            "expected either InstanceFleets or InstanceGroups, got "
            f"{' and '.join([*ways, *simple]) or 'neither'}",
        )
        return
    if simple:
        yield Finding(
            "Instances",
            "use InstanceFleets or InstanceGroups instead of MasterInstanceType and "
            "InstanceCount: only those distinguish core nodes from task nodes",
        )
        return
    groups = groups_of(instances)
    yield from _check_roles(groups)
    for group in groups:
        yield from _check_group(group)


def _check_roles(groups: list[Group]) -> Iterator[Finding]:
    by_role = {role: [each for each in groups if each.role == role] for role in
               ("MASTER", "CORE", "TASK")}  # fmt: skip
    if len(by_role["MASTER"]) != 1:
        yield Finding(
            "Instances", f"expected one group of role MASTER, got {len(by_role['MASTER'])}"
        )
    if len(by_role["CORE"]) != 1:
        yield Finding(
            "Instances",
            f"expected one group of role CORE, got {len(by_role['CORE'])}: executors run on core "
            "and task nodes, and HDFS needs a core node",
        )
    most = 1 if groups and groups[0].is_fleet else _TASK_GROUPS
    if len(by_role["TASK"]) > most:
        yield Finding(
            "Instances", f"expected at most {most} of role TASK, got {len(by_role['TASK'])}"
        )
    for group in by_role["MASTER"]:
        if group.spot:
            yield Finding(
                group.where,
                "when AWS reclaims a Spot master, the whole cluster ends; use ON_DEMAND",
            )
        elif group.on_demand not in (1, 3):
            yield Finding(
                group.where, f"expected 1 master, or 3 for high availability, got {group.on_demand}"
            )
    for group in by_role["CORE"]:
        if group.on_demand + group.spot < 1:
            yield Finding(group.where, "expected at least 1 core node, got 0")
        elif group.spot:
            yield Finding(
                group.where,
                "reclaimed Spot core nodes lose their HDFS blocks; use Spot for TASK only",
                is_error=False,
            )


def _check_group(group: Group) -> Iterator[Finding]:
    if not group.types:
        yield Finding(group.where, "expected at least one instance type, got none")
    most = _TYPES_WITH_STRATEGY if group.has_strategy else _TYPES_IN_FLEET
    if len(group.types) > most:
        yield Finding(
            group.where,
            f"expected at most {most} instance types"
            f"{'' if group.has_strategy else ' without an AllocationStrategy'}, "
            f"got {len(group.types)}",
        )
    for name in group.types:
        if name not in instance_types():
            yield Finding(
                group.where, f"EC2 has no instance type {name!r}.{nearest(name, instance_types())}"
            )
        elif name.split(".")[0].endswith("g") or "gd." in name or "gn." in name:
            yield Finding(
                group.where,
                f"{name} has an ARM processor, but the environment is for x86_64; use m7i, r7i, "
                "c7i, r5 or m4",
            )
    if group.spot_minutes is not None and group.spot_minutes not in _SPOT_MINUTES:
        yield Finding(
            f"{group.where}.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes",
            f"expected {_range(_SPOT_MINUTES)}, got {group.spot_minutes}",
        )


def _check_scaling(request: Request) -> Iterator[Finding]:
    limits = request.get("ManagedScalingPolicy", {}).get("ComputeLimits")
    if not limits:
        return
    where = "ManagedScalingPolicy.ComputeLimits"
    fleets = bool(request["Instances"].get("InstanceFleets"))
    if fleets != (limits["UnitType"] == "InstanceFleetUnits"):
        yield Finding(
            f"{where}.UnitType",
            f"expected {'InstanceFleetUnits' if fleets else 'Instances or VCPU'} with "
            f"{'fleets' if fleets else 'groups'}, got {limits['UnitType']}",
        )
    least, most = limits["MinimumCapacityUnits"], limits["MaximumCapacityUnits"]
    if not 1 <= least <= most:
        yield Finding(where, f"expected 1 <= minimum <= maximum, got {least} and {most}")
    for name in ("MaximumOnDemandCapacityUnits", "MaximumCoreCapacityUnits"):
        if limits.get(name, 0) > most:
            yield Finding(f"{where}.{name}", f"expected at most {most}, got {limits[name]}")
    capacity = sum(g.on_demand + g.spot for g in groups_of(request["Instances"])
                   if g.role != "MASTER")  # fmt: skip
    if capacity > most:
        yield Finding(where, f"the cluster starts with {capacity} units, more than {most}")


def _check_end(request: Request) -> Iterator[Finding]:
    instances = request["Instances"]
    alive = instances.get("KeepJobFlowAliveWhenNoSteps", False)
    policy = request.get("AutoTerminationPolicy")
    if alive and not policy:
        yield Finding(
            "AutoTerminationPolicy",
            "a cluster that is kept alive costs money until somebody terminates it; add "
            "{'IdleTimeout': 3600}",
        )
    if policy and not alive:
        yield Finding(
            "AutoTerminationPolicy",
            "applies only to clusters that are kept alive; remove it, or set "
            "Instances.KeepJobFlowAliveWhenNoSteps to true",
        )
    idle = (policy or {}).get("IdleTimeout")
    if policy is not None and idle not in _IDLE:
        yield Finding(
            "AutoTerminationPolicy.IdleTimeout", f"expected {_range(_IDLE)} seconds, got {idle}"
        )
    if not alive and instances.get("TerminationProtected"):
        yield Finding(
            "Instances.TerminationProtected",
            "prevents the cluster from ending after its steps; set it to false, or keep the "
            "cluster alive",
        )
    concurrency = request.get("StepConcurrencyLevel", 1)
    if concurrency not in _CONCURRENCY:
        yield Finding("StepConcurrencyLevel", f"expected {_range(_CONCURRENCY)}, got {concurrency}")
    steps = request.get("Steps", [])
    if len(steps) > _STEPS:
        yield Finding("Steps", f"expected at most {_STEPS}, got {len(steps)}")
    for index, step in enumerate(steps):
        if concurrency > 1 and step.get("ActionOnFailure") in _ENDS_CLUSTER:
            yield Finding(
                f"Steps[{index}].ActionOnFailure",
                "with concurrent steps, expected CONTINUE or CANCEL_AND_WAIT, got "
                f"{step['ActionOnFailure']}",
            )


def _check_actions(request: Request) -> Iterator[Finding]:
    actions = request.get("BootstrapActions", [])
    if len(actions) > _BOOTSTRAPS:
        yield Finding("BootstrapActions", f"expected at most {_BOOTSTRAPS}, got {len(actions)}")
    for index, action in enumerate(actions):
        path = action["ScriptBootstrapAction"]["Path"]
        if not _S3.fullmatch(path):
            yield Finding(
                f"BootstrapActions[{index}].ScriptBootstrapAction.Path",
                f"expected s3://bucket/script.sh, got {path!r}",
            )
    root = request.get("EbsRootVolumeSize", _ROOT_VOLUME.start)
    if root not in _ROOT_VOLUME:
        yield Finding("EbsRootVolumeSize", f"expected {_range(_ROOT_VOLUME)} GiB, got {root}")
    elif actions and root < _ROOT_NEEDED:
        yield Finding(
            "EbsRootVolumeSize",
            f"expected {_ROOT_NEEDED} GiB or more for the environment, got {root}"
            f"{'' if 'EbsRootVolumeSize' in request else ', the default'}",
        )


def _check_account(request: Request) -> Iterator[Finding]:
    for name, what in (
        ("ServiceRole", "the role that EMR assumes"),
        ("JobFlowRole", "the instance profile of the nodes"),
    ):
        if not request.get(name):
            yield Finding(name, f"is missing: {what}; see emr/iam")
    if not request.get("LogUri"):
        yield Finding(
            "LogUri", "without it, the logs are lost when the cluster ends; set it to s3://…/logs/"
        )
    elif not _S3.match(request["LogUri"] + "/"):
        yield Finding("LogUri", f"expected s3://bucket/prefix/, got {request['LogUri']!r}")
    if not request.get("SecurityConfiguration"):
        yield Finding(
            "SecurityConfiguration", "without one, disks are not encrypted at rest", False
        )
    tags = request.get("Tags", [])
    if len(tags) > _TAGS:
        yield Finding("Tags", f"expected at most {_TAGS}, got {len(tags)}")
    if not tags:
        yield Finding("Tags", "a cluster without tags is hard to find on the bill", False)


def _range(allowed: range) -> str:
    return f"{allowed.start:,} to {allowed.stop - 1:,}"
