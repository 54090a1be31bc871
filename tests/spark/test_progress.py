"""Progress on a terminal, in a log file and in a notebook."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from sparkles.spark import progress
from sparkles.spark.progress import Stages, show_listing, show_progress
from tests.notebooks.running import complaints, run, text_of

CELL = """
from types import SimpleNamespace
from sparkles.spark.progress import Stages, show_progress
count = SimpleNamespace(value=0)
stages = Stages(["featurize"])
with stages.stage("featurize"), show_progress(SimpleNamespace(accumulator=lambda _: count), 8):
    count.value = 5
"""


@pytest.fixture
def context() -> SimpleNamespace:
    """Stand in for a SparkContext and its accumulators."""
    return SimpleNamespace(accumulator=lambda start: SimpleNamespace(value=start))


def notebook_of(*cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    return notebook


def test_a_log_file_gets_lines(
    context: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with show_progress(context, 8) as done:
        done.value = 8
    assert "8 of 8 photos" in capsys.readouterr().err.splitlines()[-1]


def test_a_terminal_gets_one_line_that_changes(
    context: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    with show_listing(context) as done:
        done.value = 3
        while "3 files" not in terminal.getvalue():
            time.sleep(0.01)  # another thread writes, twice a second
        done.value = 7
    assert "\r" in terminal.getvalue()
    assert "7 files listed" in terminal.getvalue().split("\r")[-1]


def test_quiet_is_silent(context: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(context, 8, quiet=True) as done:
        done.value = 8
    Stages(["a"], quiet=True).say("nothing")
    assert capsys.readouterr() == ("", "")


def test_a_block_that_fails_does_not_show_the_total(
    context: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(ValueError), show_progress(context, 8) as done:
        done.value = 3
        raise ValueError
    assert "8 of 8" not in capsys.readouterr().err


def test_a_notebook_gets_a_bar_and_no_red_text(tmp_path: Path) -> None:
    notebook = notebook_of(CELL)
    run(notebook, tmp_path)
    assert complaints(notebook) == []
    said = [output.text for output in notebook.cells[0].outputs if output.output_type == "stream"]
    assert said == ["[1/1] featurize\n"]
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    models = [each["state"] for each in states.values()]
    (bar,) = [each for each in models if each["_model_name"] == "FloatProgressModel"]
    assert (bar["value"], bar["max"], bar["bar_style"]) == (8.0, 8.0, "success")
    told = " ".join(each.get("value", "") for each in models if "HTML" in each["_model_name"])
    assert "8\u2007of\u20078\u2007photos" in told


def test_a_notebook_without_widgets_gets_lines(tmp_path: Path) -> None:
    hide = "import importlib.util\nimportlib.util.find_spec = lambda name, package=None: None"
    notebook = notebook_of(hide, CELL)
    run(notebook, tmp_path)
    assert complaints(notebook) == []
    assert "8 of 8 photos" in text_of(notebook)


def test_closing_lines_have_the_results_before_the_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stages = Stages(["train"])
    with stages.stage("train"):
        stages.note("2 photos have one name")
        stages.result("accuracy 0.9")
    capsys.readouterr()
    stages.close("wrote run")
    assert capsys.readouterr().err.splitlines() == [
        "accuracy 0.9",
        "2 photos have one name",
        "wrote run",
    ]


def test_a_long_stage_shows_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_FIRST_TICK", 0.01)
    seen = ""
    with Stages(["train"]).stage("train"):
        while "train: 0 s" not in seen:
            seen += capsys.readouterr().err
            time.sleep(0.01)  # another thread writes


def test_a_log_gets_a_line_after_twice_the_time_of_the_one_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 9

    progress._keep_ticking("train", SimpleNamespace(wait=wait))  # type: ignore[arg-type]
    assert waits == [4, 10, 20, 40, 80, 160, 320, 600, 600]
    assert len(capsys.readouterr().err.splitlines()) == 8


def test_a_stage_on_a_terminal_leaves_no_half_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_FIRST_TICK", 0.01)
    with Stages(["train"]).stage("train"):
        while "train: 0 s" not in terminal.getvalue():
            time.sleep(0.01)  # another thread writes
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_stage_that_runs_is_among_the_seconds() -> None:
    stages = Stages(["join", "report"], quiet=True)
    with stages.stage("join"):
        pass
    with stages.stage("report"):
        assert list(stages.seconds_so_far()) == ["join", "report"]
        assert list(stages.seconds) == ["join"]
    assert list(stages.seconds) == ["join", "report"]
