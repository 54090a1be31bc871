"""boto3 clients, and AWS' refusals as one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sparkles.errors import AwsError, MissingDependencyError

__all__ = ["Aws", "clear_errors", "error_code"]

_ATTEMPTS = 10
_REMEDIES = {
    "NoSuchBucket": "create it, or name another with --bucket",
    "404": "create it, or name another with --bucket",
    "PermanentRedirect": "it lies in another region; say --region",
    "301": "it lies in another region; say --region",
    "IllegalLocationConstraintException": "it lies in another region; say --region",
    "AuthorizationHeaderMalformed": "it lies in another region; say --region",
    "InvalidAccessKeyId": "renew your AWS credentials",
    "SignatureDoesNotMatch": "renew your AWS credentials",
    "UnrecognizedClientException": "renew your AWS credentials",
    "InvalidClientTokenId": "renew your AWS credentials",
    "ExpiredToken": "sign in again: your AWS credentials have expired",
    "ExpiredTokenException": "sign in again: your AWS credentials have expired",
    "AccessDenied": "your credentials lack a permission; emr/iam/launcher.json has what it takes",
    "AccessDeniedException": "your credentials lack a permission; emr/iam/launcher.json has what "
    "it takes",
    "403": "your credentials lack a permission; emr/iam/launcher.json has what it takes",
    "ThrottlingException": "AWS asks to slow down; try again in a minute",
    "InvalidRequestException": "see docs/emr.md",
    "ValidationException": "see docs/emr.md",
}


class Aws:
    """Clients of one account and region.

    Parameters
    ----------
    region
        Default: as the AWS variables and files say.
    profile
        A profile of the AWS files.

    Raises
    ------
    MissingDependencyError
        If boto3 is missing.
    AwsError
        If no region is known, or there is no such profile.
    """

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        try:
            import boto3
            from botocore.exceptions import ProfileNotFound
        except ImportError as error:
            raise MissingDependencyError.of_extra("sparkles emr needs boto3", "s3") from error
        try:
            self._session = boto3.Session(region_name=region, profile_name=profile)
        except ProfileNotFound as error:
            raise AwsError(f"{error}; `aws configure list-profiles` names them") from error
        if self._session.region_name is None:
            raise AwsError("no AWS region is set; say --region, as us-east-1")
        self.region: str = self._session.region_name
        known = self._session.get_available_regions("emr")
        if self.region not in known:
            raise AwsError(f"region {self.region!r}: expected one with EMR: {', '.join(known)}")

    def client(self, service: str) -> Any:
        """A client that asks again, later and later, when it is throttled."""
        from botocore.config import Config

        retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
        return self._session.client(service, config=Config(retries=retries))


@contextmanager
def clear_errors(action: str) -> Iterator[None]:
    """Turn botocore's exceptions into one line.

    Parameters
    ----------
    action
        What was being done, as ``"bucket photos"``.

    Raises
    ------
    AwsError
        With the code, the service's words and the remedy.
    """
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        raise AwsError(f"{action}: {_describe(error)}") from error
    except S3UploadFailedError as error:
        cause = error.__context__
        what = _describe(cause) if isinstance(cause, ClientError) else str(error)
        raise AwsError(f"{action}: {what}") from error
    except NoCredentialsError as error:
        raise AwsError(
            f"{action}: no AWS credentials; run `aws configure`, or set AWS_PROFILE"
        ) from error
    except BotoCoreError as error:
        raise AwsError(f"{action}: {error}") from error


def error_code(error: Any) -> str:
    """What AWS calls the error, as ``AccessDenied``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _describe(error: Any) -> str:
    code = error_code(error)
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    remedy = _REMEDIES.get(code)
    told = code if not message or message in (code, "Not Found", "Forbidden") else (
        f"{code}: {message}"
    )  # fmt: skip
    return f"{told}; {remedy}" if remedy else told
