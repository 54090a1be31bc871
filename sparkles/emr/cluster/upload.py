"""Upload code and environments to the bucket, under names derived from their content."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sparkles.emr.cluster.aws import aws_errors, error_code
from sparkles.errors import AwsError, SettingsError

__all__ = ["Upload", "check_bucket", "find_files", "plan_upload", "upload"]

_PREFIX = "sparkles/code"
_DIGEST = "sha256"


@dataclass(frozen=True)
class Upload:
    """A file, and the object that it is uploaded to.

    Attributes
    ----------
    file
        The local file.
    bucket, key
        The object; its key contains the content's SHA-256.
    sha256
        The content's SHA-256 in hexadecimal.
    """

    file: Path
    bucket: str
    key: str
    sha256: str

    @property
    def uri(self) -> str:
        """The object's URI, as ``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def checked_uri(self) -> str:
        """The URI with the SHA-256 that ``bootstrap/install.sh`` verifies."""
        return f"{self.uri}#sha256={self.sha256}"


def find_files(project: Path, names: set[str], *, with_job: bool = False) -> dict[str, Path]:
    """Find the local file for each placeholder that stands for one.

    Parameters
    ----------
    project
        A checkout in which ``make package`` has run.
    names
        The placeholders of a configuration.
    with_job
        Whether the job's entry point is also needed.

    Raises
    ------
    SettingsError
        If a file is missing; the message names the command that creates it.
    """
    checkout = "run this in a checkout, or choose one"
    patterns = {
        "bootstrap": ("bootstrap/install.sh", checkout),
        "driver_archive": ("dist/sparkles-driver-*.tar.gz", "run `make package`"),
        "driver_archive_uri": ("dist/sparkles-driver-*.tar.gz", "run `make package`"),
        "executor_archive": ("dist/sparkles-executors-*.tar.gz", "run `make package`"),
        "gpu_requirements": ("requirements/gpu.lock", checkout),
        "wheel": ("dist/sparkles_ml-*.whl", "run `make package`"),
    }
    wanted = {name: patterns[name] for name in sorted(names & patterns.keys())}
    if with_job:
        wanted["entry_point"] = ("jobs/sparkles_job.py", checkout)
    found = {}
    for name, (pattern, remedy) in wanted.items():
        files = sorted(project.glob(pattern), key=lambda file: file.stat().st_mtime)
        if not files:
            changed = ["project"] if remedy == checkout else []
            raise SettingsError(f"there is no {project / pattern}: {remedy}", settings=changed)
        found[name] = files[-1]
    return found


def plan_upload(file: Path, bucket: str) -> Upload:
    """Name an object after a file's content, without sending anything."""
    with file.open("rb") as stream:
        sha256 = file_digest(stream, _DIGEST).hexdigest()
    return Upload(file, bucket, f"{_PREFIX}/{sha256}/{file.name}", sha256)


def check_bucket(s3: Any, bucket: str, region: str) -> None:
    """Check that a bucket exists, may be used, and is in the cluster's region.

    Raises
    ------
    AwsError
        If it is not so.
    """
    with aws_errors(f"bucket {bucket}"):
        head = s3.head_bucket(Bucket=bucket)
    headers = head.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    located = head.get("BucketRegion") or headers.get("x-amz-bucket-region") or region
    if located != region:
        raise AwsError(
            f"bucket {bucket} is in {located}, but the cluster would run in {region}: reading "
            f"across regions is slow and costs money; choose the bucket's region",
            settings=["region"],
        )


def upload(s3: Any, planned: Upload, *, quiet: bool = False) -> bool:
    """Upload a file unless the bucket already has its content.

    Returns
    -------
    bool
        Whether the file was sent.

    Raises
    ------
    AwsError
        If the upload fails.
    """
    size = planned.file.stat().st_size
    with aws_errors(f"upload to {planned.uri}"):
        if _exists(s3, planned, size):
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


def _exists(s3: Any, planned: Upload, size: int) -> bool:
    from botocore.exceptions import ClientError

    try:
        head = s3.head_object(Bucket=planned.bucket, Key=planned.key)
    except ClientError as error:
        # 403: S3 also answers so for an absent object if listing is not permitted. If more than
        # that is missing, the upload fails.
        if error_code(error) in ("404", "NoSuchKey", "403"):
            return False
        raise
    return bool(
        head["ContentLength"] == size and head.get("Metadata", {}).get(_DIGEST) == planned.sha256
    )
