"""`ports.relay.DespatchTarget`: one POST of `despatch/1` to an address that the merchant names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import requests

from returns_hub.adapters.http.transport import Answer, Outcome, PartnerHttp
from returns_hub.adapters.relay.errors import require_taken
from returns_hub.adapters.relay.signing import key_of, signed
from returns_hub.domain.relay.despatch import Despatch
from returns_hub.domain.relay.settings import RelayTarget
from returns_hub.errors import Misconfigured
from returns_hub.ports import Clock

TEMPLATE = "despatch/1"
"""For logs: the address is the merchant's own business."""


class ReadSecret(Protocol):
    """Reads the target's secret; raises Misconfigured."""

    def __call__(self, *, fresh: bool) -> Mapping[str, str]:
        """Its content; with `fresh` not from a cache."""


class HttpDespatchTarget:
    """`ports.relay.DespatchTarget`. tell: 1 request, 2 where the secret was changed meanwhile.

    Args:
        http: Requests to its address, through its own gate.
        target: As the file describes it.
        secret: Its `signing_key`, or `token`, or both.
        clock: For the signature's time.
    """

    def __init__(
        self, http: PartnerHttp, target: RelayTarget, *, secret: ReadSecret, clock: Clock
    ) -> None:
        self._http = http
        self._target = target
        self._secret = secret
        self._clock = clock

    def require_open(self) -> None:
        """See `ports.relay.DespatchTarget.require_open`."""
        self._http.require_open()

    def tell(self, despatch: Despatch, send_by: datetime) -> str:
        """See `ports.relay.DespatchTarget.tell`."""
        secret = self._secret(fresh=False)
        outcome = self._post(despatch, secret, send_by)
        if isinstance(outcome, Answer) and outcome.status in {401, 403}:
            # Refused before anything was done: with a key that was changed it may go once more.
            changed = self._secret(fresh=True)
            if dict(changed) != dict(secret):
                outcome = self._post(despatch, changed, send_by)
        name, now = self._target.name, self._clock.now()
        require_taken(outcome, target=name, event_id=despatch.id, now=now)
        return despatch.id

    def _post(self, despatch: Despatch, secret: Mapping[str, str], send_by: datetime) -> Outcome:
        token, text = secret.get("token", "").strip(), secret.get("signing_key", "").strip()
        if not token and not text:
            raise Misconfigured(
                "secret.malformed",
                f"secret {self._target.secret} has neither signing_key nor token",
            )
        headers = {"Content-Type": "application/json", "Idempotency-Key": despatch.id}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = despatch.to_json().encode()
        key = key_of(text)

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if key:
                seconds = int(self._clock.now().timestamp())
                request.headers.update(signed(key, despatch.id, seconds, body))
            return request

        return self._http.request(
            "POST",
            "",
            template=TEMPLATE,
            headers=headers,
            body=body,
            sign=sign,
            send_by=send_by,
        )
