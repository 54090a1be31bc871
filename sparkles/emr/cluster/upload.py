"""Code and environments into the bucket, under names that their content gives."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sparkles.emr.cluster.aws import clear_errors, error_code
from sparkles.errors import AwsError, SettingsError

__all__ = ["Upload", "check_bucket", "find_files", "plan_upload", "upload"]

_PREFIX = "sparkles/code"
_DIGEST = "sha256"


@dataclass(frozen=True)
class Upload:
    """One file, and where its content is to lie.

    Attributes
    ----------
    file
        The local file.
    bucket, key
        Its object; the key begins with the content's SHA-256.
    sha256
        In hexadecimal.
    """

    file: Path
    bucket: str
    key: str
    sha256: str

    @property
    def uri(self) -> str:
        """As ``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def checked_uri(self) -> str:
        """The URI with its SHA-256, as ``bootstrap/install.sh`` takes it."""
        return f"{self.uri}#sha256={self.sha256}"


def find_files(project: Path, names: set[str], job: str | None) -> dict[str, Path]:
    """The local file of each placeholder that stands for one.

    Parameters
    ----------
    project
        A checkout in which ``make package`` has run.
    names
        The placeholders of a configuration.
    job
        The command whose ``jobs/*.py`` is the entry point.

    Raises
    ------
    SettingsError
        If a file is not there; the message says what makes it.
    """
    patterns = {
        "bootstrap": ("bootstrap/install.sh", "run it from a checkout, or say --project"),
        "driver_archive": ("dist/sparkles-driver-*.tar.gz", "run `make package`"),
        "driver_archive_uri": ("dist/sparkles-driver-*.tar.gz", "run `make package`"),
        "executor_archive": ("dist/sparkles-executors-*.tar.gz", "run `make package`"),
        "gpu_requirements": ("requirements/gpu.lock", "run it from a checkout, or say --project"),
        "wheel": ("dist/sparkles-*.whl", "run `make package`"),
    }
    wanted = {name: patterns[name] for name in sorted(names & patterns.keys())}
    if job:
        wanted["entry_point"] = (f"jobs/{job}.py", "run it from a checkout, or say --project")
    found = {}
    for name, (pattern, remedy) in wanted.items():
        files = sorted(project.glob(pattern), key=lambda file: file.stat().st_mtime)
        if not files:
            raise SettingsError(f"there is no {project / pattern}: {remedy}")
        found[name] = files[-1]
    return found


def plan_upload(file: Path, bucket: str) -> Upload:
    """Name a file by its content; nothing is sent."""
    with file.open("rb") as stream:
        sha256 = file_digest(stream, _DIGEST).hexdigest()
    return Upload(file, bucket, f"{_PREFIX}/{sha256}/{file.name}", sha256)


def check_bucket(s3: Any, bucket: str, region: str) -> None:
    """Refuse a bucket that is not there, is not ours to use, or lies in another region.

    Raises
    ------
    AwsError
    """
    with clear_errors(f"bucket {bucket}"):
        head = s3.head_bucket(Bucket=bucket)
    headers = head.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    lies_in = head.get("BucketRegion") or headers.get("x-amz-bucket-region") or region
    if lies_in != region:
        raise AwsError(
            f"bucket {bucket} lies in {lies_in} and the cluster would run in {region}: reading "
            f"across regions is slow and paid for; say --region {lies_in}"
        )


def upload(s3: Any, planned: Upload, *, quiet: bool = False) -> bool:
    """Send a file unless its content is there already.

    Returns
    -------
    bool
        Whether anything was sent.

    Raises
    ------
    AwsError
    """
    size = planned.file.stat().st_size
    with clear_errors(f"upload to {planned.uri}"):
        if _is_there(s3, planned, size):
            return False
        with tqdm(
            total=size, unit="B", unit_scale=True, desc=planned.file.name, disable=quiet or None
        ) as bar:
            s3.upload_file(
                str(planned.file),
                planned.bucket,
                planned.key,
                ExtraArgs={"Metadata": {_DIGEST: planned.sha256}},
                Callback=bar.update,
            )
    return True


def _is_there(s3: Any, planned: Upload, size: int) -> bool:
    from botocore.exceptions import ClientError

    try:
        head = s3.head_object(Bucket=planned.bucket, Key=planned.key)
    except ClientError as error:
        # 403: without permission to list, S3 says so of absent objects, too; the upload will tell.
        if error_code(error) in ("404", "NoSuchKey", "403"):
            return False
        raise
    return bool(
        head["ContentLength"] == size and head.get("Metadata", {}).get(_DIGEST) == planned.sha256
    )
