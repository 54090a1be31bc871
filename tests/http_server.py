"""An HTTP server on the loopback interface, for a test's own handler."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["serve"]


@contextmanager
def serve(handler: type[BaseHTTPRequestHandler], **arguments: Any) -> Iterator[str]:
    """Serve for the block without logging; yield the server's address, ``http://127.0.0.1:port``.

    Parameters
    ----------
    handler
        Answers the requests.
    arguments
        More arguments of the handler's constructor.
    """
    quiet = type(handler.__name__, (handler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, **arguments))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
