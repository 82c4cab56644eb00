"""Changes to orders in Mintsoft that are not begun: `ports.goods.OrderChanges`.

Sources: Mintsoft's Swagger (``PUT /api/Order/{id}/Items`` takes one item, ``POST`` on an item is
for its quantity), and its help centre on updating orders: which fields of the header can change,
and that only those that are sent do. It wants the country as an id.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.mintsoft.answers import one, rows_of
from returns_hub.adapters.mintsoft.errors import NotThere, require_done
from returns_hub.adapters.mintsoft.numbers import as_json_number
from returns_hub.adapters.mintsoft.order_models import Country, OrderHeader
from returns_hub.adapters.mintsoft.order_reads import ORDER, MintsoftOrderBook, no_such_order
from returns_hub.adapters.mintsoft.order_translate import address_lines, without_recipient
from returns_hub.adapters.mintsoft.times import midnight_of
from returns_hub.domain.operations import Found, LookUp, NotFound
from returns_hub.domain.order_changes import NOT_BEGUN, OrderHeaderChange
from returns_hub.domain.warehouse_orders import (
    BY_RULES,
    OrderedItem,
    Recipient,
    WarehouseOrder,
)
from returns_hub.errors import Misconfigured, Permanent


class MintsoftOrderChanges(MintsoftOrderBook):
    """One client's orders in a 3PL's Mintsoft, changed before anybody picks them."""

    # -- items ------------------------------------------------------------------------------

    def set_order_units(
        self,
        order_id: int,
        sku: str,
        units: int,
        send_by: datetime,
        *,
        unit_price: Decimal | None = None,
    ) -> None:
        """See `ports.goods.OrderChanges.set_order_units`."""
        order = self._known(order_id)
        lines = [item for item in order.items or () if item.sku == sku]
        if sum(item.quantity for item in lines) == units:
            return
        self._require_changeable(order)
        _require_fit(order, sku, units, lines)
        items = f"{ORDER}/{order_id}/Items"
        template = f"{ORDER}/{{id}}/Items"
        if not lines:
            body: dict[str, Any] = {"SKU": sku, "Quantity": units}
            if unit_price is not None:
                body["UnitPrice"] = as_json_number(unit_price)
            content = self._client.write(
                "PUT", items, template=template, body=body, send_by=send_by
            )
        else:
            content = self._client.write(
                "POST" if units else "DELETE",
                f"{items}/{lines[0].item_id}",
                template=f"{template}/{{item}}",
                body={"SKU": sku, "Quantity": units} if units else None,
                send_by=send_by,
            )
        require_done(content)

    # -- header -----------------------------------------------------------------------------

    def update_order(self, order_id: int, change: OrderHeaderChange, send_by: datetime) -> None:
        """See `ports.goods.OrderChanges.update_order`."""
        order = self._known(order_id)
        wanted = self._wanted(change)
        if _has(self._header(order_id), wanted):
            return
        self._require_changeable(order)
        try:
            content = self._client.write(
                "POST",
                f"{ORDER}/{order_id}",
                template=f"{ORDER}/{{id}}",
                body=wanted,
                send_by=send_by,
            )
            require_done(content)
        except (Permanent, Misconfigured) as verdict:
            person = change.recipient or Recipient(country="")
            said = without_recipient(verdict.reason, person, change.delivery_notes or "")
            raise type(verdict)(verdict.code, said) from None

    def order_has(self, order_id: int, change: OrderHeaderChange) -> LookUp:
        """See `ports.goods.OrderChanges.order_has`."""
        self._known(order_id)
        has = _has(self._header(order_id), self._wanted(change))
        return Found(str(order_id)) if has else NotFound()

    def _wanted(self, change: OrderHeaderChange) -> dict[str, Any]:
        """What the change names, in Mintsoft's words. An address is sent whole, its gaps too.

        Raises:
            Permanent: It names nothing, a country that Mintsoft does not have, or a rule instead
                of a courier, which no order would ever show.
        """
        said: dict[str, Any] = {}
        person = change.recipient
        if person is not None:
            lines = address_lines(person)
            said |= {
                "Title": person.title,
                "CompanyName": person.company,
                "FirstName": person.first_name,
                "LastName": person.last_name,
                "Address1": lines[0],
                "Address2": lines[1],
                "Address3": lines[2],
                "Town": person.town,
                "County": person.county,
                "PostCode": person.postcode,
                "CountryId": self._country(person.country),
                "Email": person.email,
                "Phone": person.phone,
            }
        if change.courier == BY_RULES:
            raise Permanent(
                "mintsoft.bad_order", "rules choose a courier when an order is made, not afterwards"
            )
        if change.courier is not None:
            is_id = isinstance(change.courier, int)
            said["CourierServiceId" if is_id else "CourierService"] = change.courier
        texts = {
            "ExternalOrderReference": change.external_reference,
            "DeliveryNotes": change.delivery_notes,
            "RequiredDeliveryDate": midnight_of(change.required_delivery),
            "RequiredDespatchDate": midnight_of(change.required_despatch),
        }
        said |= {name: text for name, text in texts.items() if text is not None}
        if not said:
            raise Permanent("mintsoft.bad_order", "the change of an order names nothing to change")
        return said

    def _country(self, country: str) -> int:
        """The id of a code or a name, which a new order is taken with as well."""
        rows = rows_of(Country, self._client.read_call("/api/RefData/Countries"))
        wanted = country.strip().upper()
        found = [
            row.id for row in rows if wanted in {row.code, row.code3, (row.name or "").upper()}
        ]
        if not found:
            raise Permanent("mintsoft.bad_order", f"Mintsoft has no country {country[:60]}")
        return found[0]

    # -- helpers ----------------------------------------------------------------------------

    def _known(self, order_id: int) -> WarehouseOrder:
        order = self.read_order(order_id)
        if order is None:
            raise no_such_order(order_id)
        return order

    def _header(self, order_id: int) -> dict[str, Any]:
        """The header as it is now. Personal data: compared, and never kept or told."""
        try:
            content = self._client.read(f"{ORDER}/{order_id}", template=f"{ORDER}/{{id}}")
        except NotThere:
            raise no_such_order(order_id) from None
        header = one(OrderHeader, content).model_dump(by_alias=True)
        return header | {"CourierService": header.pop("CourierServiceName")}

    def _require_changeable(self, order: WarehouseOrder) -> None:
        if order.stage not in NOT_BEGUN or any(item.committed for item in order.items or ()):
            raise Permanent(
                "mintsoft.order_begun",
                f"order {order.number} is {order.status_word} in Mintsoft; the hub changes those "
                "only that nobody has begun",
            )
        if order.parts > 1 or len(order.numbers) > 1:
            raise Permanent(
                "mintsoft.order_split",
                f"order {order.number} was split or merged in Mintsoft; change it there",
            )


def _require_fit(order: WarehouseOrder, sku: str, units: int, lines: list[OrderedItem]) -> None:
    why = None
    if not sku.strip() or units < 0:
        why = "a line needs a SKU and no quantity below 0"
    elif len(lines) > 1:
        why = f"{sku} is on {len(lines)} lines; change it in Mintsoft"
    elif lines and not lines[0].item_id:
        why = f"Mintsoft does not show the id of the line with {sku}"
    elif not units and not any(item.quantity for item in order.items or () if item.sku != sku):
        why = "it would be left empty; cancel it instead"
    if why:
        raise Permanent("mintsoft.bad_order", f"order {order.number}: {why}")


def _has(header: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether everything wanted is so; of a time its day counts."""
    for name, value in wanted.items():
        held = header.get(name)
        if name.startswith("Required"):
            if str(held or "")[:10] != str(value)[:10]:
                return False
        elif isinstance(value, int):
            if held != value:
                return False
        elif " ".join(str(held or "").split()) != " ".join(str(value).split()):
            return False
    return True
