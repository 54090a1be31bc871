"""Find every problem of a configuration that can be detected before it is sent."""

from __future__ import annotations

from sparkles.emr.config.cluster_rules import check_cluster
from sparkles.emr.config.findings import Finding, errors_of
from sparkles.emr.config.serverless_rules import check_serverless
from sparkles.emr.config.shape import check_shape, input_shape
from sparkles.emr.config.spark_rules import check_spark
from sparkles.emr.config.template import PLACEHOLDERS, Request, fill, is_serverless
from sparkles.errors import SettingsError

__all__ = ["require_valid", "validate"]


def validate(content: Request) -> list[Finding]:
    """Check a configuration against the service's own model, then against further rules.

    Parameters
    ----------
    content
        A ``run_job_flow`` request, or ``CreateApplication`` and ``StartJobRun`` of EMR Serverless.
        It may contain ``${...}`` placeholders.

    Returns
    -------
    list of Finding
        Errors and advice. If the shape is wrong, only errors in the shape.

    Raises
    ------
    SettingsError
        If it contains an unknown placeholder.

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


def require_valid(content: Request, path: str) -> list[Finding]:
    """Raise an error that lists every error of a configuration in one line.

    Returns
    -------
    list of Finding
        The advice.

    Raises
    ------
    SettingsError
        If the configuration has errors.
    """
    found = validate(content)
    if errors := errors_of(found):
        problems = "; ".join(f"{each.where}: {each.what}" for each in errors)
        raise SettingsError(f"configuration {path}: {problems}")
    return found
