"""The S3 settings of a session that Sparkles builds."""

from __future__ import annotations

import sys
from pathlib import Path

import pyspark
import pytest

from sparkles.errors import MissingDependencyError
from sparkles.settings import FeaturizeSettings, TrainSettings
from sparkles.spark import s3a
from sparkles.spark.s3_requests import s3_options
from sparkles.spark.s3a import s3a_settings
from sparkles.storage import S3Options
from sparkles.workflow.run import _needs_s3a


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_the_connector_is_of_the_bundled_hadoop_s_version() -> None:
    # As the facts have it: Spark 3.5 bundles Hadoop 3.3.4, Spark 4.1 bundles 3.4.2.
    expected = {"3.5": "3.3.4", "4.1": "3.4.2"}[pyspark.__version__[:3]]
    package = s3a_settings()["spark.jars.packages"]
    assert package == f"org.apache.hadoop:hadoop-aws:{expected}"


def test_without_credentials_buckets_are_asked_anonymously() -> None:
    provider = s3a_settings()["spark.hadoop.fs.s3a.aws.credentials.provider"]
    assert provider.endswith("AnonymousAWSCredentialsProvider")


@pytest.mark.parametrize(
    ("hadoop", "provider"),
    [("3.3.4", "com.amazonaws."), ("3.4.2", "software.amazon.awssdk.")],
)
def test_with_credentials_the_sdk_s_usual_chain_is_asked(
    monkeypatch: pytest.MonkeyPatch, hadoop: str, provider: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setattr(s3a, "_hadoop_version", lambda: hadoop)
    settings = s3a_settings()
    assert settings["spark.hadoop.fs.s3a.aws.credentials.provider"].startswith(provider)
    assert not [value for value in settings.values() if "made-up" in value]


def test_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:5000")
    settings = s3a_settings()
    assert settings["spark.hadoop.fs.s3a.endpoint"] == "http://127.0.0.1:5000"
    assert settings["spark.hadoop.fs.s3a.path.style.access"] == "true"
    assert settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] == "false"


def test_tables_are_written_without_renames_where_spark_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committer = "spark.hadoop.fs.s3a.committer.name"
    assert committer not in s3a_settings()  # the package on PyPI lacks the classes
    jars = [*s3a._jars(), "spark-hadoop-cloud_2.12-3.5.6.jar"]
    monkeypatch.setattr(s3a, "_jars", lambda: jars)
    settings = s3a_settings()
    assert settings[committer] == "magic"
    assert settings["spark.sql.sources.commitProtocolClass"].endswith(".PathOutputCommitProtocol")


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingDependencyError, match=r"sparkles-ml\[s3\]"):
        s3a_settings()


def asked(**more: str) -> TrainSettings:
    given = {"labels": "a.csv", "classes": "Car,Tree", "images": "photos", "output": "o"}
    return TrainSettings.create({**given, **more})


def test_spark_needs_the_connector_for_what_it_opens_itself() -> None:
    assert not _needs_s3a(asked())
    assert not _needs_s3a(asked(images="s3://b/photos"))  # the workers fetch these
    assert not _needs_s3a(asked(images="s3://b/photos", list_images="always"))  # and list them
    assert _needs_s3a(asked(images="s3://b/manifest.csv"))
    assert _needs_s3a(asked(labels="s3a://b/labels.csv"))
    assert _needs_s3a(asked(output="s3://b/run"))
    given = {"images": "s3://b/p.parquet", "output": "o"}
    assert _needs_s3a(FeaturizeSettings.create(given))


def test_workers_ask_as_spark_was_told(spark: pyspark.sql.SparkSession) -> None:
    assert s3_options(spark) == S3Options()
    configuration = spark._jsc.hadoopConfiguration()
    anonymous = "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
    told = {
        "fs.s3a.endpoint": "127.0.0.1:5000",
        "fs.s3a.connection.ssl.enabled": "false",
        "fs.s3a.endpoint.region": "eu-west-1",
        "fs.s3a.requester.pays.enabled": "true",
        "fs.s3a.aws.credentials.provider": anonymous,
    }
    try:
        for name, value in told.items():
            configuration.set(name, value)
        assert s3_options(spark) == S3Options(
            "http://127.0.0.1:5000", "eu-west-1", anonymous=True, requester_pays=True
        )
    finally:
        for name in told:
            configuration.unset(name)
