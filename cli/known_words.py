"""Words that a shell may complete: merchants' ids, and ids of parked work.

They come from the hub that the words before name, or from what it said within the last minutes. A
shell must not hang, and nothing is printed: what does not answer soon completes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from cli.worlds import Reach

PATIENCE = 1.5
"""Seconds that a shell waits for the hub."""
FRESH = 300.0
"""Seconds for which words are good that the hub said."""
MOST = 200


def complete_merchants(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Ids of merchants that have a file."""
    return _fitting(known(ctx, "merchants", _merchants), incomplete)


def complete_parked(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Ids of parked work: of the merchant that was named, or of all."""
    params = ctx.params
    owner = str(params.get("merchant") or params.get("merchant_word") or "")

    def parked(reach: Reach) -> list[str]:
        made = reach.hub()
        owners = [owner] if owner else made.merchants.all_ids()
        return [item.parked_id for one in owners for item in made.parking.list_parked(one)][:MOST]

    return _fitting(known(ctx, f"parked {owner}", parked), incomplete)


def _merchants(reach: Reach) -> list[str]:
    return list(reach.hub().merchants.all_ids())


def _fitting(words: list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def known(ctx: click.Context, what: str, ask: Callable[[Reach], list[str]]) -> list[str]:
    """What the hub knows, from the cache while that is fresh; nothing when it does not say."""
    root = ctx.find_root().params
    where = [str(root.get(name) or "") for name in ("stack", "region", "profile")]
    path = _cache_file("\n".join([*where, os.environ.get("AWS_PROFILE", ""), what]))
    kept = _read(path)
    if kept is not None:
        return kept
    found: list[list[str]] = []

    def asked() -> None:
        # Whatever goes wrong, a shell that completes must show nothing of it.
        with contextlib.suppress(Exception):
            found.append(ask(Reach(*(word or None for word in where), is_quiet=True)))

    thread = threading.Thread(target=asked, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not found:
        return []
    _write(path, found[0])
    return found[0]


def _cache_file(key: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    name = hashlib.sha256(key.encode()).hexdigest()[:20]
    return Path(base) / "returns-hub" / f"words-{name}.json"


def _read(path: Path) -> list[str] | None:
    try:
        if time.time() - path.stat().st_mtime > FRESH:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_words = isinstance(content, list) and all(isinstance(word, str) for word in content)
    return content if is_words else None


def _write(path: Path, words: list[str]) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(words), encoding="utf-8")
        part.replace(path)
