"""The side door of Unleashed's simulator: `/_admin/…`; see `local/README.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from local.simulators.changed_settings import changed
from local.simulators.unleashed.hands import CLERK
from local.simulators.unleashed.hands_goods import Hands, told
from local.simulators.unleashed.replies import Refused
from local.simulators.unleashed.sample import sample

if TYPE_CHECKING:
    from local.simulators.unleashed.simulator import UnleashedSimulator

DONE = {"ok": True}
DEEDS: dict[str, Callable[..., Any]] = {
    "place-order": Hands.place_order,
    "edit-order": Hands.edit_order,
    "order-status": Hands.set_order_status,
    "order-fields": Hands.set_order_fields,
    "delete-order": Hands.delete_order,
    "complete-order": Hands.complete_order,
    "ship": Hands.ship,
    "shipment-status": Hands.set_shipment_status,
    "place-purchase": Hands.place_purchase,
    "purchase-status": Hands.set_purchase_status,
    "park-transfer": Hands.park_transfer,
    "complete-transfer": Hands.complete_transfer,
    "delete-transfer": Hands.delete_transfer,
    "park-assembly": Hands.park_assembly,
    "complete-assembly": Hands.complete_assembly,
    "delete-assembly": Hands.delete_assembly,
    "count-stock": Hands.count_stock,
    "credit": Hands.credit,
    "add-product": Hands.add_product,
    "change-product": Hands.change_product,
    "obsolete-product": Hands.obsolete_product,
    "delete-product": Hands.delete_product,
}
"""What users do; each takes its arguments by name, besides ``account`` and ``user``."""


def admin_actions(unleashed: UnleashedSimulator) -> dict[str, Callable[[Any], Any]]:
    """The actions by their names. Each takes the request's JSON and gives JSON."""

    def seed(content: Any) -> Any:
        unleashed.seed(content)
        return DONE

    def seed_sample(content: Any) -> Any:
        made = sample(**content)
        unleashed.seed(made)
        return made

    def settings(content: Any) -> Any:
        unleashed.settings = changed(unleashed.settings, content or {})
        return asdict(unleashed.settings)

    def company(content: Mapping[str, Any]) -> Any:
        found = unleashed.desk(content.get("account")).company
        found.management = bool(content.get("management", found.management))
        return {"account": found.api_id, "management": found.management}

    def quota(content: Mapping[str, Any]) -> Any:
        found = unleashed.desk(content.get("account")).company
        if "used" in content:
            unleashed.gate.set_used(found, int(content["used"]))
        return unleashed.gate.quota(found)

    def records(content: Mapping[str, Any]) -> Any:
        """Every record of a resource as the API would show it, deleted ones too."""
        desk = unleashed.desk(content.get("account"))
        return desk.records(content["resource"])

    actions: dict[str, Callable[[Any], Any]] = {
        "books": lambda _: unleashed.all_books(),
        "seed": seed,
        "sample": seed_sample,
        "settings": settings,
        "company": company,
        "quota": quota,
        "records": records,
    }
    for name, deed in DEEDS.items():
        actions[name] = _done_by_a_user(unleashed, deed)
    return {name: _refusals_told(action) for name, action in actions.items()}


def _done_by_a_user(
    unleashed: UnleashedSimulator, deed: Callable[..., Any]
) -> Callable[[Any], Any]:
    def done(content: Any) -> Any:
        given = dict(content)
        desk = unleashed.desk(given.pop("account", None))
        return deed(Hands(desk, given.pop("user", CLERK)), **given)

    return done


def _refusals_told(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def asked(content: Any) -> Any:
        try:
            return action(content)
        except Refused as refused:
            raise told(refused) from None

    return asked
