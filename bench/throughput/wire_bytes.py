"""How many bytes a process that serves has taken and given, over all its connections.

Loaded by processes of servers only; the process that is measured counts nothing.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

_LOCK = threading.Lock()
_COUNTS = [0, 0]
_SEND, _RECEIVE = socket.socket.send, socket.socket.recv_into


def _send(self: socket.socket, data: Any, *arguments: Any) -> int:
    sent = _SEND(self, data, *arguments)
    with _LOCK:
        _COUNTS[1] += sent
    return sent


def _recv_into(self: socket.socket, *arguments: Any, **more: Any) -> int:
    taken = _RECEIVE(self, *arguments, **more)
    with _LOCK:
        _COUNTS[0] += taken
    return taken


def count() -> None:
    """From now on count what this process's sockets take and give."""
    socket.socket.send = _send  # type: ignore[method-assign, assignment]
    socket.socket.recv_into = _recv_into  # type: ignore[method-assign, assignment]


def counted() -> tuple[int, int]:
    """Bytes taken and bytes given so far, HTTP's headers included."""
    with _LOCK:
        return _COUNTS[0], _COUNTS[1]
