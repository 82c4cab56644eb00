"""A simulator's side door (`/_admin/…`, see local/README.md), as the run's people use it.

Over HTTP, so that nothing is read while the simulator is in the middle of an answer.
"""

from __future__ import annotations

from typing import Any

import requests

from local.stack import LocalStackError

ANSWER_SECONDS = 20.0


class SideDoor:
    """One simulator's."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_admin"

    def books(self) -> dict[str, Any]:
        """What really happened.

        Raises:
            LocalStackError: The simulator does not answer.
        """
        return self._ask("GET", "books")

    def do(self, action: str, **content: Any) -> dict[str, Any]:
        """What somebody does who is neither the hub nor a test.

        Raises:
            LocalStackError: The simulator does not let it be done.
        """
        return self._ask("POST", action, content)

    def forget_faults(self) -> None:
        """What was to go wrong goes well from now on.

        Raises:
            LocalStackError: The simulator does not answer.
        """
        self._ask("DELETE", "faults")

    def _ask(self, method: str, action: str, content: Any = None) -> dict[str, Any]:
        try:
            answer = requests.request(
                method, f"{self._url}/{action}", json=content, timeout=ANSWER_SECONDS
            )
        except requests.RequestException as error:
            raise LocalStackError(f"a simulator does not answer {action}: {error}") from None
        if answer.status_code != 200:
            raise LocalStackError(f"a simulator refused {action}: {answer.text[:300]}")
        result: dict[str, Any] = answer.json()
        return result
