"""A stand-in for Livy on loopback: its REST API, and one Python with local Spark per session.

Sessions are refused for what Livy refuses: unknown fields, fields of another type, settings of
Spark that it keeps to itself. Sparkmagic's own kernel talks to it as it does to a cluster's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY

__all__ = ["Livy", "refusal", "serve"]

# The fields of org.apache.livy.server.interactive.CreateInteractiveRequest (Livy 0.8).
FIELDS: dict[str, type] = {
    "kind": str,
    "proxyUser": str,
    "jars": list,
    "pyFiles": list,
    "files": list,
    "driverMemory": str,
    "driverCores": int,
    "executorMemory": str,
    "executorCores": int,
    "numExecutors": int,
    "archives": list,
    "queue": str,
    "name": str,
    "conf": dict,
    "heartbeatTimeoutInSecond": int,
    "ttl": str,
}
# Livy puts its own in their place, or refuses them (spark-blacklist.conf).
KEPT = {"spark.master", "spark.submit.deployMode"}


def refusal(asked: Mapping[str, Any]) -> str | None:
    """Why Livy would refuse a session, or None."""
    for name, value in asked.items():
        if name not in FIELDS:
            return f'Unrecognized field "{name}"'
        if not isinstance(value, FIELDS[name]) or isinstance(value, bool):
            return f"{name}: expected {FIELDS[name].__name__}, got {value!r}"
    conf = asked.get("conf", {})
    if kept := sorted(KEPT & conf.keys()):
        return f"Blacklisted configuration values in session config: {', '.join(kept)}"
    if odd := sorted(name for name, value in conf.items() if not isinstance(value, str)):
        return f"conf: expected text, got another type for {', '.join(odd)}"
    bare = [uri for uri in asked.get("archives", []) if ":" not in uri and not uri.startswith("/")]
    return f"Path '{bare[0]}' is not absolute." if bare else None


class Livy:
    """The server's sessions: what each was asked for, and the Python that runs its statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[dict[str, Any]] = []
        self.statements: list[dict[str, Any]] = []
        self.ended = False
        self._python: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start_session(self, asked: dict[str, Any]) -> None:
        self.asked.append(asked)
        self.stop()
        shell = Path(__file__).with_name("livy_shell.py")
        self._python = subprocess.Popen(
            [sys.executable, str(shell)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip

    def run(self, code: str) -> dict[str, Any]:
        assert self._python is not None
        sent, answers = self._python.stdin, self._python.stdout
        assert sent is not None
        assert answers is not None
        with self._lock:
            sent.write(json.dumps({"code": code}) + "\n")
            sent.flush()
            output = json.loads(answers.readline())
        statement = {
            "id": len(self.statements),
            "code": code,
            "state": "available",
            "progress": 1.0,
        }
        self.statements.append(statement | {"output": output})
        return self.statements[-1]

    def stop(self) -> None:
        if self._python and self._python.stdin:
            self._python.stdin.close()
            self._python.wait(60)
            self._python = None


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        livy = self.server.livy
        match self.path.strip("/").split("?")[0].split("/"):
            case ["sessions"]:
                self._answer(200, {"from": 0, "total": 1, "sessions": [self._session()]})
            case ["sessions", _, "log"]:
                self._answer(200, {"id": 0, "from": 0, "total": 0, "log": []})
            case ["sessions", _]:
                self._answer(200, self._session())
            case ["sessions", _, "statements", number]:
                self._answer(200, livy.statements[int(number)])
            case _:
                self._answer(404, {"msg": f"no {self.path}"})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/sessions":
            if reason := refusal(sent):
                self._answer(400, {"msg": reason})
                return
            self.server.livy.start_session(sent)
            self._answer(201, self._session())
        elif self.path.endswith("/statements"):
            self._answer(201, self.server.livy.run(sent["code"]))
        else:
            self._answer(404, {"msg": f"no {self.path}"})

    def do_DELETE(self) -> None:
        self.server.livy.stop()
        self.server.livy.ended = True
        self._answer(200, {"msg": "deleted"})

    def _session(self) -> dict[str, Any]:
        return {
            "id": 0, "name": None, "owner": None, "proxyUser": None, "kind": "pyspark",
            "state": "idle", "appId": "application_0_0001", "appInfo": {}, "log": [],
        }  # fmt: skip

    def _answer(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, livy: Livy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.livy = livy


@contextmanager
def serve(folder: Path) -> Iterator[tuple[Livy, str]]:
    """Serve sessions whose Python runs in a folder, while a block runs.

    Yields
    ------
    tuple of Livy and str
        The sessions, and the server's address.
    """
    livy = Livy(folder)
    server = _Server(livy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield livy, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        livy.stop()
