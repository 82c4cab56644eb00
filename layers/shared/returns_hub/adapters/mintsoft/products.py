"""Mintsoft as the warehouse that keeps products: `ports.goods.ProductsWarehouse`.

Sources: Mintsoft's Swagger (Product, NewProductResult, Bundle), and recorded behaviour of client
projects: the look-up also finds alternative codes and does not tell case apart, the search gives
rows of every client, and refusals come as HTTP 200.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from returns_hub.adapters.mintsoft.answers import one, rows_of, whole_number
from returns_hub.adapters.mintsoft.client import MintsoftClient
from returns_hub.adapters.mintsoft.errors import (
    AlreadyThere,
    NotThere,
    created_product,
    require_done,
    rows_done,
)
from returns_hub.adapters.mintsoft.numbers import as_json
from returns_hub.adapters.mintsoft.order_translate import moment_of
from returns_hub.adapters.mintsoft.pages import PAGE_SIZE, walk
from returns_hub.adapters.mintsoft.product_models import (
    CHANGES_WITH_EVERY_WRITE,
    Bundle,
    ProductRow,
    changed_fields,
    new_bundle,
    new_product,
)
from returns_hub.adapters.mintsoft.times import to_naive, zone
from returns_hub.adapters.mintsoft.whose import client_filter
from returns_hub.domain.merchant import MintsoftConnection
from returns_hub.domain.operations import Found, Inconclusive, LookUp, NotFound
from returns_hub.domain.warehouse_goods import (
    BundleComponent,
    NewProduct,
    ProductChange,
    ProductMade,
    ProductPage,
    ProductUpdated,
    WarehouseProduct,
    change_problem,
    product_problem,
)
from returns_hub.errors import Permanent, Verdict

PRODUCT = "/api/Product"
SET_ON_HAND = f"{PRODUCT}/BulkOnHandStockUpdate"
MOST_SET_AT_ONCE = 50


class MintsoftProducts:
    """One client's products in a 3PL's Mintsoft."""

    def __init__(self, client: MintsoftClient, connection: MintsoftConnection) -> None:
        self._client = client
        self._connection = connection
        self._zone = zone(connection.time_zone)

    def require_open(self) -> None:
        """See `ports.goods.ProductsWarehouse.require_open`."""
        self._client.require_open()

    # -- finding ----------------------------------------------------------------------------

    def find_product(self, sku: str) -> WarehouseProduct | None:
        """See `ports.goods.ProductsWarehouse.find_product`."""
        exact, _, _ = self._with_sku(sku)
        return self._translated(exact) if exact else None

    def find_products(self, skus: Iterable[str]) -> Mapping[str, WarehouseProduct]:
        """See `ports.goods.ProductsWarehouse.find_products`."""
        found = {sku: self.find_product(sku) for sku in dict.fromkeys(skus)}
        return {sku: product for sku, product in found.items() if product is not None}

    def look_up_product(self, sku: str) -> LookUp:
        """See `ports.goods.ProductsWarehouse.look_up_product`.

        ``LookupProductId`` answers 0 for what the client does not have. Whether it knows
        discontinued products no source tells, so the search, which can be told to show them and
        bundles, is asked as well.
        """
        exact, alike, may_be_more = self._with_sku(sku)
        if exact is not None:
            return Found(str(exact.id))
        if alike is not None:
            return Inconclusive(_spelt_alike(sku, alike))
        if may_be_more:
            return Inconclusive(
                f"Mintsoft's search has too many products to look through for {sku}; look there"
            )
        return NotFound()

    def _with_sku(self, sku: str) -> tuple[ProductRow | None, ProductRow | None, bool]:
        """The product with exactly this SKU; else one that is spelt alike; else whether the search
        may have left some out."""
        path = f"{PRODUCT}/LookupProductId"
        found = self._client.read_call(path, {"SKU": sku, **client_filter(self._connection)})
        product_id = whole_number(found)
        shown = [row] if product_id and (row := self._row(product_id)) else []
        if any(_sku(row) == sku for row in shown):
            return shown[0], None, False
        query: dict[str, str | int] = {
            "Search": sku,
            "IncludeBundles": "true",
            "IncludeDiscontinued": "true",
            **client_filter(self._connection),
        }
        rows = rows_of(ProductRow, self._client.read_call(f"{PRODUCT}/Search", query))
        shown += [row for row in rows if self._is_ours(row)]
        exact = next((row for row in shown if _sku(row) == sku), None)
        alike = next((row for row in shown if _sku(row).casefold() == sku.casefold()), None)
        return exact, alike, len(rows) >= PAGE_SIZE

    # -- reading ----------------------------------------------------------------------------

    def read_product(self, product_id: int) -> WarehouseProduct | None:
        """See `ports.goods.ProductsWarehouse.read_product`."""
        row = self._row(product_id)
        return self._translated(row) if row else None

    def products_updated_since(
        self, since: datetime | None, most_calls: int, first_page: int = 1
    ) -> ProductPage:
        """See `ports.goods.ProductsWarehouse.products_updated_since`."""
        query: dict[str, str | int] = {"Limit": PAGE_SIZE, **client_filter(self._connection)}
        if since is not None:
            query["SinceLastUpdated"] = to_naive(since, self._zone)

        def page(number: int) -> list[ProductRow]:
            content = self._client.read_call(f"{PRODUCT}/List", query | {"PageNo": number})
            return rows_of(ProductRow, content)

        read = walk(page, lambda row: (row.id, row.last_updated), most_calls, first_page)
        products = [self._translated(row) for row in read.rows if self._is_ours(row)]
        return ProductPage(
            tuple(product for product in products if _is_after(product, since)),
            read.calls,
            read.next_page,
        )

    def bundle_components(self, product_id: int) -> tuple[BundleComponent, ...]:
        """See `ports.goods.ProductsWarehouse.bundle_components`."""
        product = self._row(product_id)
        if product is None or not product.bundle:
            return ()
        try:
            content = self._client.read(
                f"{PRODUCT}/{product_id}/Bundle", template=f"{PRODUCT}/{{id}}/Bundle"
            )
        except NotThere:
            return ()
        return tuple(
            BundleComponent((part.sku or "").strip(), part.quantity or 0, part.product_id)
            for part in one(Bundle, content).components or ()
        )

    def _row(self, product_id: int) -> ProductRow | None:
        content = self._content(product_id)
        if content is None:
            return None
        row = one(ProductRow, content)
        return row if self._is_ours(row) else None

    def _content(self, product_id: int) -> Any | None:
        try:
            return self._client.read(f"{PRODUCT}/{product_id}", template=f"{PRODUCT}/{{id}}")
        except NotThere:
            return None

    # -- writing ----------------------------------------------------------------------------

    def create_product(self, draft: NewProduct, send_by: datetime) -> ProductMade:
        """See `ports.goods.ProductsWarehouse.create_product`.

        No source tells that Mintsoft refuses a second product with the same SKU: so it is looked
        up before every try, and a refusal that says "already exists" is looked into.
        """
        problem = product_problem(draft)
        if problem:
            raise Permanent("mintsoft.bad_product", problem)
        made = self._that_exists(draft.sku)
        if made is not None:
            return made
        path = f"{PRODUCT}/Bundle" if draft.components else PRODUCT
        client_id = client_filter(self._connection).get("ClientId")
        body = (new_bundle if draft.components else new_product)(draft, client_id)
        try:
            content = self._client.write("PUT", path, template=path, body=body, send_by=send_by)
            return ProductMade(created_product(content))
        except AlreadyThere:
            made = self._that_exists(draft.sku)
        if made is None:
            raise Permanent(
                "mintsoft.sku_taken",
                f"Mintsoft says that product {draft.sku} exists already, and shows none of this "
                "client",
            )
        return made

    def _that_exists(self, sku: str) -> ProductMade | None:
        """The product with this SKU.

        Raises:
            Permanent: Whether there is one cannot be told, or its SKU is spelt differently.
        """
        looked_up = self.look_up_product(sku)
        if isinstance(looked_up, Inconclusive):
            raise Permanent("mintsoft.sku_taken", looked_up.why)
        return (
            ProductMade(int(looked_up.partner_id), True) if isinstance(looked_up, Found) else None
        )

    def update_product(
        self, product_id: int, change: ProductChange, send_by: datetime
    ) -> ProductUpdated:
        """See `ports.goods.ProductsWarehouse.update_product`.

        What `goods.product_update` says is sent. With `whole` it is the product as it was read a
        moment ago, fields that we do not know included: nothing is lost when Mintsoft empties what
        is left out, and nothing changes when it keeps it. Reading it afterwards shows both.
        """
        problem = change_problem(change)
        if problem:
            raise Permanent("mintsoft.bad_product", f"product {product_id}: {problem}")
        before = self._content(product_id)
        if not isinstance(before, dict) or not self._is_ours(one(ProductRow, before)):
            raise Permanent(
                "mintsoft.no_such_product", f"Mintsoft has no product {product_id} of this client"
            )
        held = self._translated(one(ProductRow, before))
        if not held.lacks(change):
            return ProductUpdated(held)
        fields = changed_fields(change)
        if self._connection.goods.product_update == "whole":
            body = as_json(before) | fields
            if self._connection.user_kind == "client":
                body.pop("ClientId", None)
        else:
            body = {"ID": product_id, **client_filter(self._connection), **fields}
        content = self._client.write("POST", PRODUCT, template=PRODUCT, body=body, send_by=send_by)
        require_done(content)
        return self._updated(product_id, change, before, set(fields))

    def _updated(
        self, product_id: int, change: ProductChange, before: dict[str, Any], named: set[str]
    ) -> ProductUpdated:
        """What became of the product. It was changed; not seeing it takes nothing back."""
        try:
            after = self._content(product_id)
            product = self._translated(one(ProductRow, after)) if after else None
        except Verdict:
            return ProductUpdated(None)
        if product is None or not isinstance(after, dict):
            return ProductUpdated(None)
        others = before.keys() - named - CHANGES_WITH_EVERY_WRITE
        lost = sorted(name for name in others if _said(after.get(name)) != _said(before[name]))
        return ProductUpdated(product, refused=product.lacks(change), lost=tuple(lost))

    def set_on_hand(
        self, warehouse_id: int, units: Mapping[str, int], send_by: datetime
    ) -> Mapping[str, str]:
        """See `ports.goods.ProductsWarehouse.set_on_hand`.

        ``BulkOnHandStockUpdate`` sets an absolute number (Swagger, four clients); fifty rows at a
        time are used in production. Whether that number holds units in quarantine is told nowhere.
        """
        if not 0 < len(units) <= MOST_SET_AT_ONCE:
            raise Permanent("mintsoft.bad_stock", f"{len(units)} products at once")
        rows = [
            {"SKU": sku, "Quantity": count, "WarehouseId": warehouse_id}
            for sku, count in units.items()
        ]
        whose = client_filter(self._connection)
        asked = "".join(f"?{name}={value}" for name, value in whose.items())
        content = self._client.write(
            "POST", f"{SET_ON_HAND}{asked}", template=SET_ON_HAND, body=rows, send_by=send_by
        )
        return rows_done(content)

    # -- helpers ----------------------------------------------------------------------------

    def _is_ours(self, row: ProductRow) -> bool:
        return row.client_id == self._connection.client_id

    def _translated(self, row: ProductRow) -> WarehouseProduct:
        return WarehouseProduct(
            product_id=row.id,
            sku=_sku(row),
            name=(row.name or "").strip(),
            version=row.last_updated or "",
            updated_at=moment_of(row.last_updated, self._zone),
            ean=(row.ean or "").strip(),
            upc=(row.upc or "").strip(),
            weight=row.weight,
            height=row.height,
            width=row.width,
            depth=row.depth,
            # Stray spaces were recorded.
            image_url=(row.image_url or "").strip(),
            price=row.price,
            cost_price=row.cost_price,
            has_batches=bool(row.has_batches),
            has_serials=bool(row.has_serials),
            has_expiry=bool(row.has_expiry),
            is_bundle=bool(row.bundle),
            discontinued=bool(row.discontinued),
            written=row.sku if row.sku and row.sku != _sku(row) else "",
        )


def _sku(row: ProductRow) -> str:
    return (row.sku or "").strip()


def _is_after(product: WarehouseProduct, since: datetime | None) -> bool:
    """A product without a readable time is shown: it may have changed."""
    return since is None or product.updated_at is None or product.updated_at >= since


def _said(value: Any) -> Any:
    """What Mintsoft says by it: nothing, a zero, an empty text and an empty list are one."""
    return value or None


def _spelt_alike(sku: str, row: ProductRow) -> str:
    return (
        f"Mintsoft has product {_sku(row)} (id {row.id}), which differs from {sku} by capitals "
        "alone: is it the same?"
    )
