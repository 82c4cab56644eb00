"""hub unleashed: everything an operator does about the ERP."""

from __future__ import annotations

from cli.unleashed.by_hand import run
from cli.unleashed.flows import flows
from cli.unleashed.plans import plan
from cli.unleashed.prove_stock import prove
from cli.unleashed.records import show
from cli.unleashed.webhooks import webhooks
from cli.verbs import verbs


@verbs()
def unleashed() -> None:
    """Unleashed: what the next run would do, how each flow stands, and one run by hand.

    \b
    hub unleashed plan example orders
    hub unleashed flows example
    hub unleashed show example orders 0b5e7c1a-0000-4000-8000-000000000001
    hub unleashed run example stock --now
    hub unleashed prove-stock example TEST-SKU
    hub unleashed webhooks example list

    See also: docs/unleashed.md
    """


for verb in (plan, flows, show, run, prove, webhooks):
    unleashed.add_command(verb)
