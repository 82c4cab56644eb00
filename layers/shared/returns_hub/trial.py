"""A hub in which everything is tried and nothing is done: for plans of what a run would do.

It is the hub's own composition, so that a trial goes the way of the real run line by line: only at
the bottom the partners and AWS are others. Reads go out for real, at the pace of the hub it was
made from; what is written stays in the trial, and its later reads see it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from returns_hub.adapters.aws import Clients
from returns_hub.adapters.dynamodb.merchants import DynamoDbMerchants
from returns_hub.adapters.http.transport import PartnerHttp
from returns_hub.adapters.trial.book import Book
from returns_hub.adapters.trial.http import TrialHttp
from returns_hub.adapters.trial.services import TrialBus, TrialFiles, TrialQueues, TrialSecrets
from returns_hub.adapters.trial.tables import TrialTables
from returns_hub.bootstrap import Hub
from returns_hub.invocation import InvocationClock
from returns_hub.ports import Measured
from returns_hub.runs import Run
from returns_hub.ticks import LEFT_OVER

if TYPE_CHECKING:
    from returns_hub.adapters.http.budget import CallBudget

LONGEST_SECONDS = 240.0
"""A run has 120 to 300 seconds; a trial that had more would plan more than one run does."""
MOST_WRITES = 1000


class TrialHub(Hub):
    """A hub for one merchant whose writes stay in `book` and `tables`.

    Args:
        real: The hub that it is a trial of.
        merchant: The one merchant that there is in it.
        limit: After so many writes and messages no more work is begun.
        seconds: After so long the same.
        on_entry: Told of the number of writes whenever there is one more.
    """

    def __init__(
        self,
        real: Hub,
        merchant: str,
        *,
        limit: int = MOST_WRITES,
        seconds: float = LONGEST_SECONDS,
        on_entry: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.merchant = merchant
        self.book = Book(limit, on_entry)
        self.tables = TrialTables(real.dynamodb)
        self.heard = Heard()
        made_of, book = real.made_of, self.book
        aws = made_of.aws
        ends = real.clock.monotonic() + seconds
        super().__init__(
            real.settings,
            Clients(
                dynamodb=cast("Any", self.tables),
                secrets=cast("Any", TrialSecrets(aws.secrets, book)),
                sqs=cast("Any", TrialQueues(aws.sqs, book)),
                events=cast("Any", lambda: TrialBus(book)) if aws.events else None,
                s3=(lambda: cast("Any", TrialFiles(real.s3(), book))) if aws.s3 else None,
            ),
            self.heard,
            clock=_TrialClock(real.clock, ends, book),
            new_session=made_of.new_session,
            gate_of=made_of.gate_of,
        )
        self.owner = f"trial/{uuid.uuid4().hex}"
        self.merchants = _OneMerchant(
            cast("Any", self.tables), self.settings.merchants_table, self.clock, merchant
        )
        self.partners.around = self._rehearsing

    def _rehearsing(self, behind: PartnerHttp, partner: str) -> PartnerHttp:
        return TrialHttp(behind, partner, self.book)

    def reading_only(self, wall: Callable[[Clients], Clients] | None = None) -> Hub:  # noqa: ARG002
        """This hub: its partners refuse writes, and what it keeps is seen by what follows."""
        return self

    def within(self, budget: CallBudget) -> Hub:  # noqa: ARG002 - the trial's own limit holds
        """This hub."""
        return self

    def run(self) -> Run:
        """An invocation's work, door by door."""
        return Run(self)


class Heard:
    """`ports.Telemetry` that counts nothing, and keeps why a run failed."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, str]] = []

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Nothing: nothing happened."""

    def measure(self, metrics: Mapping[str, Measured], **dimensions: str) -> None:
        """Nothing: nothing happened."""

    def log(self, message: str, **fields: object) -> None:
        """Keep a failure."""
        if message in {"run failed", "comes back", "key renewal failed"}:
            code, reason = str(fields.get("code", "")), str(fields.get("reason", ""))
            self.failed.append((code, reason))
        elif message == LEFT_OVER:
            self.failed.append(("tick.no_time", "no time was left for it"))
        elif message == "fault":
            what = f"the hub's own fault: {fields.get('fault', '')}"
            self.failed.append(("fault", what))


class _TrialClock(InvocationClock):
    """Real time; none is left once the trial's time is over, or its book is full."""

    def __init__(self, behind: InvocationClock, ends: float, book: Book) -> None:
        super().__init__()
        self._behind = behind
        self._ends = ends
        self._book = book

    def now(self) -> datetime:
        """See `ports.Clock.now`."""
        return self._behind.now()

    def remaining(self) -> float:
        """See `ports.Clock.remaining`."""
        return 0.0 if self._book.is_full else self._ends - self.monotonic()

    def monotonic(self) -> float:
        """See `ports.Clock.monotonic`."""
        return self._behind.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock.sleep`."""
        self._behind.sleep(seconds)


class _OneMerchant(DynamoDbMerchants):
    """The merchants' files, as if there were one merchant."""

    def __init__(self, client: Any, table: str, clock: InvocationClock, only: str) -> None:
        super().__init__(client, table, clock)
        self._only = only

    def _index(self) -> Iterator[dict[str, Any]]:
        return (row for row in super()._index() if row["sk"] == self._only)
