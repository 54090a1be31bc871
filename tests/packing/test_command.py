"""A program that succeeds prints nothing; one that fails gives an error of one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from packing.command import run_quietly
from packing.errors import PackingError


def test_folder_and_variables_are_passed_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import os, pathlib; pathlib.Path('note').write_text(os.environ['WORD']); print('noise')"
    run_quietly([sys.executable, "-c", code], "try", folder=tmp_path, variables={"WORD": "yes"})
    assert (tmp_path / "note").read_text() == "yes"
    assert capfd.readouterr().out == ""


def test_a_failure_reports_the_last_line(tmp_path: Path) -> None:
    code = (
        "import sys; print('first'); print('no such package\\n\\n', file=sys.stderr); sys.exit(3)"
    )
    with pytest.raises(PackingError) as caught:
        run_quietly([sys.executable, "-c", code], "install numpy")
    program = Path(sys.executable).name
    assert str(caught.value) == f"could not install numpy: {program} ended with 3: no such package"


def test_a_silent_failure_is_reported_as_such() -> None:
    with pytest.raises(PackingError, match="ended with 1: it printed nothing"):
        run_quietly([sys.executable, "-c", "raise SystemExit(1)"], "try")


def test_a_missing_program_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match=r"could not try: .*No such file"):
        run_quietly([tmp_path / "absent"], "try")
