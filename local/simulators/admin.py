"""The way in for tests and the local stack: `/_admin/…`, the same for every simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from local.simulators.faults import Fault, FaultKind, FaultPlan
from local.simulators.wire import Reply, Request, json_reply

PREFIX = "/_admin/"


class CallLog:
    """How often which call was answered how."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def note(self, request: Request, reply: Reply) -> None:
        """Count one call; ids are left out of the path."""
        parts = ["{id}" if _is_id(part) else part for part in request.path.split("/")]
        self.counts[f"{request.method} {'/'.join(parts)} {reply.status}"] += 1


def _is_id(part: str) -> bool:
    return any(c.isdigit() for c in part) and not part.startswith(("v1", "v2"))


def serve_admin(
    request: Request,
    *,
    faults: FaultPlan,
    calls: CallLog,
    actions: Mapping[str, Callable[[Any], Any]],
) -> Reply:
    """Serve one admin request: `faults` and `calls`, or an action of the simulator's own.

    An action takes the request's JSON (an empty object without a body) and returns JSON.
    """
    content: Any = request.json() if request.body else {}
    name = request.path.removeprefix(PREFIX).strip("/")
    if name == "faults" and request.method == "POST":
        faults.add(Fault(**{**content, "kind": FaultKind(content["kind"])}))
        return json_reply(200, {"ok": True})
    if name == "faults" and request.method == "DELETE":
        faults.clear()
        return json_reply(200, {"ok": True})
    if name == "calls":
        return json_reply(200, dict(calls.counts))
    if name not in actions:
        return json_reply(404, {"error": f"no action {name}", "actions": sorted(actions)})
    try:
        return json_reply(200, actions[name](content))
    except (KeyError, ValueError, TypeError) as error:
        return json_reply(400, {"error": f"{type(error).__name__}: {error}"})
