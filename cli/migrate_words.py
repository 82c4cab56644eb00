"""How the store's version and its migrations are told."""

from __future__ import annotations

from typing import Any

from returns_hub.flows.migrations.run import Progress, Standing


def store_json(store: Standing) -> dict[str, Any]:
    """For machines."""
    return {
        "stored": store.stored.complete,
        "newest": store.stored.newest,
        "release": store.release,
        "pending": [one.name for one in store.pending],
        "is_current": store.is_current,
        "problem": store.problem,
    }


def in_words(progress: Progress) -> str:
    """How far a migration came."""
    left = f", {progress.left} left that this release cannot read" if progress.left else ""
    return f"{progress.rows} rows read, {progress.changed} returns brought up{left}"
