"""A decoder that hangs ends its process, whether or not it holds Python's lock."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparkles.worker.watch import STATUS

HANGS = """
import re, sys, threading
from sparkles.worker import watch
watch.SECONDS = 1
with watch.Watch() as watching:
    with watching.over("good.jpg"):
        pass
    with watching.over("bad.jpg"):
        {hang}
"""


@pytest.mark.parametrize(
    ("hang", "status", "told"),
    [
        ("threading.Event().wait()", STATUS, "sparkles: decoding bad.jpg has taken"),
        ("re.match(r'(a+)+$', 'a' * 60 + 'b')", 1, "Timeout"),  # holds the lock
    ],
)
def test_a_hanging_decoder_ends_the_process(hang: str, status: int, told: str) -> None:
    script = HANGS.format(hang=hang)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert told in done.stderr


def test_a_process_whose_photos_are_decoded_goes_on() -> None:
    script = HANGS.format(hang="pass") + "threading.Event().wait(2.5)\nprint('alive')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "alive\n"
