"""Returns as Redo tells of them, with canaries planted in what nobody may ever be told."""

from __future__ import annotations

import json
from typing import Any

from local.simulators.redo.bodies import whole_totals
from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import ROOT
from tests.support import worlds


def _planted(body: dict[str, Any]) -> dict[str, Any]:
    """The customer, as the portal sends it; nothing of it may ever be told."""
    address, phone, token = CANARIES
    source = {"emailAddress": address, "phoneNumber": phone, "name": {"given": "Pat"}}
    return body | {"source": source, "giftCards": [{"code": token}]}


def _sample_bodies() -> list[dict[str, Any]]:
    """Bodies from the samples: the shapes that Redo documents."""
    bodies = []
    for path in sorted((ROOT / "samples" / "returns").glob("*.json"))[::9]:
        text = path.read_text().replace("{created}", "2026-03-02T08:15:00Z")
        sample = json.loads(text.replace("{updated}", "2026-03-02T08:59:00Z"))
        bodies.append({"return": _planted(sample["return"]), "order": sample.get("order")})
    return bodies


def event_of_approval(**changes: object) -> dict[str, object]:
    """The message that a return is approved, otherwise by `changes`."""
    event: dict[str, object] = {
        "schema": "approved-return/1",
        "merchant": "example",
        "return_id": worlds.RETURN_ID,
        "occurred_at": "2026-03-02T09:00:00Z",
        "source": "test",
    }
    return event | changes


BODIES = _sample_bodies()
RETURN = _planted(
    worlds.redo_return(
        [worlds.item(1, "TEE"), worlds.item(2, None)],
        totals=whole_totals(refund="39.00"),
        dropoffs=[{"shipmentGroupId": "sg_two"}],
    )
)
ORDER = {
    "id": "order1",
    "name": "#5501",
    "items": [{"id": "6100000000001/2", "variant": {"sku": "MUG"}}],
}
