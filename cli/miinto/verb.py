"""hub miinto: everything an operator does about the marketplace."""

from __future__ import annotations

from cli.miinto.orders import orders
from cli.miinto.requests import list_requests, request
from cli.miinto.rmas import rma
from cli.miinto.shops import shops
from cli.miinto.transfer_acts import accept, decline, release
from cli.miinto.transfers import transfers
from cli.miinto.what_if import try_rule
from cli.verbs import verbs


@verbs()
def miinto() -> None:
    """Miinto: shops, transfers, orders, RMAs, and what another rule would have done.

    \b
    hub miinto shops example-miinto
    hub miinto transfers list
    hub miinto orders list --status not-inserted
    hub miinto rma list --status pending
    hub miinto what-if --days 14

    See also: docs/miinto.md, docs/miinto-transfers.md
    """


for of_transfers in (accept, decline, release):
    transfers.add_command(of_transfers)
for of_rmas in (list_requests, request):
    rma.add_command(of_rmas)
for verb in (shops, transfers, orders, rma, try_rule):
    miinto.add_command(verb)
