"""Clients of S3: one per process, signed or anonymous as the driver decided."""

from __future__ import annotations

import functools
import os
import socket
import threading
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from sparkles.errors import MissingDependencyError, SystemicError
from sparkles.storage.retry import FEW_ATTEMPTS, retry

__all__ = ["DEFAULT_S3", "S3Options", "client_of", "decide_credentials", "forget_client"]

_CONNECTIONS = 32
_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 30.0  # seconds
_REGION = "us-east-1"  # S3's default
_METADATA_SERVICE = "http://169.254.169.254"  # of an EC2 instance; it hands out the role's keys
_PATIENCE = {"metadata_service_timeout": 5, "metadata_service_num_attempts": 3}
_METADATA_CONNECTS = 1.0  # seconds within which it accepts a connection, if there is one


@dataclass(frozen=True)
class S3Options:
    """Options that take precedence over the usual AWS variables and the credential chain.

    Attributes
    ----------
    endpoint
        URL of a server other than AWS's.
    region
        Region of the bucket.
    anonymous
        Whether to send requests without credentials even if there are some. If false, credentials
        are expected, and it is an error if a process finds none. If None, requests have
        credentials where there are some; :func:`decide_credentials` decides it for all processes.
    requester_pays
        Whether to pay for requests to buckets whose owners charge their readers.
    readable
        The URI of an object that the driver was not refused. A process that is refused another
        one requests it too, and thereby knows whether it is refused everything.
    """

    endpoint: str | None = None
    region: str | None = None
    anonymous: bool | None = None
    requester_pays: bool = False
    readable: str = ""


DEFAULT_S3 = S3Options()

_lock = threading.Lock()  # boto3's sessions must not be created by two threads at once
_clients: dict[S3Options, Any] = {}
_failures: list[SystemicError] = []  # of creating a client


def decide_credentials(options: S3Options = DEFAULT_S3) -> S3Options:
    """Decide whether requests have credentials: on the driver, once, for every worker.

    A worker that decided by itself would go on without them if the metadata service of its
    instance hesitates, and would be refused every photo.

    Raises
    ------
    MissingDependencyError
        If boto3 is not installed.

    Examples
    --------
    >>> decide_credentials(S3Options(anonymous=True)).anonymous
    True
    """
    if options.anonymous is not None:
        return options
    with _lock:
        found = _find_credentials(_new_session(), expected=False)
    return replace(options, anonymous=found is None)


def client_of(options: S3Options) -> Any:
    """Return this process's client for these options; it may be shared between threads.

    Raises
    ------
    SystemicError
        If credentials are expected, and this process finds none.
    MissingDependencyError
        If boto3 is not installed.
    """
    key = replace(options, requester_pays=False, readable="")
    failures = len(_failures)
    with _lock:
        if key not in _clients:
            if len(_failures) > failures:  # while this thread waited, another one tried in vain
                raise _failures[-1]
            try:
                _clients[key] = _new_client(key)
            except SystemicError as error:
                _failures.append(error)
                raise
        return _clients[key]


def forget_client(client: Any = None) -> None:
    """Forget a client, or all: the next one looks for credentials again, as they may be renewed."""
    with _lock:
        for options, known in list(_clients.items()):
            if client is None or known is client:
                del _clients[options]


def _new_client(options: S3Options) -> Any:
    session = _new_session()
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    # botocore would stop retrying when a quota is spent, which all threads of a process share;
    # sparkles.storage.retry does not.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=_CONNECTIONS,
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
    )
    expected = options.anonymous is False
    if options.anonymous or _find_credentials(session, expected=expected) is None:
        if expected:
            raise SystemicError(
                "this machine finds no AWS credentials, although the driver has some: check its "
                "instance profile, its AWS variables and ~/.aws; a public bucket can be read "
                "without, with Hadoop's AnonymousAWSCredentialsProvider"
            )
        config = config.merge(Config(signature_version=UNSIGNED))
    region = options.region or session.get_config_variable("region") or _REGION
    return boto3.Session(botocore_session=session).client(
        "s3", config=config, region_name=region, endpoint_url=options.endpoint
    )


def _new_session() -> Any:
    try:
        import boto3  # noqa: F401 (the package that the message names)
        import botocore.session
    except ImportError as error:
        raise MissingDependencyError.of_extra("S3 is read with boto3", "s3") from error
    return botocore.session.Session()


class _AbsentError(Exception):
    """No source of credentials has any, at this moment."""


def _find_credentials(session: Any, *, expected: bool) -> Any:
    """Return the credentials of the usual chain, or None if it has none.

    The chain passes over a metadata service that does not answer in time, so it is asked again if
    there is such a service.
    """
    from botocore.exceptions import CredentialRetrievalError, MetadataRetrievalError

    def ask() -> Any:
        found = session.get_credentials()
        if found is None:
            raise _AbsentError
        return found

    def attempts(error: BaseException) -> int:
        alone = isinstance(error, _AbsentError) and not expected and not _hesitates(session)
        return 1 if alone else FEW_ATTEMPTS

    if _hesitates(session):
        for name, least in _PATIENCE.items():
            session.set_config_variable(name, max(session.get_config_variable(name), least))
    errors = (_AbsentError, CredentialRetrievalError, MetadataRetrievalError)
    try:
        return retry(ask, errors, attempts)
    except _AbsentError:
        return None


def _hesitates(session: Any) -> bool:
    """Whether this machine has a metadata service, which may answer late."""
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    address = session.get_config_variable("ec2_metadata_service_endpoint") or _METADATA_SERVICE
    return _accepts_connections(address)


@functools.cache
def _accepts_connections(address: str) -> bool:
    parts = urlsplit(address)
    try:
        place = (parts.hostname or "", parts.port or 80)
        with socket.create_connection(place, timeout=_METADATA_CONNECTS):
            return True
    except OSError:
        return False
