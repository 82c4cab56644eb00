"""What hub backfill says: how many returns ended in which way, and where a job stands."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from cli.terminal import clean, console, say_json, table
from returns_hub.domain.backfill import Ending
from returns_hub.flows.backfill import Looked, NotThere
from returns_hub.flows.backfill_jobs import Job

WORDS = {
    Ending.SENT: "new or changed: sent to be announced",
    Ending.SENT_TO_ADOPT: "made before live_from: sent to adopt the record found",
    Ending.SENT_THOUGH_BEFORE_LIVE: "made before live_from: sent to be announced all the same",
    Ending.KNOWN: "known to the hub",
    Ending.BEFORE_LIVE_FROM: "made before live_from: left to the old connector",
    Ending.NOT_UNDER_WAY: "not approved, or over: left",
    Ending.UNKNOWN_ID: "unknown to the portal",
}


def counts_for_machines(counts: Counter[Ending]) -> dict[str, int]:
    return {ending.value: counts[ending] for ending in Ending}


def show_counts(counts: Counter[Ending], title: str) -> None:
    click.echo(title)
    rows = table("returns", "what")
    for ending in Ending:
        if counts[ending]:
            rows.add_row(str(counts[ending]), WORDS[ending])
    if counts.total():
        console().print(rows)


def looked_for_machines(one: Looked) -> dict[str, str]:
    if isinstance(one.found, NotThere):
        return {"id": one.found.id, "ending": one.ending.value, "said": one.found.said}
    return {
        "id": one.found.id,
        "ending": one.ending.value,
        "status": one.found.status.value,
        "changed_at": one.found.updated_at.isoformat(),
    }


def say_end(merchant: str, job: Job, ended: str, why: str, *, as_json: bool) -> None:
    goes_on = ended in {"limit", "interrupted", "stopped"}
    if as_json:
        say_json(job_for_machines(merchant, job) | {"ended": ended, "why": why})
        return
    show_counts(Counter(job.counts), f"{job.name} of {merchant}: {job.selection.in_words}")
    for return_id, said in job.unknown.items():
        click.echo(clean(f"{return_id}: {said}"))
    because = f" ({why})" if why and why != ended else ""
    click.echo(f"{ended}{because}: {job.sent} sent")
    if goes_on:
        click.echo("the same command goes on from here")


def job_for_machines(merchant: str, job: Job) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "job": job.name,
        "state": job.state,
        "selection": job.selection.in_words,
        "sent": job.sent,
        "counts": counts_for_machines(Counter(job.counts)),
        "unknown_ids": job.unknown,
        "started_at": job.started_at.isoformat(),
        "started_by": job.started_by,
        "moved_at": job.moved_at.isoformat(),
        "ended_by": job.ended_by,
    }
