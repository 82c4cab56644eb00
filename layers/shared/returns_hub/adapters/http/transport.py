"""Requests to partners, and what an answer, or the lack of one, tells.

The one distinction that matters for a write is whether it may have been carried out. A request is
repeated here, once, only when it is known not to have left or when it is a read; anything else is
for the flow to decide, which knows the ledger.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Literal
from urllib.parse import unquote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
)

from returns_hub import __version__
from returns_hub.adapters.http.bodies import CutOff, parts_of
from returns_hub.adapters.http.gate import Gate
from returns_hub.adapters.http.plain_session import PlainSession
from returns_hub.adapters.http.statistics import CallStatistics
from returns_hub.adapters.http.unsaid import to_be_sent
from returns_hub.adapters.http.words import retry_after
from returns_hub.errors import Permanent, Retryable, Verdict
from returns_hub.ports import Clock, Telemetry

CONNECT_SECONDS = 3.05
LONGEST_SECONDS = 13.0
"""The longest wait for an answer's first byte, and again for its whole body. With connecting and
one more wait that had begun just before the end, a request stays under
`flows.world.REQUEST_SECONDS`."""
LEAST_SECONDS = 4.0
"""With less than this left nothing is begun."""
RESERVE_SECONDS = 2.0
"""Kept back for settling after the answer."""
STREAMED_SHARE = 0.4
"""Of the time that is left, the most that a body may take which is read while it comes. Work with
its rows and whatever is due after it has the rest, so that a source that drips starves nothing."""
IDLE_SECONDS = 30.0
"""After this a kept-alive connection may be dead: the environment may have been frozen."""
LEAST_PAUSE_SECONDS = 10.0
MOST_PAUSE_SECONDS = 900.0
"""How long a partner's 429 makes everybody wait, whatever its Retry-After says."""
MOST_BYTES = 20 * 1024 * 1024
MOST_STREAMED_BYTES = 256 * 1024 * 1024
"""Of a body that is not kept."""
NEVER_SENT = "invalid request"
"""Why there is no answer to what cannot be a request."""
LIMITED = (".rate_limited", ".calls_spent")
"""How codes of verdicts end that say: too many calls."""
CHUNK = 64 * 1024
POOL = 10


@dataclass(frozen=True)
class Answer:
    """An answer. `complete` is False when the body was cut off."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool = True


@dataclass(frozen=True)
class NoAnswer:
    """No answer. `sent` is False only when the request is known not to have left."""

    sent: bool
    why: str


@dataclass(frozen=True)
class Streamed:
    """An answer with status 200 whose body is read while it comes.

    `parts` raises `bodies.CutOff` when the body does not come to its end.
    """

    headers: Mapping[str, str]
    parts: Iterator[bytes]


class PartnerTime(threading.local):
    """Seconds that this thread's work in hand spent waiting for partners, pace included."""

    seconds: float = 0.0


Outcome = Answer | NoAnswer
Sink = Callable[[bytes], None]
"""Takes bytes of a body; never raises."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]
"""Adds what proves who asks, to a request as it goes on the wire: once for each time it is sent."""


class PartnerHttp:
    """Requests to one partner for one merchant."""

    def __init__(
        self,
        base_url: str,
        *,
        partner: str,
        gate: Gate,
        clock: Clock,
        telemetry: Telemetry,
        spent: PartnerTime,
        new_session: Callable[[], requests.Session] | None = None,
        calls: CallStatistics | None = None,
    ) -> None:
        self._spent = spent
        self._calls = calls or CallStatistics()
        self._new_session = new_session or partner_session
        self._base_url = base_url
        self._partner = partner
        self._gate = gate
        self._clock = clock
        self._telemetry = telemetry
        self._lock = threading.Lock()
        self._last_used = self._clock.monotonic()
        self._session = self._new_session()

    def request(
        self,
        method: Method,
        path: str,
        *,
        template: str,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: object = None,
        body: bytes | None = None,
        sign: Sign | None = None,
        send_by: datetime | None = None,
        is_read: bool = False,
        sink: Sink | None = None,
        longest: float = LONGEST_SECONDS,
    ) -> Outcome:
        """Make one request.

        Args:
            method: The HTTP method.
            path: Below the base URL, already quoted.
            template: The path without ids, for logs and metrics.
            query: Query parameters.
            headers: More headers; never logged.
            json_body: Sent as JSON when not None; never logged.
            body: Sent as it is, for a partner that signs the bytes; never logged.
            sign: Signs the request as it goes on the wire, after the wait for its turn.
            send_by: It must not leave later; for writes, whose claim ends.
            is_read: It changes nothing there, so it may be repeated. The method does not tell:
                some partners write on GET.
            sink: Takes the body of a read's 200 bit by bit as it comes; the answer then has none.
            longest: See `LONGEST_SECONDS`; only a read may take longer.

        Raises:
            Retryable: Too little time is left, the pace leaves no room, or `send_by` has passed;
                nothing was sent.
            Permanent: An id in the path is none; nothing was sent.
        """
        self._require_ids(path)
        request = requests.Request(
            method,
            f"{self._base_url}{path}",
            params=dict(query or {}),
            headers={"Accept": "application/json", **(headers or {})},
            json=json_body,
            data=body,
            auth=sign,
        )
        started = self._clock.monotonic()
        try:
            outcome = self._attempt(request, template, send_by, sink, longest)
            if isinstance(outcome, NoAnswer) and (is_read or not outcome.sent):
                outcome = self._attempt(request, template, send_by, sink, longest)
        finally:
            self._spent.seconds += self._clock.monotonic() - started
        return outcome

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        template: str,
        headers: Mapping[str, str] | None = None,
        sign: Sign | None = None,
        seconds: float,
        most_bytes: int,
    ) -> Iterator[Streamed | Outcome]:
        """One GET whose body is read while it comes; any other answer than 200 is read whole.

        Args:
            path: Below the base URL, already quoted, with its query.
            template: The path without ids, for logs and metrics.
            headers: More headers; never logged.
            sign: See `request`.
            seconds: The longest that the body may take, within `STREAMED_SHARE` of the time left.
            most_bytes: A larger body counts as cut off.

        Raises:
            Retryable: As `request`.
            Permanent: As `request`.
        """
        self._require_ids(path)
        request = requests.Request(
            "GET", f"{self._base_url}{path}", headers=dict(headers or {}), auth=sign
        )
        began = self._clock.monotonic()
        self._take_turn()
        session = self._session_for_use()
        left = self._clock.remaining() - RESERVE_SECONDS
        allowed = min(LONGEST_SECONDS, left)
        ends = began + min(seconds, STREAMED_SHARE * left)
        told: Outcome | None = None
        try:
            with session.send(
                to_be_sent(session.prepare_request(request)),
                timeout=(min(CONNECT_SECONDS, allowed), allowed),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code == 200:
                    told = Answer(200, response.headers, b"")
                    parts = parts_of(response, self._clock, ends=ends, most_bytes=most_bytes)
                    yield Streamed(response.headers, parts)
                else:
                    told = _read(response, self._clock, ends, None)
                    yield told
        except CutOff:
            if isinstance(told, Answer):
                told = replace(told, complete=False)
            raise
        except requests.RequestException as error:
            if told is not None:
                raise
            told = no_answer(error)
            yield told
        finally:
            self._spent.seconds += self._clock.monotonic() - began
            if told is not None:
                self._after(told, "GET", template, began)

    def _require_ids(self, path: str) -> None:
        """Refuse an id that is empty, or that would be a step to another call: partners' lists are
        where ids come from, and whoever prepares an address resolves its steps."""
        parts = unquote(path.partition("?")[0]).split("/")
        if {".", ".."} & set(parts) or "" in parts[1:-1]:
            raise Permanent(
                "partner.no_id", f"an id for {self._partner} is missing, or a step in a path"
            )

    def _take_turn(self) -> None:
        left = self._clock.remaining() - RESERVE_SECONDS
        if left < LEAST_SECONDS:
            raise Retryable("partner.no_time", "too little time is left for a request", after=1)
        self._gate.wait(left - LEAST_SECONDS)

    def _attempt(
        self,
        request: requests.Request,
        template: str,
        send_by: datetime | None,
        sink: Sink | None,
        longest: float,
    ) -> Outcome:
        self._take_turn()
        session = self._session_for_use()
        allowed = min(longest, self._clock.remaining() - RESERVE_SECONDS)
        try:
            prepared = session.prepare_request(request)
        except requests.RequestException as error:
            # A header or an address that cannot be sent, e.g. a page's name as Redo gave it.
            return no_answer(error)
        if not _fits_the_wire(prepared):
            return NoAnswer(sent=False, why=NEVER_SENT)
        started = self._clock.monotonic()
        if send_by is not None and self._clock.now() > send_by:
            # Paused or slow since the claim: what leaves now could be carried out after the next
            # owner of the operation has looked for it.
            raise Retryable("partner.too_late", "the claim's time to send has passed", after=1)
        try:
            with session.send(
                to_be_sent(prepared),
                timeout=(min(CONNECT_SECONDS, allowed), allowed),
                allow_redirects=False,
                stream=True,
            ) as response:
                outcome: Outcome = _read(response, self._clock, started + allowed, sink)
        except requests.RequestException as error:
            outcome = no_answer(error)
        self._after(outcome, str(request.method), template, started)
        return outcome

    def _after(self, outcome: Outcome, method: str, template: str, started: float) -> None:
        took = self._clock.monotonic() - started
        self._count(outcome, took)
        try:
            self._tell_gate(outcome)
        except Verdict as verdict:
            # It is about the gate's store. Raised, it would stand for the request, and a write that
            # was carried out would count as known not done.
            self._telemetry.log(
                "gate not told", partner=self._partner, code=verdict.code, reason=verdict.reason
            )
        self._telemetry.log(
            "partner call",
            partner=self._partner,
            method=method,
            path=template,
            answer=outcome.status if isinstance(outcome, Answer) else outcome.why,
            milliseconds=round(took * 1000),
        )

    def limited(self) -> None:
        """Count that an answer, whatever its status, said that there are too many calls."""
        self._calls.limited(self._partner)

    @contextmanager
    def judged(self, outcome: Outcome) -> Iterator[None]:
        """Around what makes a verdict of an answer: counts one that asks for fewer calls in the
        partner's own words. A 429 was counted as it came."""
        try:
            yield
        except Retryable as verdict:
            is_counted = isinstance(outcome, Answer) and outcome.status == 429
            if verdict.code.endswith(LIMITED) and not is_counted:
                self.limited()
            raise

    def _count(self, outcome: Outcome, seconds: float) -> None:
        """For `statistics`; a request that was never sent is no call."""
        if isinstance(outcome, Answer):
            failed = outcome.status >= 500 or not outcome.complete
            self._calls.call(self._partner, seconds, failed=failed, limited=outcome.status == 429)
        elif outcome.why != NEVER_SENT:
            self._calls.call(self._partner, seconds, failed=True)

    def require_open(self) -> None:
        """Raise Retryable while asking this partner is known to be no use."""
        self._gate.require_open()

    def _tell_gate(self, outcome: Outcome) -> None:
        """Whether the partner is there. A refusal is an answer like any other."""
        if isinstance(outcome, NoAnswer):
            if outcome.why != NEVER_SENT:
                self._gate.away()
        elif outcome.status == 429:
            wait = retry_after(
                outcome, self._clock.now(), least=LEAST_PAUSE_SECONDS, most=MOST_PAUSE_SECONDS
            )
            self._gate.told_to_wait(wait)
        elif outcome.status >= 500:
            self._gate.away()
        else:
            self._gate.answered()

    def _session_for_use(self) -> requests.Session:
        with self._lock:
            now = self._clock.monotonic()
            idle, self._last_used = now - self._last_used, now
            if idle > IDLE_SECONDS:
                self._session = self._new_session()
            return self._session


def partner_session() -> requests.Session:
    """A session that keeps no cookies, heeds no environment and repeats nothing by itself."""
    session = PlainSession()
    session.headers["User-Agent"] = f"returns-hub/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # No proxies, .netrc or certificates from the environment: only what the merchant file names.
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _fits_the_wire(request: requests.PreparedRequest) -> bool:
    """Whether its headers are in HTTP's letters; a key that was copied from a text may not be, and
    `http.client` fails on it with no error of a request's."""
    try:
        for value in request.headers.values():
            if isinstance(value, str):
                value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _read(response: requests.Response, clock: Clock, ends: float, sink: Sink | None) -> Outcome:
    """The whole body, unless it drips past the deadline, is cut off or is too large."""
    parts: list[bytes] = []
    take: Sink = parts.append
    most = MOST_BYTES
    if sink is not None and response.status_code == 200:
        take, most = sink, MOST_STREAMED_BYTES
    size = 0
    complete = True
    try:
        # read1 gives what has come; reading a whole chunk would wait for it however it drips.
        while part := response.raw.read1(CHUNK, decode_content=True):
            take(part)
            size += len(part)
            if size > most or clock.monotonic() > ends:
                complete = False
                break
    except (HTTPError, OSError):
        complete = False
    return Answer(response.status_code, response.headers, b"".join(parts), complete)


def no_answer(error: requests.RequestException) -> NoAnswer:
    """What a failed request tells: only a connection that was never made is known not sent."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NoAnswer(sent=False, why="connect timeout")
    if isinstance(error, requests.exceptions.ConnectionError):
        cause = error.args[0] if error.args else None
        if isinstance(cause, MaxRetryError):
            cause = cause.reason
        if isinstance(cause, NewConnectionError | ConnectTimeoutError):
            return NoAnswer(sent=False, why="connection refused")
        return NoAnswer(sent=True, why="connection lost")
    if isinstance(error, requests.exceptions.Timeout):
        return NoAnswer(sent=True, why="read timeout")
    if isinstance(
        error,
        requests.exceptions.InvalidURL
        | requests.exceptions.MissingSchema
        | requests.exceptions.InvalidSchema
        | requests.exceptions.InvalidHeader,
    ):
        return NoAnswer(sent=False, why=NEVER_SENT)
    return NoAnswer(sent=True, why=type(error).__name__)
