"""Programs that work are silent; those that fail give one line."""

import sys
from pathlib import Path

import pytest

from packing.command import run_quietly
from packing.errors import PackingError


def test_it_runs_where_and_with_what_it_is_told(tmp_path: Path, capfd: object) -> None:
    code = "import os, pathlib; pathlib.Path('told').write_text(os.environ['WORD']); print('noise')"
    run_quietly([sys.executable, "-c", code], "try", folder=tmp_path, variables={"WORD": "yes"})
    assert (tmp_path / "told").read_text() == "yes"
    assert capfd.readouterr().out == ""


def test_a_failure_tells_the_last_line(tmp_path: Path) -> None:
    code = (
        "import sys; print('first'); print('no such package\\n\\n', file=sys.stderr); sys.exit(3)"
    )
    with pytest.raises(PackingError) as caught:
        run_quietly([sys.executable, "-c", code], "install numpy")
    program = Path(sys.executable).name
    assert str(caught.value) == f"could not install numpy: {program} ended with 3: no such package"


def test_a_silent_failure_is_told_as_such() -> None:
    with pytest.raises(PackingError, match="ended with 1: it printed nothing"):
        run_quietly([sys.executable, "-c", "raise SystemExit(1)"], "try")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match=r"could not try: .*No such file"):
        run_quietly([tmp_path / "absent"], "try")
