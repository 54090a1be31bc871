"""The command that is shown after one that succeeded."""

from __future__ import annotations

import pytest

from sparkles.cli.next_step import next_step
from sparkles.cli.parser import parse

DATA = "--labels l.csv --images photos --classes Car,Tree"


@pytest.mark.parametrize(
    ("done", "follows"),
    [
        (f"train {DATA} --output runs/a/", "predict --model runs/a/model --images DIR"),
        (f"prepare {DATA} --output d", "train --images photos"),
        ("prepare --images photos --output d --test-fraction 0.2", "--test-fraction 0.2"),
        ("explore --images photos --output d", "train --images photos"),
        ("evaluate --model m --images new --output d", "explain --model m --images new"),
        ("predict --model m --images new --output d", "explain --model m --images new"),
    ],
)
def test_the_next_step_parses_and_takes_what_was_given(done: str, follows: str) -> None:
    step = next_step(parse(done.split()).settings())
    assert step is not None
    assert follows in step
    settings = parse(step.split()[1:]).settings()
    assert getattr(settings, "output", "") == "OUTPUT"
    assert "--overwrite" not in step


@pytest.mark.parametrize(
    "done", ["featurize --images p --output d", "explore --labels l.csv --output d"]
)
def test_some_commands_have_no_next_step(done: str) -> None:
    assert next_step(parse(done.split()).settings()) is None
