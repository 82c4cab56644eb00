"""What a report has to find though nobody planted it: what the samples hold on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from local.run.drift_stage import DriftStage, Planted
from local.run.publish import Sample

OLD_NAMES = ("BEANIE-NAVY", "JEANS-32", "JEANS-34", "SOCK-3PK")
"""SKUs without a colour, or a size."""


def by_design(stage: DriftStage, all_samples: Sequence[Sample], bundle: str) -> Iterator[Planted]:
    """Everything, by what was published and by the simulators' books.

    Args:
        stage: The world, before anything is planted.
        all_samples: The returns that were published.
        bundle: The order that waits for a bundle without components.
    """
    for sku in OLD_NAMES:
        yield Planted("example", "lint.sku_pattern", f"{sku} in mintsoft")
    yield Planted("example", "orders.back_ordered", f"order {bundle}")
    yield from _deleted(stage)
    yield from _of_one_side(stage)
    yield from _of_a_shared_store(stage, all_samples)


def _deleted(stage: DriftStage) -> Iterator[Planted]:
    """Orders that were deleted at Unleashed: a person is asked what becomes of Mintsoft's."""
    for company in stage.unleashed.books()["companies"].values():
        for entry in company["journal"]:
            if entry["what"] == "order_deleted":
                yield Planted("example", "orders.not_begun", f"order {entry['order']}")


def _of_one_side(stage: DriftStage) -> Iterator[Planted]:
    """Stock of products that Unleashed keeps by batch or serial number, which the hub leaves alone,
    and of products that Unleashed does not have."""
    file = stage.file("example")
    mapped = file.unleashed.warehouses if file.unleashed else {}
    codes = {number: code for code, number in mapped.items()}
    there = {row["ProductCode"]: row for row in stage.records("example", "Products")}
    books = stage.mintsoft.books()
    for row in books["stock"]:
        product = books["products"][str(row["product_id"])]
        sku, code = product["sku"], codes.get(row["warehouse_id"])
        is_ours = product["client_id"] == file.mintsoft.client_id
        # What is in quarantine is not told to Unleashed.
        if not is_ours or code is None or row["units"] == row["quarantined"]:
            continue
        if sku not in there:
            yield Planted("example", "stock.unleashed_missing", f"{sku} @ {code}")
        elif there[sku]["IsBatchTracked"] or there[sku]["IsSerialized"]:
            yield Planted("example", "stock.unleashed", f"{sku} @ {code}")


def _of_a_shared_store(stage: DriftStage, all_samples: Sequence[Sample]) -> Iterator[Planted]:
    """Both merchants have one store in the portal: each sees the other's returns."""
    known = stage.file("outlet").mintsoft.warehouses.by_location
    for sample in all_samples:
        if not sample.in_portal:
            continue
        if sample.merchant == "outlet" and sample.expected_outcome == "skipped":
            yield Planted("example", "returns.no_external_return", f"return {sample.return_id}")
        if sample.body["type"] == "return":
            for shipment in sample.body.get("shipments", ()):
                if shipment["externalLocationId"] not in known:
                    place = shipment["externalLocationId"]
                    yield Planted("outlet", "lint.location_unmapped", str(place))
