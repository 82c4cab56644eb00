"""What the verbs of hub privacy need of a hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.dead_letters import Filter, look
from returns_hub.adapters.dynamodb.personal_data import DynamoDbPersonalData
from returns_hub.adapters.dynamodb.personal_rows import Tables
from returns_hub.bootstrap import Hub
from returns_hub.errors import Misconfigured
from returns_hub.flows.privacy.find import Found, find_all
from returns_hub.flows.privacy.forget import PrivacyDesk
from returns_hub.flows.privacy.subject import Wanted, find_subject
from returns_hub.ports.marketplace import MarketStore
from returns_hub.ports.privacy import Subject

Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Desk:
    """One merchant's data about persons."""

    hub: Hub
    merchant: str
    data: DynamoDbPersonalData

    @property
    def market(self) -> Callable[[], MarketStore] | None:
        """The marketplace's store, where the merchant has one."""
        has = self.hub.merchants.live(self.merchant).merchant.miinto is not None
        return self.hub.market.store if has and self.hub.settings.market_table else None

    def subject(self, wanted: Wanted) -> Subject:
        """Who is meant."""
        return find_subject(wanted, self.merchant, self.hub.returns, self.market)

    def find(self, subject: Subject, scan: Tell | None = None) -> Found:
        """Everything about them, dead letters too where the hub knows their queues."""
        try:
            self.hub.dead_letter_queues()
        except Misconfigured:
            return find_all(subject, self.data, None, scan)
        return find_all(subject, self.data, lambda: look(self.hub, Filter()), scan)

    def of(self, who: str, scan: Tell | None) -> PrivacyDesk:
        """The desk of one who has somebody forgotten."""
        return PrivacyDesk(
            who=who,
            data=self.data,
            returns=self.hub.returns,
            market=self.market,
            clock=self.hub.clock,
            # Dead letters were looked at before: each look counts as a receive.
            look=lambda subject: find_all(subject, self.data, None, scan),
        )


def desk_of(made: Hub, merchant: str) -> Desk:
    """The desk of a merchant.

    Raises:
        Permanent: No such merchant.
        Misconfigured: The stack has no table of acts; deploy this release.
    """
    names = made.settings
    made.merchants.live(merchant)
    if not names.audit_table:
        raise Misconfigured("settings.missing", "this stack has no table of acts; deploy it anew")
    tables = Tables(
        returns=names.returns_table,
        ledger=names.ledger_table,
        parked=names.parked_table,
        market=names.market_table,
        sync=names.sync_table,
        findings=names.findings_table,
        audit=names.audit_table,
    )
    return Desk(made, merchant, DynamoDbPersonalData(made.dynamodb, tables, made.clock))
