"""What a worker was decoding when it died can be read afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from sparkles.worker.in_flight import InFlight, left_by_the_dead

# Two threads decode a photo each, and one has decoded another, when the process is killed.
DIES = """
import os, signal, sys, threading
from pathlib import Path
from sparkles.worker.in_flight import InFlight
journal, ready = InFlight(Path(sys.argv[1])), threading.Barrier(3)
def decode(name):
    with journal.entry("done.jpg"):
        pass
    with journal.entry(name):
        ready.wait()
        threading.Event().wait()
for name in ("a.jpg", "b" * 600):
    threading.Thread(target=decode, args=[name], daemon=True).start()
ready.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_names_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, tmp_path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(left_by_the_dead(tmp_path, forget=True)) == ["a.jpg", "b" * 512]
    assert left_by_the_dead(tmp_path) == []


def test_what_is_decoded_or_rejected_or_in_a_living_process_is_not_named(tmp_path: Path) -> None:
    journal = InFlight(tmp_path)
    with journal.entry("a.jpg"):
        assert left_by_the_dead(tmp_path) == []
    try:
        with journal.entry("bad.jpg"):
            raise ValueError
    except ValueError:
        pass
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.rename(tmp_path / "sparkles-in-flight-999999999")  # the number of no process
    assert left_by_the_dead(tmp_path) == []


def test_without_a_place_to_write_photos_are_decoded_all_the_same(tmp_path: Path) -> None:
    with InFlight(tmp_path / "nowhere").entry("a.jpg"):
        assert list(tmp_path.iterdir()) == []
