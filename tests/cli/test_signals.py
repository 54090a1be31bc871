"""Ctrl-C in a terminal, and SIGTERM: one line, the status that shells expect, and nothing left."""

from __future__ import annotations

import logging
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark import SparkContext

from sparkles.cli import signals
from sparkles.cli.signals import Stop
from tests.cluster.processes import working_below
from tests.conftest import REPOSITORY


@dataclass
class SlowServer:
    """A web server that never sends its photos, and knows when a worker waits for one."""

    address: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def server() -> Iterator[SlowServer]:
    slow = SlowServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            slow.asked.set()
            slow.ended.wait()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.daemon_threads = True
        threading.Thread(target=made.serve_forever, daemon=True).start()
        slow.address = f"http://127.0.0.1:{made.server_port}"
        yield slow
        slow.ended.set()
        made.shutdown()


@dataclass
class Terminal:
    """A process in a terminal of its own, as a shell starts it."""

    process: int
    master: int
    shown: bytearray = field(default_factory=bytearray)

    @classmethod
    def run(cls, words: list[str], folder: Path) -> Terminal:
        variables = {**os.environ, "PYTHONPATH": str(REPOSITORY), "no_proxy": "127.0.0.1"}
        process, master = pty.fork()
        if not process:
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-m", "sparkles.cli", *words], variables)
        terminal = cls(process, master)
        threading.Thread(target=terminal._read, daemon=True).start()
        return terminal

    def _read(self) -> None:
        with suppress(OSError):  # the terminal is gone when its last process is
            while part := os.read(self.master, 65536):
                self.shown += part

    def type_interrupt(self) -> None:
        """Press Ctrl-C: the terminal signals its whole foreground process group."""
        os.write(self.master, b"\x03")

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@pytest.mark.parametrize(
    ("by", "status", "line"),
    [
        (signal.SIGINT, 130, "sparkles: error: stopped; nothing was written to the output"),
        # Another test sends SIGTERM to a process without Spark.
        pytest.param(
            signal.SIGTERM,
            143,
            "sparkles: error: stopped by SIGTERM; nothing was written to the output",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_signal_while_photos_are_featurized_ends_the_run_in_one_line(
    tmp_path: Path, server: SlowServer, by: signal.Signals, status: int, line: str
) -> None:
    rows = [f"p{place},{server.address}/{place}.jpg" for place in range(8)]
    (tmp_path / "manifest.csv").write_text("\n".join(["image_id,uri", *rows]) + "\n")
    terminal = Terminal.run(
        ["featurize", "--images", "manifest.csv", "--model", "SparklesDemo", "--output", "out",
         "--precision", "f32"],
        tmp_path,
    )  # fmt: skip
    assert server.asked.wait(600), terminal.shown.decode()
    before = len(terminal.shown)
    if by is signal.SIGINT:
        terminal.type_interrupt()
        terminal.type_interrupt()  # an impatient user
    else:
        os.killpg(terminal.process, by)  # as a supervisor ends all processes of a job
    assert terminal.wait() == status
    said = terminal.shown.decode()[before:].replace("^C", "").replace("\r", "\n")
    kept = [text.strip() for text in said.split("\n") if text.strip() and "photos" not in text]
    assert kept == [line], terminal.shown.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.csv"]
    assert not [process for process in working_below(tmp_path) if process != os.getpid()]


def test_the_second_signal_waits_for_the_first_to_be_handled() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop() as stop:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.received is signal.SIGTERM
        assert stop.status == 143
    signal.signal(signal.SIGTERM, before)
    logging.disable(logging.NOTSET)


def test_spark_is_killed_if_it_does_not_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE)
    monkeypatch.setattr(SparkContext, "_gateway", SimpleNamespace(proc=hanging))
    monkeypatch.setattr(signals, "_LONGEST", 0.0)
    before = signal.getsignal(signal.SIGTERM)
    with Stop():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        assert hanging.wait() == -signal.SIGKILL
    signal.signal(signal.SIGTERM, before)
    logging.disable(logging.NOTSET)


def test_handlers_are_restored_where_no_signal_came() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Stop():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
