"""TensorFlow's routine messages are hidden; everything else that is written stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sparkles.models.tensorflow_logs import suppress_tensorflow_logs

CHATTER = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1795349394.251197   20147 devices.cc:76] Number of eligible GPUs: 0\n"
    b"W0000 00:00:1795349394.2 7 single_machine.cc:374] Starting new session\n"
)


def test_only_chatter_is_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    with suppress_tensorflow_logs():
        os.write(2, CHATTER)
        os.write(2, b"E0000 00:00:1795349394.2 7 out.cc:1] out of memory\n")
        os.write(2, b"a word of ours\n")
    os.write(2, b"afterwards\n")
    said = capfd.readouterr().err
    assert said.splitlines() == [
        "E0000 00:00:1795349394.2 7 out.cc:1] out of memory",
        "a word of ours",
        "afterwards",
    ]


def test_what_was_written_before_a_failure_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        os.write(2, b"F0000 gone\n" + CHATTER)
        raise RuntimeError

    with pytest.raises(RuntimeError), suppress_tensorflow_logs():
        fail()
    os.write(2, b"the terminal is back\n")
    assert capfd.readouterr().err == "F0000 gone\nthe terminal is back\n"


def test_threads_leave_standard_error_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    """The second thread asks for its turn inside the first's block."""
    asked = threading.Event()

    def first() -> None:
        with suppress_tensorflow_logs():
            os.write(2, b"first\n")
            assert asked.wait(60)

    def second() -> None:
        asked.set()
        with suppress_tensorflow_logs():
            os.write(2, CHATTER + b"second\n")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    os.write(2, b"afterwards\n")
    assert sorted(capfd.readouterr().err.split()) == ["afterwards", "first", "second"]


def test_what_python_writes_is_not_held_back() -> None:
    script = (
        "import os, sys\n"
        "from sparkles.models.tensorflow_logs import suppress_tensorflow_logs\n"
        "with suppress_tensorflow_logs():\n"
        "    os.write(2, b'of C++\\n')\n"
        "    print('of Python', file=sys.stderr)\n"
        "    kept = sys.stderr\n"
        "print('of a logger that kept the stream', file=kept)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == [
        "of Python", "of C++", "of a logger that kept the stream",
    ]  # fmt: skip


def test_converting_a_network_is_silent(tmp_path: Path) -> None:
    script = (
        "from sparkles.models import NetworkSettings, prepare_network\n"
        "prepare_network(NetworkSettings('SparklesDemo'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"SPARKLES_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
