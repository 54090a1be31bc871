"""The README's promises: a clean script, and a request that EMR's model accepts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bootstrap.node import SCRIPT, Node


def test_shellcheck_finds_nothing() -> None:
    installed = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    shellcheck = installed or shutil.which("shellcheck")
    assert shellcheck, "shellcheck is not installed: make install"
    scripts = sorted(SCRIPT.parent.glob("*.sh"))
    assert SCRIPT in scripts
    done = subprocess.run(
        [shellcheck, "--enable=quote-safe-variables,check-unassigned-uppercase", *scripts],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_script_is_executable() -> None:
    assert SCRIPT.stat().st_mode & 0o111
    assert SCRIPT.read_text().startswith("#!/usr/bin/env bash\n")


def test_the_request_fits_run_job_flow(node: Node, readme: str) -> None:
    session = pytest.importorskip("botocore.session")
    validate = pytest.importorskip("botocore.validate")
    block = re.search(r"```json\n(.+?)```", readme, re.DOTALL)
    assert block
    request = json.loads(block[1])
    shape = session.get_session().get_service_model("emr").shape_for("RunJobFlowInput")
    report = validate.ParamValidator().validate({"Name": "", "Instances": {}, **request}, shape)
    assert not report.has_errors(), report.generate_report()
    (action,) = request["BootstrapActions"]
    arguments = [
        argument.replace("<sha256>", "0" * 64)
        for argument in action["ScriptBootstrapAction"]["Args"]
    ]
    status, log = node.run(*arguments)
    assert (status, "(404)" in log) == (1, True), (
        "the arguments are valid, but there is no such bucket"
    )
    export = request["Configurations"][0]["Configurations"][0]["Properties"]
    assert set(export.values()) == {f"/{node.link.relative_to(node.root)}/bin/python"}
