"""A session that does not look where a redirect leads."""

from __future__ import annotations

import requests


class PlainSession(requests.Session):
    """requests prepares the next request of a redirect even when none is to be followed: it reads
    the whole body for it, however large, and fails on an address that is no UTF-8."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """None: a redirect is an answer like any other."""
        return None
