"""Prepare an account for its first cluster: roles, a key for the disks, encryption."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sparkles.emr.cluster.aws import Aws, aws_errors, error_code
from sparkles.emr.cluster.upload import check_bucket
from sparkles.emr.config.template import fill
from sparkles.errors import SettingsError

__all__ = ["setup_account"]

_ROLES = {
    "SparklesEmrService": "service",
    "SparklesEmrNodes": "nodes",
    "SparklesServerlessJob": "serverless",
}
_NODES = "SparklesEmrNodes"
_MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2"
_SECURITY = "sparkles-encryption"
_KEY = "alias/sparkles"
_MARK = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
_INLINE = "sparkles"
_ABSENT = ("InvalidRequestException", "ResourceNotFoundException")
_Say = Callable[[str], None]


def setup_account(
    aws: Aws, project: Path, bucket: str, subnet: str | None, kms_key: str | None, say: _Say
) -> None:
    """Create what is missing, keep what exists, and report both.

    Creates roles with the policies in ``emr/iam``, the nodes' instance profile, a KMS key for the
    disks, the security configuration, and the tag on subnets and VPC that EMR's managed policy
    requires. Blocks public access, except for SSH.

    Parameters
    ----------
    aws
        The account.
    project
        A checkout, for ``emr/iam``.
    bucket
        An existing bucket, which the roles may read and write.
    subnet
        The subnet in which clusters will run. The default is the default VPC's subnets.
    kms_key
        The ARN of a key. By default ``alias/sparkles`` is created, for a dollar a month.
    say
        Receives a line for each thing created or found.

    Raises
    ------
    SettingsError
        If ``emr/iam`` cannot be read, or there is no default VPC.
    AwsError
        If AWS rejects a request.
    """
    check_bucket(aws.client("s3"), bucket, aws.region)
    with aws_errors("AWS account"):
        account = aws.client("sts").get_caller_identity()["Account"]
    with aws_errors("KMS key"):
        key = kms_key or _make_key(aws.client("kms"), say)
    values = {"bucket": bucket, "account": account, "kms_key": key}
    iam = aws.client("iam")
    for role, name in _ROLES.items():
        with aws_errors(f"role {role}"):
            _make_role(iam, role, _read(project, f"iam/{name}.trust.json", values), say)
            policy = _read(project, f"iam/{name}.json", values)
            iam.put_role_policy(
                RoleName=role, PolicyName=_INLINE, PolicyDocument=json.dumps(policy)
            )
    with aws_errors("roles"):
        iam.attach_role_policy(RoleName="SparklesEmrService", PolicyArn=_MANAGED)
        _make_profile(iam, say)
    with aws_errors(f"security configuration {_SECURITY}"):
        security = _read(project, "security-configuration.json", values)
        _make_security(aws.client("emr"), security, say)
    with aws_errors("subnet"):
        _mark_network(aws.client("ec2"), subnet, say)
    with aws_errors("block public access"):
        _block_public_access(aws.client("emr"), say)


def _read(project: Path, name: str, values: Mapping[str, str]) -> Any:
    path = project / "emr" / name
    try:
        return fill(json.loads(path.read_text(encoding="utf-8")), values)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}; run this in a checkout, or choose one",
            settings=["project"],
        ) from error


def _make_key(kms: Any, say: _Say) -> str:
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == _KEY:
                say(f"  key {_KEY}: exists")
                return str(kms.describe_key(KeyId=_KEY)["KeyMetadata"]["Arn"])
    made = kms.create_key(Description="Disks of Sparkles' EMR clusters")["KeyMetadata"]
    kms.create_alias(AliasName=_KEY, TargetKeyId=made["KeyId"])
    say(f"  key {_KEY}: created, for a dollar a month")
    return str(made["Arn"])


def _make_role(iam: Any, role: str, trust: Any, say: _Say) -> None:
    try:
        iam.create_role(
            RoleName=role,
            AssumeRolePolicyDocument=json.dumps(trust),
            Tags=[{"Key": "project", "Value": "sparkles"}],
        )
        say(f"  role {role}: created")
    except iam.exceptions.EntityAlreadyExistsException:
        say(f"  role {role}: exists; its policy is updated")


def _make_profile(iam: Any, say: _Say) -> None:
    try:
        iam.create_instance_profile(InstanceProfileName=_NODES)
        iam.add_role_to_instance_profile(InstanceProfileName=_NODES, RoleName=_NODES)
        say(f"  instance profile {_NODES}: created")
    except iam.exceptions.EntityAlreadyExistsException:
        say(f"  instance profile {_NODES}: exists")


def _make_security(emr: Any, content: Any, say: _Say) -> None:
    from botocore.exceptions import ClientError

    try:
        emr.describe_security_configuration(Name=_SECURITY)
        say(f"  security configuration {_SECURITY}: exists")
        return
    except ClientError as error:
        if error_code(error) not in _ABSENT:
            raise
    emr.create_security_configuration(Name=_SECURITY, SecurityConfiguration=json.dumps(content))
    say(f"  security configuration {_SECURITY}: created")


def _mark_network(ec2: Any, subnet: str | None, say: _Say) -> None:
    if subnet:
        found = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    else:
        default = [{"Name": "default-for-az", "Values": ["true"]}]
        found = ec2.describe_subnets(Filters=default)["Subnets"]
    if not found:
        raise SettingsError("there is no default VPC; choose a subnet", settings=["subnet"])
    marked = [each["SubnetId"] for each in found] + sorted({each["VpcId"] for each in found})
    ec2.create_tags(Resources=marked, Tags=[_MARK])
    say(f"  tagged for EMR's managed policy: {', '.join(marked)}")


def _block_public_access(emr: Any, say: _Say) -> None:
    found = emr.get_block_public_access_configuration()["BlockPublicAccessConfiguration"]
    if found.get("BlockPublicSecurityGroupRules"):
        say("  block public access: already on")
        return
    emr.put_block_public_access_configuration(
        BlockPublicAccessConfiguration={
            "BlockPublicSecurityGroupRules": True,
            "PermittedPublicSecurityGroupRuleRanges": [{"MinRange": 22, "MaxRange": 22}],
        }
    )
    say("  block public access: turned on, except for SSH")
