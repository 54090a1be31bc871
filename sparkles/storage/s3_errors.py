"""Whose fault an error of S3 is: the object's own, passing trouble, or trouble with everything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sparkles.choices import StorageReason
from sparkles.errors import PassingError, StorageError, SystemicError

__all__ = ["NO_BUCKET", "Fault", "S3Failure", "failure_of", "s3_exceptions"]


NO_BUCKET = "NoSuchBucket"


class Fault(Enum):
    """Whose fault an error is."""

    ABSENT = auto()  # no such object
    EMPTY = auto()  # a range of an object without bytes
    REFUSED = auto()  # this request, to this object
    PASSING = auto()  # busy, broken off or silent
    UNREACHABLE = auto()  # nothing answers at the endpoint
    CREDENTIALS = auto()  # expired, unknown or absent: they may have been renewed
    SYSTEMIC = auto()  # the clock, the region, the account


_FAULTS = {
    Fault.ABSENT: ("NoSuchKey", NO_BUCKET, "404"),
    Fault.EMPTY: ("InvalidRange", "416"),
    Fault.PASSING: (
        "SlowDown", "Throttling", "ThrottlingException", "KMS.ThrottlingException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "RequestTimeout", "InternalError",
        "ServiceUnavailable", "OperationAborted", "429",
    ),
    Fault.CREDENTIALS: (
        "ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired",
        "RequestExpired", "InvalidAccessKeyId", "InvalidClientTokenId",
        "UnrecognizedClientException",
    ),
    Fault.SYSTEMIC: (
        "SignatureDoesNotMatch", "RequestTimeTooSkewed", "AuthorizationHeaderMalformed",
        "PermanentRedirect", "IllegalLocationConstraintException", "AccountProblem", "NotSignedUp",
        "InvalidSecurity", "301", "307",
    ),
}  # fmt: skip
_FAULT_OF = {code: fault for fault, codes in _FAULTS.items() for code in codes}

_BUSY = "S3 is busy, or the network is; run this again later"
_NAME = "check the bucket's name"
_REGION = "the bucket is in another region: set AWS_DEFAULT_REGION"
_REMEDIES = {
    NO_BUCKET: _NAME,
    "InvalidBucketName": _NAME,
    "ParamValidationError": _NAME,
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "RequestTimeTooSkewed": "set this machine's clock",
    "EndpointConnectionError": "nothing answers there: check AWS_ENDPOINT_URL_S3 and the network",
}
_REMEDY_OF = {
    Fault.PASSING: _BUSY,
    Fault.UNREACHABLE: "check AWS_ENDPOINT_URL_S3 and the network",
    Fault.CREDENTIALS: "renew this machine's credentials, or check that its role gives some",
    Fault.SYSTEMIC: "check this machine's credentials and configuration of AWS",
}
_DENIED = (
    "check this machine's credentials or role ({action}); a requester-pays bucket needs "
    "spark.hadoop.fs.s3a.requester.pays.enabled=true"
)


@dataclass(frozen=True)
class S3Failure:
    """An error of S3 or of the way to it.

    Attributes
    ----------
    fault
        Whose it is.
    code
        S3's own word for it, or the name of the exception.
    """

    fault: Fault
    code: str

    def remedy(self, action: str = "s3:GetObject") -> str:
        """Return what to do about it.

        Parameters
        ----------
        action
            The permission that the request needs.

        Examples
        --------
        >>> S3Failure(Fault.SYSTEMIC, "PermanentRedirect").remedy()
        'the bucket is in another region: set AWS_DEFAULT_REGION'
        """
        known = _REMEDIES.get(self.code) or _REMEDY_OF.get(self.fault)
        return known or _DENIED.format(action=action)

    def to_error(self, detail: str) -> StorageError:
        """Return the error for the callers of the storage.

        Examples
        --------
        >>> S3Failure(Fault.PASSING, "SlowDown").to_error("s3://photos/a.jpg: SlowDown")
        PassingError('s3://photos/a.jpg: SlowDown')
        """
        if self.fault is Fault.PASSING:
            return PassingError(detail)
        if self.fault in (Fault.UNREACHABLE, Fault.CREDENTIALS, Fault.SYSTEMIC):
            return SystemicError(detail)
        absent = self.fault is Fault.ABSENT
        return StorageError(StorageReason.MISSING if absent else StorageReason.UNREADABLE, detail)


def s3_exceptions() -> tuple[type[Exception], ...]:
    """Return what a request may raise, from the credentials to the body of the answer."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    # RuntimeError: botocore's for renewed credentials that have expired already.
    return (ClientError, BotoCoreError, HTTPError, ResponseParserError, OSError, RuntimeError)


def failure_of(error: Exception) -> S3Failure:
    """Tell whose fault an exception of a request is.

    Parameters
    ----------
    error
        One of :func:`s3_exceptions`.
    """
    from botocore import exceptions as known

    if isinstance(error, known.ClientError):
        return _of_answer(error.response)
    name = type(error).__name__
    unreachable = (
        known.EndpointConnectionError, known.ConnectTimeoutError, known.ProxyConnectionError,
        known.SSLError,
    )  # fmt: skip
    # Of the URI, which is the object's own; for example a bucket that has no bucket's name.
    invalid = (
        known.ValidationError, known.ParamValidationError, known.UnsupportedS3ArnError,
        known.InvalidDNSNameError, known.InvalidHostLabelError,
    )  # fmt: skip
    if isinstance(error, unreachable):
        return S3Failure(Fault.UNREACHABLE, name)
    if isinstance(error, invalid) and not isinstance(error, known.InvalidRegionError):
        return S3Failure(Fault.REFUSED, name)
    if isinstance(error, RuntimeError) or _is_of_credentials(error):
        return S3Failure(Fault.CREDENTIALS, name)
    broken = (known.HTTPClientError, known.ResponseStreamingError, known.IncompleteReadError)
    if isinstance(error, known.BotoCoreError) and not isinstance(error, broken):
        return S3Failure(Fault.SYSTEMIC, name)
    return S3Failure(Fault.PASSING, name)


def _of_answer(response: object) -> S3Failure:
    answer = response if isinstance(response, dict) else {}
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    fault = _FAULT_OF.get(code) or _FAULT_OF.get(str(status))
    if fault is None:
        fault = Fault.PASSING if status >= 500 or code.startswith("5") else Fault.REFUSED
    return S3Failure(fault, code or str(status))


def _is_of_credentials(error: Exception) -> bool:
    from botocore import exceptions as known

    kinds = (
        known.NoCredentialsError, known.PartialCredentialsError, known.CredentialRetrievalError,
        known.MetadataRetrievalError, known.ProfileNotFound, known.ConfigNotFound,
        known.UnknownCredentialError, known.InfiniteLoopConfigError, known.SSOError,
        known.TokenRetrievalError,
    )  # fmt: skip
    return isinstance(error, kinds)
