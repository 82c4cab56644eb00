"""The simulators' socket: what a partner's server does not see, a simulator does not see either."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import requests

from local.simulators.wire import Reply, Request, Server, json_reply


class Heard:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Reply:
        self.requests.append(request)
        return json_reply(200, {})


def test_a_request_whose_body_was_cut_off_is_none() -> None:
    heard = Heard()
    with Server(heard) as server:
        parts = urlsplit(server.url)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 5) as client:
            client.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""
        session = requests.Session()
        session.trust_env = False
        assert session.post(f"{server.url}/b", json={}, timeout=5).status_code == 200
    assert [request.path for request in heard.requests] == ["/b"]
