"""A failing seed's short story: what went wrong, and what happened around it."""

from __future__ import annotations

from dataclasses import asdict

from tests.simulation.checker import Verdict
from tests.simulation.world import Simulation, return_id

LINES = 60


def story(run: Simulation, verdict: Verdict) -> str:
    """The story, in lines."""
    wanted = run.scenario
    lines = [f"seed {wanted.seed}: {len(verdict.broken)} rules broken"]
    lines += [f"  {line}" for line in verdict.broken]
    lines.append(
        f"  tenant: {wanted.authentication}, list {wanted.returns_list}, by date "
        f"{wanted.by_date}, look-up {'proven' if wanted.proven else 'unproven'}, "
        f"index delay {wanted.index_delay:.0f} s"
    )
    for name in ("aws", "redo", "mintsoft", "process"):
        faults = {key: value for key, value in asdict(getattr(wanted, name)).items() if value}
        lines.append(f"  {name}: {faults}")
    for plan in wanted.returns:
        lines.append(f"  return {plan.number} ({plan.merchant}): {plan.lines} {plan.received}")
        for event in run.returns.timeline(plan.merchant, return_id(plan)):
            seconds = (event.at - wanted.start).total_seconds()
            lines.append(f"    {seconds:9.1f} s  {event.fact.in_words()[:150]}")
    lines.append("  and on the wire:")
    lines += [f"    {at:9.1f} s  {who}: {what}" for at, who, what in list(run.journal)[:LINES]]
    return "\n".join(lines)
