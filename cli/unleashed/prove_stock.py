"""hub unleashed prove-stock: what an adjustment means, proven on a test product."""

from __future__ import annotations

import sys
from typing import Any

import click

from cli.acting import acts
from cli.asking import require_yes
from cli.choices import merchant_argument
from cli.filters import dry_run_option, yes_option
from cli.progress import working
from cli.terminal import (
    REFUSED,
    act_json_option,
    clean,
    pass_reach,
    say_outcome,
)
from cli.unleashed.by_hand import SECONDS
from cli.unleashed.desk import desk_of
from cli.verbs import verb
from cli.worlds import UNREACHABLE, CommandError, Reach
from returns_hub.errors import UnknownOutcome
from returns_hub.flows.unleashed.stock.proof import StockProof
from returns_hub.flows.unleashed.stock.prove import ProofPlan, plan_proof, prove_stock


@verb("prove-stock")
@merchant_argument
@click.argument("sku")
@click.option("--warehouse", "code", default="MAIN", show_default=True, help="Unleashed's code")
@yes_option
@dry_run_option
@act_json_option
@pass_reach
@acts("sku")
def prove(reach: Reach, merchant: str, sku: str, code: str, yes: bool, dry_run: bool) -> None:
    """Prove on a test product whether Unleashed adds NewQuantity or takes it for the total.

    It writes: one adjustment, and a second one that books it back. The stock of the product is
    wrong for some seconds, at most by half of what is on hand. Choose a product with a few units
    that no order has; two are best. A proof that was cut off is gone on with.

    Live stock sync is refused until this is proven, and says what unleashed.stock.adjustment_means
    says.

    \b
    hub unleashed prove-stock example TEST-SKU --warehouse MAIN --dry-run
    hub unleashed prove-stock example TEST-SKU --warehouse MAIN

    Exit codes: 0 proven, 1 refused or not proven, 3 gone on with later

    See also: hub unleashed run, hub check, docs/unleashed-flows.md
    """
    desk = desk_of(reach, merchant)
    ends = desk.hub.clock.monotonic() + SECONDS
    desk.hub.clock.begin(lambda: ends - desk.hub.clock.monotonic())
    world = desk.hub.erp.by_hand(merchant)
    try:
        plan = plan_proof(world, sku, code, who=reach.caller())
        click.echo(clean(_preview(plan)))
        if dry_run:
            click.echo("nothing was booked")
            told = {"goes_on": plan.goes_on, **_as_json(plan.proof)}
            say_outcome("would_be_done", dry_run=True, merchant=merchant, **told)
            return
        require_yes("book it?", yes=yes)
        with working("proving; booked, looked at, booked back"):
            proof = prove_stock(world, plan)
    except UnknownOutcome as verdict:
        again = f"it may have been booked ({verdict.reason}); run this again in some minutes"
        raise CommandError(clean(again), UNREACHABLE) from None
    click.echo(clean(_result(proof, desk.connection.stock.adjustment_means)))
    say_outcome("done", merchant=merchant, **_as_json(proof))
    if proof.standing != "proven":
        sys.exit(REFUSED)


def _preview(plan: ProofPlan) -> str:
    proof = plan.proof
    if plan.goes_on:
        return (
            f"a proof on {proof.sku} in {proof.code} was begun and is gone on with: "
            f"{proof.before} were on hand, NewQuantity {proof.sent}"
        )
    return (
        f"{proof.sku} in {proof.code} has {proof.before} on hand: an adjustment with NewQuantity "
        f"{proof.sent} makes it {proof.before + proof.sent} or {proof.sent}, wrong by "
        f"{plan.at_most} units at most, and is booked back"
    )


def _result(proof: StockProof, means: str) -> str:
    if proof.standing == "proven":
        todo = (
            "as the file says"
            if proof.means == means
            else f"say unleashed.stock.adjustment_means: {proof.means} in the file"
        )
        return f"proven: {proof.before} became {proof.after}, so it is {proof.means}; {todo}"
    if proof.back is not None:
        return (
            f"not proven: {proof.before} became {proof.after}, and booking back left {proof.back}; "
            "put the stock right by hand"
        )
    return (
        f"not proven: NewQuantity {proof.sent} made {proof.after} of {proof.before}, which no "
        "meaning explains; look at the adjustment in Unleashed and put the stock right by hand"
    )


def _as_json(proof: StockProof) -> dict[str, Any]:
    return proof.model_dump(mode="json", exclude={"guid", "account"})
