"""Products of Unleashed; read only.

Sources: the page on products (``includeObsolete``, without which obsolete ones are left out;
``modifiedSince``; ``productCode`` matches beginnings; sorted by code) and the official sample's
keys. ``Images`` is null or a list of ``{Url, IsDefault}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from returns_hub.adapters.unleashed import dates
from returns_hub.adapters.unleashed.account import PRODUCTS, UnleashedResource
from returns_hub.adapters.unleashed.paging import Page
from returns_hub.adapters.unleashed.reading import (
    Raw,
    code_of,
    guid_of,
    keeps_stock,
    moment_in,
    number_or_none,
    rows_of,
    text_of,
    value_of,
)
from returns_hub.domain.unleashed.products import ErpProduct, ErpProductPage
from returns_hub.errors import Retryable

MOST_STEPS_BACK = 100


class UnleashedProducts(UnleashedResource):
    """`ports.erp.ErpProducts`."""

    @property
    def _size(self) -> int:
        return self._connection.catalogue_page_size

    def changed_since(self, since: datetime | None) -> Iterator[ErpProduct]:
        """See `ErpProducts.changed_since`."""
        for page in self.pages_changed_since(since):
            yield from page.products

    def pages_changed_since(
        self, since: datetime | None, first: int = 1
    ) -> Iterator[ErpProductPage]:
        """See `ErpProducts.pages_changed_since`.

        Whoever takes the pages may work on each for minutes, so the list is not read again as a
        whole where it moved. It is sorted by code, which never changes: a row that comes moves the
        others onto a page that is still to be read, and one that leaves, which the count of rows
        shows, onto the page before, which is read again. What this leaves: a product that is passed
        over because another one before it was deleted, and one behind it was made, between two
        pages. A page that is asked for past the end is the last one.
        """
        at = max(first, 1)
        for _ in range(MOST_STEPS_BACK):
            items, left = 0, 0
            for page in self._pages(since, at):
                yield ErpProductPage(page.number, tuple(map(_product, page.rows)))
                told = items if page.items is None else page.items
                items, left = told, items - told
                if left > 0:
                    at = max(page.number - -(-left // self._size), 1)
                    break
            if left <= 0:
                return
        raise Retryable("unleashed.list_unclear", "Unleashed's products keep going", after=60)

    def _pages(self, since: datetime | None, first: int) -> Iterator[Page]:
        query: list[tuple[str, str | bool]] = [("includeObsolete", True)]
        if since is not None:
            query.append(("modifiedSince", dates.since(since)))
        return self._client.pages(PRODUCTS, query, size=self._size, first=first, settle=False)

    def read(self, guid: str) -> ErpProduct | None:
        """See `ErpProducts.read`."""
        row = self._one(PRODUCTS, guid)
        return None if row is None else _product(row)

    def with_code(self, code: str) -> ErpProduct | None:
        """See `ErpProducts.with_code`: a kept Guid that is none any more is looked up again."""
        for _ in range(2):
            guid = self._account.keys.find("product", [code]).get(code)
            if guid is None:
                return None
            found = self.read(guid)
            if found is not None and found.code == code:
                return found
            self._account.keys.forget("product", [code])
        return None


def _product(row: Raw) -> ErpProduct:
    return ErpProduct(
        guid=guid_of(row),
        code=code_of(row, "ProductCode"),
        name=text_of(row, "ProductDescription"),
        barcode=text_of(row, "Barcode"),
        weight=number_or_none(row, "Weight"),
        height=number_or_none(row, "Height"),
        width=number_or_none(row, "Width"),
        depth=number_or_none(row, "Depth"),
        image_url=_image_of(row),
        average_cost=number_or_none(row, "AverageLandPrice"),
        purchase_price=number_or_none(row, "DefaultPurchasePrice"),
        customs_description=text_of(row, "CustomsDescription"),
        commodity_code=text_of(row, "CommerceCode"),
        country=text_of(row, "ICCCountryCode"),
        is_batch_tracked=value_of(row, "IsBatchTracked") is True,
        is_serialized=value_of(row, "IsSerialized") is True,
        never_diminishing=not keeps_stock(row),
        is_assembled=value_of(row, "IsAssembledProduct") is True,
        obsolete=value_of(row, "Obsolete") is True,
        created_at=moment_in(row, "CreatedOn"),
        modified_at=moment_in(row, "LastModifiedOn"),
    )


def _image_of(row: Raw) -> str:
    """The default image's address; else the first one's; else the one of older objects."""
    try:
        images = rows_of(row, "Images")
    except ValueError:
        images = []
    images.sort(key=lambda image: value_of(image, "IsDefault") is not True)
    shown = [url for image in images if (url := text_of(image, "Url"))]
    return next(iter(shown), "") or text_of(row, "ImageUrl")
