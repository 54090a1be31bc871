"""boto3 clients, and AWS' errors as one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sparkles.errors import AwsError, MissingDependencyError

__all__ = ["Aws", "aws_errors", "error_code"]

_ATTEMPTS = 10
_CREATE = "create it, or choose another bucket"
_OTHER_REGION = "it is in another region; choose that region"
_RENEW = "renew your AWS credentials"
_EXPIRED = "sign in again: your AWS credentials have expired"
_PERMISSION = "your credentials lack a permission; emr/iam/launcher.json lists what is needed"
_MANUAL = "see docs/emr.md"
_REMEDIES = {
    "NoSuchBucket": _CREATE,
    "404": _CREATE,
    "PermanentRedirect": _OTHER_REGION,
    "301": _OTHER_REGION,
    "IllegalLocationConstraintException": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "InvalidAccessKeyId": _RENEW,
    "SignatureDoesNotMatch": _RENEW,
    "UnrecognizedClientException": _RENEW,
    "InvalidClientTokenId": _RENEW,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "AccessDenied": _PERMISSION,
    "AccessDeniedException": _PERMISSION,
    "403": _PERMISSION,
    "ThrottlingException": "AWS limits the rate of requests; try again in a minute",
    "InvalidRequestException": _MANUAL,
    "ValidationException": _MANUAL,
}
_SETTINGS = {_CREATE: ["bucket"], _OTHER_REGION: ["region"]}  # that these remedies change


class Aws:
    """Clients of one account and region.

    Parameters
    ----------
    region
        The default comes from the AWS environment variables and configuration files.
    profile
        A profile in the AWS configuration files.

    Raises
    ------
    MissingDependencyError
        If boto3 is missing.
    AwsError
        If no region is set, or the profile does not exist.
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
            raise AwsError(f"{error}; `aws configure list-profiles` lists them") from error
        if self._session.region_name is None:
            raise AwsError(
                "no AWS region is set; choose one, for example us-east-1", settings=["region"]
            )
        self.region: str = self._session.region_name
        known = self._session.get_available_regions("emr")
        if self.region not in known:
            raise AwsError(
                f"region {self.region!r}: expected a region with EMR: {', '.join(known)}",
                settings=["region"],
            )

    def client(self, service: str) -> Any:
        """Return a boto3 client that retries throttled requests with increasing delays."""
        from botocore.config import Config

        retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
        return self._session.client(service, config=Config(retries=retries))


@contextmanager
def aws_errors(action: str) -> Iterator[None]:
    """Turn botocore's exceptions into errors of one line.

    Parameters
    ----------
    action
        The start of the message: what failed, for example ``"bucket photos"``.

    Raises
    ------
    AwsError
        With the error code, the service's message and the remedy.
    """
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        raise _error_of(action, error) from error
    except S3UploadFailedError as error:
        cause = error.__context__
        if isinstance(cause, ClientError):
            raise _error_of(action, cause) from error
        raise AwsError(f"{action}: {error}") from error
    except NoCredentialsError as error:
        raise AwsError(
            f"{action}: no AWS credentials; run `aws configure` or set AWS_PROFILE"
        ) from error
    except BotoCoreError as error:
        raise AwsError(f"{action}: {error}") from error


def error_code(error: Any) -> str:
    """Return AWS' code for an error, for example ``AccessDenied``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _error_of(action: str, error: Any) -> AwsError:
    code = error_code(error)
    message = str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    remedy = _REMEDIES.get(code)
    redundant = not message or message in (code, "Not Found", "Forbidden")
    problem = code if redundant else f"{code}: {message}"
    text = f"{problem}; {remedy}" if remedy else problem
    return AwsError(f"{action}: {text}", settings=_SETTINGS.get(remedy or "", ()))
