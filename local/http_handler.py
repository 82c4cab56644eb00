"""What every HTTP server of the local stack has in common; what it answers is its own."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections alive, logs nothing, and lets a caller who hangs up go."""

    protocol_version = "HTTP/1.1"
    # Headers and body in one segment and no waiting for acknowledgements: with either left at its
    # default a kept-alive connection answers 25 times a second.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout: ClassVar[float | None] = 120

    def handle_one_request(self) -> None:
        """See `BaseHTTPRequestHandler.handle_one_request`."""
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError, TimeoutError):
            self.close_connection = True

    def finish(self) -> None:
        """See `StreamRequestHandler.finish`."""
        try:
            super().finish()
        except (OSError, ValueError):
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the servers' own books and logs tell what happened."""
