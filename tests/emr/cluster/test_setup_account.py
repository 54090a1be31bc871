"""What an account needs is created once, with no more permissions than named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sparkles.emr.cluster.aws import Aws
from sparkles.emr.cluster.setup_account import setup_account
from sparkles.errors import AwsError, SettingsError
from tests.emr.conftest import BUCKET, REPOSITORY

ROLES = ["SparklesEmrNodes", "SparklesEmrService", "SparklesServerlessJob"]


def run(project: Path = REPOSITORY, bucket: str = BUCKET, subnet: str | None = None) -> list[str]:
    said: list[str] = []
    setup_account(Aws(), project, bucket, subnet, None, said.append)
    return said


@pytest.mark.parametrize("account", [True], indirect=True)
def test_everything_is_created_once(account: Any) -> None:
    said = run()
    iam, emr = account.client("iam"), account.client("emr")
    assert sorted(role["RoleName"] for role in iam.list_roles()["Roles"]) == ROLES
    nodes = iam.get_role_policy(RoleName="SparklesEmrNodes", PolicyName="sparkles")
    text = json.dumps(nodes["PolicyDocument"])
    assert f"arn:aws:s3:::{BUCKET}/*" in text
    assert "${" not in text
    profile = iam.get_instance_profile(InstanceProfileName="SparklesEmrNodes")["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == ["SparklesEmrNodes"]
    attached = iam.list_attached_role_policies(RoleName="SparklesEmrService")["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AmazonEMRServicePolicy_v2"]
    security = emr.describe_security_configuration(Name="sparkles-encryption")
    found = security["SecurityConfiguration"]
    disk = json.loads(found)["EncryptionConfiguration"]["AtRestEncryptionConfiguration"]
    assert disk["LocalDiskEncryptionConfiguration"]["AwsKmsKey"].startswith("arn:aws:kms:")
    blocked = emr.get_block_public_access_configuration()["BlockPublicAccessConfiguration"]
    assert blocked["BlockPublicSecurityGroupRules"]
    assert len([line for line in said if line.endswith(("created", "month"))]) == 6
    again = run()
    assert not [line for line in again if line.endswith(("created", "month"))]
    assert len(account.client("kms").list_keys()["Keys"]) == 1


@pytest.mark.parametrize("account", [True], indirect=True)
def test_networks_are_tagged_for_the_managed_policy(account: Any) -> None:
    run()
    subnets = account.client("ec2").describe_subnets()["Subnets"]
    mark = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
    assert all(mark in subnet.get("Tags", []) for subnet in subnets)
    with pytest.raises(AwsError, match=r"subnet: InvalidSubnetID.NotFound"):
        run(subnet="subnet-0123456789abcdef0")


def test_a_missing_bucket_or_checkout_is_an_error(account: Any, tmp_path: Path) -> None:
    del account
    with pytest.raises(AwsError, match="bucket absent: 404; create it"):
        run(bucket="absent")
    with pytest.raises(SettingsError, match="run this in a checkout"):
        run(project=tmp_path)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "emr" / "iam").glob("*.json")))
def test_policies_grant_no_more_than_named(path: Path) -> None:
    for statement in json.loads(path.read_text())["Statement"]:
        assert statement["Effect"] == "Allow"
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert action not in ("*", "s3:*", "iam:*", "elasticmapreduce:*")
            if action in ("iam:PassRole", "kms:CreateGrant"):
                assert "Condition" in statement
                assert statement["Resource"] != "*"
