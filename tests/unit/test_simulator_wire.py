"""Simulators behind HTTP: a fault of their own is no lost connection that nobody hears of."""

from __future__ import annotations

import pytest
import requests

from local.simulators.wire import Reply, Request, Server


class Faulty:
    """A core with a fault."""

    def handle(self, request: Request) -> Reply:
        raise ValueError("not a number")


def test_a_fault_of_a_core_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Faulty()) as server, pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/returns", timeout=5)
    said = capsys.readouterr().err
    assert "not a number" in said
    assert "Faulty: GET /returns" in said
