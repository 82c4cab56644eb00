"""Channels (logins) of Miinto's simulator, and the signature of every other request.

Bodies, privileges and the signature are as Miinto's own PHP libraries have them; the lifetime of a
channel, the clock's tolerance and the HTTP statuses of failures are settings.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from local.simulators.miinto.replies import (
    ACCESS,
    INVALID,
    Call,
    Caller,
    Failure,
    Route,
    not_found,
)
from local.simulators.miinto.state import State
from local.simulators.wire import Reply

TYPE = "MNT-HMAC-SHA256-1-0"
ALL = {"*": -1}


@dataclass
class Account:
    """A login and the shops that it may use."""

    identifier: str
    secret: str
    accessor: int
    shops: list[str]


@dataclass
class Channel:
    """A login's channel; `token` is the key of its signatures."""

    id: str
    token: str
    account: Account
    made_at: datetime


def signature(
    *,
    token: str,
    channel: str,
    timestamp: str,
    seed: str,
    method: str,
    host: str,
    path: str,
    query: str,
    body: bytes,
) -> str:
    """The signature of a request; path and query as they are sent, the query without ``?``."""
    resource = _sha("\n".join((method.upper(), host, path, query)).encode())
    header = _sha("\n".join((channel, timestamp, seed, TYPE)).encode())
    message = "\n".join((resource, header, _sha(body)))
    return hmac.new(token.encode(), message.encode(), hashlib.sha256).hexdigest()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Auth:
    """Accounts and channels."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.accounts: dict[str, Account] = {}
        self.channels: dict[str, Channel] = {}
        self.logins: Counter[str] = Counter()
        self.refused_logins: Counter[str] = Counter()
        self._seen: set[tuple[str, str, str]] = set()

    def routes(self) -> list[Route]:
        """What the auth service answers to signed requests."""
        return [("GET", r"/channels/([^/]+)", self._read)]

    def log_in(self, call: Call) -> Reply:
        """``POST /channels``, unsigned: a new channel for the right password.

        Raises:
            Failure: The body is not a login, or the password is wrong.
        """
        given = _login_of(call)
        account = self.accounts.get(given.get("identifier", ""))
        if account is None or not _is_same(account.secret, given.get("secret", "")):
            self.refused_logins[given.get("identifier", "")] += 1
            raise Failure(
                self._state.settings.login_failure_status, ACCESS, "identifier or secret is wrong"
            )
        if self._state.settings.login_ends_old:
            self.channels = {
                name: channel
                for name, channel in self.channels.items()
                if channel.account is not account
            }
        self.logins[account.identifier] += 1
        channel = self._open(account)
        return call.answer({**self._shown(channel), "token": channel.token})

    def _open(self, account: Account) -> Channel:
        number = sum(self.logins.values())
        # From the dice, so that a simulation's seed makes the same ones again.
        token = f"{self._state.dice.getrandbits(160):040x}"
        name = (
            f"M!t!Ch!v1!{account.accessor:010}-{self._state.dice.getrandbits(52):013x}"
            f"-{111222333 + number}"
        )
        channel = Channel(name, token, account, self._state.now())
        self.channels[name] = channel
        return channel

    def _read(self, call: Call, channel_id: str) -> Reply:
        channel = self.channels.get(channel_id)
        if channel is None or channel.account.identifier != call.caller.identifier:
            raise not_found("the channel")
        return call.answer(self._shown(channel))

    def _shown(self, channel: Channel) -> dict[str, Any]:
        return {
            "id": channel.id,
            "data": {"accessorId": channel.account.accessor},
            "privileges": self._privileges(channel.account),
        }

    def _privileges(self, account: Account) -> Any:
        if not account.shops:
            return self._state.empty_map()
        shops: dict[str, Any] = {"__GLOBAL__": {"Store": dict.fromkeys(account.shops, ALL)}}
        for name in account.shops:
            country = shops.setdefault(self._state.shops[name].country, {"ShopAdmin": {}})
            country["ShopAdmin"][name] = ALL
        return shops

    def expire(self) -> None:
        """End every channel now."""
        long_ago = self._state.now() - timedelta(days=36500)
        self.channels = {
            name: replace(channel, made_at=long_ago) for name, channel in self.channels.items()
        }

    # -- signatures -------------------------------------------------------------------------

    def authenticated(self, call: Call) -> Call:
        """The call with who makes it.

        Raises:
            Failure: The headers, the channel, the time or the signature are not right.
        """
        channel_id = _header(call, "miinto-api-auth-id")
        timestamp = _header(call, "miinto-api-auth-timestamp")
        seed = _header(call, "miinto-api-auth-seed")
        given = _header(call, "miinto-api-auth-signature")
        if _header(call, "miinto-api-auth-type") != TYPE:
            raise Failure(401, ACCESS, "the type of authentication is not known")
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Failure(401, ACCESS, "the channel is not known")
        right = signature(
            token=channel.token,
            channel=channel_id,
            timestamp=timestamp,
            seed=seed,
            method=call.method,
            host=call.host,
            path=call.signed_path,
            query=call.signed_query,
            body=call.body,
        )
        if not hmac.compare_digest(right.encode(), given.encode()):
            raise Failure(401, ACCESS, "the signature is wrong")
        self._require_time(channel, timestamp, seed)
        self._require_control(call)
        account = channel.account
        return replace(
            call, caller=Caller(account.identifier, channel.id, frozenset(account.shops))
        )

    def _require_time(self, channel: Channel, timestamp: str, seed: str) -> None:
        settings, now = self._state.settings, self._state.now()
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise Failure(401, ACCESS, "the timestamp is not in Unix seconds")
        if abs(now.timestamp() - int(timestamp)) > settings.skew_seconds:
            raise Failure(401, ACCESS, "the timestamp is too far from now")
        lasted = (now - channel.made_at).total_seconds()
        if settings.channel_seconds and lasted >= settings.channel_seconds:
            raise Failure(settings.expired_status, ACCESS, "the channel has ended")
        if settings.seed_once:
            once = (channel.id, timestamp, seed)
            if once in self._seen:
                raise Failure(401, ACCESS, "the seed was used before")
            self._seen.add(once)

    def _require_control(self, call: Call) -> None:
        flavour = _header(call, "miinto-api-control-flavour", status=400)
        version = _header(call, "miinto-api-control-version", status=400)
        if flavour != "Miinto-Generic":
            raise Failure(400, INVALID, "the flavour is not known")
        if call.service == "order" and version not in self._state.settings.versions:
            raise Failure(400, INVALID, "the version is not known")
        if call.body and not call.headers.get("content-type", "").startswith("application/json"):
            raise Failure(400, INVALID, "the content type is not application/json")


def _header(call: Call, name: str, status: int = 401) -> str:
    value = call.headers.get(name, "")
    if not value:
        raise Failure(status, ACCESS if status == 401 else INVALID, f"the header {name} is missing")
    return value


def _is_same(right: str, given: str) -> bool:
    """Compared as bytes: `compare_digest` takes texts of ASCII only."""
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "surrogatepass"))


def _login_of(call: Call) -> dict[str, str]:
    """Identifier and secret, from JSON or, as one client sends them, from a form."""
    content: Any
    if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        content = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    else:
        try:
            content = json.loads(call.body)
        except ValueError:
            raise Failure(400, INVALID, "the body is not JSON") from None
    names = ("identifier", "secret")
    if not isinstance(content, dict) or not all(isinstance(content.get(n), str) for n in names):
        raise Failure(400, INVALID, "identifier and secret are required")
    return {name: content[name] for name in names}
