"""The signature of every request to Unleashed, its headers, and the month's quota."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from local.simulators.unleashed.company import Company, House
from local.simulators.unleashed.replies import Refused, decoded, query_of, wrong
from local.simulators.wire import Request

ACCEPTED = "application/json"
CLIENT = re.compile(r"[a-z0-9._/-]{1,20}")
MAILS = (90, 95, 100)
"""Percent of the quota at which the account's owner gets a mail."""


def signature(key: str, query: str) -> str:
    """Base64 of the HMAC-SHA256 of what follows the question mark, under the key's own bytes."""
    made = hmac.new(key.encode(), query.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


class Gate:
    """Who may come in, and how often."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.companies: dict[str, Company] = {}
        self.refused: Counter[str] = Counter()
        self.clients: Counter[str] = Counter()
        self.used: dict[str, Counter[str]] = {}

    def month(self) -> str:
        """The month that counts now, UTC."""
        return self._house.now().astimezone(UTC).strftime("%Y-%m")

    def enter(self, request: Request) -> tuple[Company, dict[str, str]]:
        """The company whose key signed the request, and the query.

        Raises:
            Refused: 403 without a body for a wrong id or signature; what is wrong otherwise.
        """
        raw = (request.target or request.path).partition("?")[2]
        company = self.companies.get(request.headers.get("api-auth-id", "").lower())
        given = request.headers.get("api-auth-signature", "")
        if company is None or not self._signed(company, raw, given):
            self.refused["signature"] += 1
            raise Refused(403, bare=True)
        self._count(company)
        self._headers(request.headers)
        return company, query_of(raw)

    def _signed(self, company: Company, raw: str, given: str) -> bool:
        """Whether the signature is right: that of the wire's own bytes, its colons raw."""
        if "%3a" in raw.lower():
            return False
        escaped = "%" in raw or "+" in raw
        if escaped and self._house.settings.escapes == "refused":
            return False
        meant = decoded(raw) if self._house.settings.escapes == "decoded" else raw
        return hmac.compare_digest(signature(company.api_key, meant).encode(), given.encode())

    def _headers(self, headers: Mapping[str, str]) -> None:
        for name in ("accept", "content-type"):
            kinds = [part.partition(";")[0].strip() for part in headers.get(name, "").split(",")]
            if ACCEPTED not in kinds:
                self.refused[name] += 1
                raise wrong(f"{name} has to be {ACCEPTED}; XML is not simulated.")
        client = headers.get("client-type", "")
        self.clients[client] += 1
        if self._house.settings.client_type == "required" and not CLIENT.fullmatch(client):
            self.refused["client-type"] += 1
            raise wrong("client-type is lower case, without spaces, of at most 20 characters.")

    def _count(self, company: Company) -> None:
        """One call more of this month's.

        Raises:
            Refused: The quota is used up.
        """
        settings = self._house.settings
        counted = self.used.setdefault(company.api_id, Counter())
        month = self.month()
        if counted[month] >= settings.quota:
            self.refused["quota"] += 1
            text = "The monthly API limit of this account has been reached."
            raise Refused(settings.quota_status, text, bare=settings.quota_bare)
        counted[month] += 1
        for percent in MAILS:
            if counted[month] * 100 == settings.quota * percent:
                company.note("quota_mail", "unleashed", "", percent=percent, month=month)

    def quota(self, company: Company) -> dict[str, object]:
        """How much of the month's quota is used."""
        used = self.used.get(company.api_id, Counter())[self.month()]
        return {"month": self.month(), "used": used, "limit": self._house.settings.quota}

    def set_used(self, company: Company, used: int) -> None:
        """As if so many calls had been made this month."""
        self.used.setdefault(company.api_id, Counter())[self.month()] = used


def next_month(moment: datetime) -> datetime:
    """When the quota begins anew: the 1st, 00:00 UTC."""
    moment = moment.astimezone(UTC)
    year, month = divmod(moment.year * 12 + moment.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
