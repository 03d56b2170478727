"""The shop's pages, served by threads of this process."""

from __future__ import annotations

import socket
import threading

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class QuietHandler(WSGIRequestHandler):
    """Says nothing about requests that went well."""

    def log_message(self, format: str, *args: object) -> None:
        """Log errors only."""
        if len(args) > 1 and str(args[1]).startswith("5"):
            super().log_message(format, *args)


class Webserver:
    """``start()``, ``stop()``; between them the shop answers at ``address``."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.address = f"http://localhost:{port}"
        self._server = ThreadedWSGIServer((host, port), QuietHandler)
        self._server.set_app(StaticFilesHandler(get_wsgi_application()))
        self._thread = threading.Thread(target=self._server.serve_forever, name="web", daemon=True)

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish and close."""
        self._server.shutdown()
        self._server.server_close()


def free_port(wanted: int, host: str = "127.0.0.1") -> int:
    """``wanted`` if nobody listens there, else the next port that is free."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((host, port)) != 0:
                return port
    raise OSError(f"No free port between {wanted} and {wanted + 49}.")
