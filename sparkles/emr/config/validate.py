"""Everything that can be known to be wrong with a configuration before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkles.emr.config.cluster_rules import check_cluster
from sparkles.emr.config.findings import Finding, errors_of
from sparkles.emr.config.serverless import check_serverless
from sparkles.emr.config.shape import check_shape, input_shape
from sparkles.emr.config.spark_rules import check_spark
from sparkles.emr.config.template import PLACEHOLDERS, fill, is_serverless
from sparkles.errors import SettingsError

__all__ = ["check_valid", "validate"]


def validate(content: Mapping[str, Any]) -> list[Finding]:
    """Check a configuration: the service's own model first, then what it says nothing about.

    Parameters
    ----------
    content
        A ``run_job_flow`` request, or ``CreateApplication`` and ``StartJobRun`` of EMR Serverless;
        ``${...}`` may stand in it.

    Returns
    -------
    list of Finding
        Errors and advice. Where the shape is wrong, that alone is told.

    Raises
    ------
    SettingsError
        If it has a placeholder that nothing fills.

    Examples
    --------
    >>> [str(each) for each in validate({"Name": "mine", "Instances": {"InstanceCont": 3}})]
    ['error: Instances.InstanceCont: there is no such field. Did you mean InstanceCount...?']
    """
    filled = fill(dict(content), PLACEHOLDERS)
    if is_serverless(filled):
        return list(check_serverless(filled))
    found = list(check_shape(filled, input_shape("emr", "RunJobFlow")))
    return found or [*check_cluster(filled), *check_spark(filled)]


def check_valid(content: Mapping[str, Any], path: str) -> list[Finding]:
    """Refuse a configuration with errors, all of them in one line.

    Returns
    -------
    list of Finding
        The advice.

    Raises
    ------
    SettingsError
    """
    found = validate(content)
    if errors := errors_of(found):
        told = "; ".join(f"{each.where}: {each.what}" for each in errors)
        raise SettingsError(f"configuration {path}: {told}")
    return found
