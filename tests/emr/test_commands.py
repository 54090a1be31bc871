"""``sparkles emr`` as users run it: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkles.cli import main
from sparkles.emr import subcommands
from tests.emr.conftest import BUCKET, CONFIGURATIONS, REPOSITORY

M7I = str(CONFIGURATIONS / "m7i.json")
JOB = ["--", "train", "--labels", "s3://b/l.csv", "--images", "s3://b/p", "--classes", "Car,Tree",
       "--output", "s3://b/run"]  # fmt: skip


def test_validate_lists_errors(capsys: Any, tmp_path: Any) -> None:
    assert main(["emr", "validate", M7I]) == 0
    assert f"{M7I} is valid" in capsys.readouterr().out
    wrong = tmp_path / "wrong.json"
    wrong.write_text((CONFIGURATIONS / "m7i.json").read_text().replace("emr-7.14.0", "banana"))
    assert main(["emr", "validate", str(wrong)]) == 2
    shown = capsys.readouterr()
    assert "error: ReleaseLabel: 'banana' is not a release" in shown.out
    assert shown.err.splitlines() == [
        f"sparkles: error: {wrong} has an error, listed above; nothing was sent"
    ]


def test_size_prints_sparks_properties(capsys: Any) -> None:
    assert main(["emr", "size", "--instance", "r5.4xlarge", "--count", "3"]) == 0
    assert "spark.executor.instances=12" in capsys.readouterr().out
    assert main(["emr", "size", "--instance", "r5.4xlarge", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spark.executor.cores"] == "4"
    assert main(["emr", "size", "--instance", "banana"]) == 2
    assert "is not in the table" in capsys.readouterr().err


def test_estimate_compares_instances_and_checks_its_input(capsys: Any, tmp_path: Any) -> None:
    assert main(["emr", "estimate", "--images", "41620", "--instance", "m7i.4xlarge"]) == 0
    assert "41,620 photos through InceptionV3" in capsys.readouterr().out
    assert main(["emr", "estimate", "--images", "41620"]) == 0
    assert "recommended, by hours x dollars" in capsys.readouterr().out
    pilot = tmp_path / "pilot.json"
    pilot.write_text("{}")
    assert main(["emr", "estimate", "--images", "10", "--pilot", str(pilot)]) == 2
    assert "pilot: expected a file" in capsys.readouterr().err
    assert main(["emr", "estimate", "--images", "10", "--precision", "bf16",
                 "--instance", "m4.xlarge"]) == 2  # fmt: skip
    assert "bf16 needs AMX" in capsys.readouterr().err


def launch(project: Any, *more: str, job: list[str] = JOB) -> int:
    return main(["emr", "launch", M7I, "--bucket", BUCKET, "--project", str(project), *more, *job])


def test_a_dry_run_sends_nothing_to_aws(capsys: Any, project: Any, monkeypatch: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert launch(project, "--dry-run") == 0
    shown = capsys.readouterr()
    request = json.loads(shown.out)
    assert request["Steps"][0]["HadoopJarStep"]["Args"][-2:] == ["--output", "s3://b/run"]
    assert "nothing was sent; a launch would upload" in shown.err


def test_a_cluster_can_be_launched_used_and_terminated(
    account: Any, capsys: Any, project: Any
) -> None:
    assert launch(project, "--keep-alive", "30", "--quiet") == 0
    shown = capsys.readouterr()
    cluster = shown.out.strip()
    assert cluster.startswith("j-")
    assert f"`sparkles emr terminate {cluster}` ends it" in shown.err
    where = ["--bucket", BUCKET, "--project", str(project)]
    assert main(["emr", "submit", cluster, *where, *JOB]) == 0
    step = capsys.readouterr().out.strip()
    assert main(["emr", "status", cluster]) == 0
    status = capsys.readouterr().out
    assert f"{cluster} sparkles-m7i: " in status
    assert f"  {step} sparkles train: PENDING" in status
    assert main(["emr", "logs", cluster]) == 2
    assert "there are no logs in" in capsys.readouterr().err
    assert main(["emr", "terminate", cluster]) == 0
    assert "was asked to end" in capsys.readouterr().err
    assert main(["emr", "terminate", cluster]) == 0
    assert "has ended already" in capsys.readouterr().err
    assert main(["emr", "submit", cluster, *where, *JOB]) == 2
    assert "launch another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (["--", "train", "--labels", "s3://b/l.csv"], "--images is missing"),
        (["--", "trian"], "the job after --: expected train, predict,"),
        ([*JOB, "--clases", "A"], "has no option --clases. Did you mean --classes?"),
        (
            ["--", "demo"],
            "featurize, prepare, explore, explain, report, got demo",
        ),
        (["--", "emr", "size", "--instance", "x"], "got emr"),
        ([*JOB[:3], "labels.csv", *JOB[4:]], "--labels labels.csv is a path on this machine"),
        ([*JOB, "--config", "x.yaml"], "--config x.yaml is a path on this machine"),
        ([*JOB, "--weights", __file__], "is a file on this machine; put --weights before the --"),
        (
            ["--", "predict", "--model", "m", "--images", "s3://b/p", "--output", "s3://b/o"],
            "--model m is a path on this machine",
        ),
        ([], "without doing anything: add a job"),
    ],
)
def test_a_job_that_would_fail_at_once_is_an_error(
    capsys: Any, project: Any, job: list[str], said: str
) -> None:
    assert launch(project, "--dry-run", job=job) == 2
    assert said in capsys.readouterr().err


def test_an_unusable_bucket_region_or_cluster_is_an_error(
    account: Any, capsys: Any, project: Any, monkeypatch: Any
) -> None:
    assert main(["emr", "launch", M7I, "--bucket", "absent", "--project", str(project), *JOB]) == 2
    assert (
        "bucket absent: 404; create it, or choose another bucket (--bucket)"
        in capsys.readouterr().err
    )
    assert account.client("emr").list_clusters()["Clusters"] == []
    assert launch(project, "--region", "us-esat-1") == 2
    assert "expected a region with EMR" in capsys.readouterr().err
    assert main(["emr", "status", "j-NOBODY"]) == 2
    assert "cluster j-NOBODY: " in capsys.readouterr().err
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


@pytest.mark.parametrize("account", [True], indirect=True)
def test_setup_creates_roles(account: Any, capsys: Any) -> None:
    where = ["--bucket", BUCKET, "--project", str(REPOSITORY)]
    assert main(["emr", "setup", *where]) == 0
    assert "role SparklesEmrNodes: created" in capsys.readouterr().err


def test_ctrl_c_reports_what_keeps_running(account: Any, capsys: Any, monkeypatch: Any) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subcommands, "wait_for_cluster", stop)
    assert main(["emr", "wait", "j-1ABC"]) == 130
    shown = capsys.readouterr().err
    assert "j-1ABC keeps running and costing" in shown
    assert "`sparkles emr terminate j-1ABC` ends it" in shown


def test_ctrl_c_ends_a_real_process_that_waits(credentials: None, project: Any) -> None:
    """With a real signal and a server that reports the cluster as running."""
    pytest.importorskip("moto.server")
    from tests.s3_server import s3_on_loopback

    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket=BUCKET)
        words = [sys.executable, "-m", "sparkles.cli", "emr", "launch", M7I, "--bucket", BUCKET,
                 "--project", str(project), "--wait", *JOB]  # fmt: skip
        process = subprocess.Popen(
            words, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "AWS_ENDPOINT_URL": endpoint, "no_proxy": "127.0.0.1"},
        )  # fmt: skip
        try:
            cluster = process.stdout.readline().strip()  # type: ignore[union-attr]
            next(line for line in process.stderr if line.startswith(f"{cluster} "))  # it watches
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=600)
        finally:
            process.kill()
        assert cluster.startswith("j-"), said
        assert process.returncode == 130
        assert f"no longer watching: {cluster} keeps running" in said


def test_help_needs_no_aws(capsys: Any) -> None:
    assert main(["emr", "--help"]) == 0
    assert "terminate" in capsys.readouterr().out
    assert main(["emr"]) == 2


def test_a_pilot_is_saved_over_no_other_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "labels.csv"
    mine.write_text("of the user")
    words = ["emr", "estimate", "--images", "100", "--pilot", "photos", "--save-pilot", str(mine)]
    assert main(words) == 2
    assert f"--save-pilot: {mine} exists and is no saved pilot" in capsys.readouterr().err
    assert mine.read_text() == "of the user"
