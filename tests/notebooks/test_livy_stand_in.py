"""The stand-in refuses what Livy refuses, and answers as Livy's REST API does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.notebooks.livy_shell import run
from tests.notebooks.livy_stand_in import refusal, serve


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"executorCore": 4}, 'Unrecognized field "executorCore"'),
        ({"executorCores": "four"}, "executorCores"),
        ({"driverMemory": 4}, "driverMemory"),
        ({"conf": {"spark.executor.instances": 12}}, "spark.executor.instances"),
        ({"conf": {"spark.submit.deployMode": "cluster"}}, "Blacklisted"),
        ({"archives": ["environment.tar.gz#environment"]}, "not absolute"),
    ],
)
def test_what_livy_refuses(asked: dict[str, Any], reason: str) -> None:
    assert reason in str(refusal(asked))


def test_what_livy_takes() -> None:
    archives = ["s3://bucket/environment.tar.gz#environment", "/apps/other.zip"]
    assert refusal({"kind": "pyspark", "numExecutors": 12, "archives": archives}) is None


def test_a_refused_session_is_a_bad_request(tmp_path: Path) -> None:
    with serve(tmp_path) as (livy, address):
        answer = requests.post(f"{address}/sessions", json={"executorCore": 4}, timeout=600)
    assert answer.status_code == 400
    assert livy.asked == []


def test_a_statement_answers_with_what_it_prints_and_its_value() -> None:
    names: dict[str, object] = {}
    answer = run("import sys\nx = 1\nprint('out')\nprint('err', file=sys.stderr)\nx + 1", names)
    assert answer == {"status": "ok", "data": {"text/plain": "out\nerr\n2"}}
    assert run("None", names)["data"] == {"text/plain": ""}
    assert run("y", names)["ename"] == "NameError"
    assert run("1 +", names)["ename"] == "SyntaxError"
