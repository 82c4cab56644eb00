"""What is outside of the hub in `bench.unleashed`, in a process of its own: the simulators of
Unleashed and Mintsoft, DynamoDB in memory, and the people who work in both.

So the memory and the processor time of the other process are the hub's alone.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from bench.miinto_world import tables
from bench.unleashed_world import BEFORE
from local.simulators.mintsoft.simulator import MintsoftSimulator
from local.simulators.unleashed.hands import SalesHands
from local.simulators.unleashed.hands_goods import Hands
from local.simulators.unleashed.sample import sample
from local.simulators.unleashed.simulator import UnleashedSimulator
from local.simulators.wire import Reply, Request
from tests.support.dynamodb import InMemoryDynamoDb

CLIENT, FIRST_ID = 12, 10_000
PLACES = {"MAIN": 3, "3PL": 4}
"""Unleashed's warehouses, and what they are at Mintsoft."""
ADDRESS = {
    "DeliveryName": "Patricia Sample",
    "DeliveryStreetAddress": "1 Test Street",
    "DeliveryCity": "Leeds",
    "DeliveryPostCode": "LS1 1AA",
    "DeliveryCountry": "United Kingdom",
}


def code_of(number: int) -> str:
    """An invented product's code, which is its SKU."""
    return f"SKU-{number:06d}"


class Moment:
    """The hub's time, as it was told last."""

    def __init__(self) -> None:
        self.now = BEFORE

    def __call__(self) -> datetime:
        return self.now


class Outside:
    """Everything that the hub talks to.

    Args:
        key: Mintsoft's API key.
    """

    def __init__(self, key: str) -> None:
        self.clock = Moment()
        self.unleashed = UnleashedSimulator(self.clock, dice=random.Random(7))
        self.unleashed.seed(sample(more_stock=False))
        self.desk = self.unleashed.desk()
        self.mintsoft = MintsoftSimulator(now=self.clock)
        self.mintsoft.seed(
            {
                "users": [{"name": "hub", "password": "pw", "static_key": key}],
                "clients": {str(CLIENT): "Example Fashion"},
                "warehouses": {"3": {"name": "Corby"}, "4": {"name": "London"}},
                "reasons": {"1": {"name": "Unwanted - Good Stock"}},
            }
        )
        self.dynamodb = InMemoryDynamoDb(tables(), now=lambda: self.clock().timestamp(), page=1000)
        self.asked: list[str] = []

    def at(self, moment: datetime, what: str, *arguments: Any) -> Any:
        """The method of that name, at that moment."""
        self.clock.now = moment
        return getattr(self, what)(*arguments)

    # -- requests ---------------------------------------------------------------------------

    def ask_dynamodb(self, operation: str, parameters: dict[str, Any]) -> tuple[int, Any]:
        """One request of DynamoDB's own protocol, beyond JSON."""
        try:
            return 200, getattr(self.dynamodb, operation)(**parameters)
        except ClientError as error:
            told: dict[str, Any] = dict(error.response)
            said = told.pop("Error")
            return 400, {"__type": said["Code"], "message": said["Message"], **told}

    def ask_unleashed(self, request: Request) -> Reply:
        """One request; kept by method and path."""
        self.asked.append(f"{request.method} {request.path}")
        return self.unleashed.handle(request)

    def ask_mintsoft(self, request: Request) -> Reply:
        """One request."""
        return self.mintsoft.handle(request)

    # -- what there is, and what people do --------------------------------------------------

    def stock_catalogue(self, count: int, missing: int, units: int = 0) -> None:
        """So many products at Unleashed, each also at Mintsoft but every `missing`-th (0: all)."""
        products = [
            {
                "ProductCode": code_of(number),
                "ProductDescription": f"Shirt {number}",
                "Barcode": f"57{number:011d}",
                "DefaultPurchasePrice": 7.5,
                "DefaultSellPrice": 19.9,
                "UnitOfMeasure": {"Name": "EA"},
            }
            for number in range(count)
        ]
        self.desk.seed({"products": products})
        both = [n for n in range(count) if not missing or n % missing]
        self.mintsoft.seed(
            {
                "products": {
                    str(FIRST_ID + n): {
                        "sku": code_of(n),
                        "name": f"Shirt {n}",
                        "client_id": CLIENT,
                        "ean": f"57{n:011d}",
                        "fields": {"CostPrice": 7.5},
                    }
                    for n in both
                },
            }
        )
        if units:
            for place, there in PLACES.items():
                self.desk.seed({"stock": {place: dict.fromkeys(map(code_of, both), units)}})
                ids = {str(FIRST_ID + n): units for n in both}
                self.mintsoft.seed({"stock": {str(there): ids}})

    def carry_samples(self) -> None:
        """The goods of Unleashed's sample are at Mintsoft too; their barcodes are others' here."""
        rows: dict[str, Any] = {}
        for at, row in enumerate(self.desk.company.all("Products").values()):
            code = row["ProductCode"]
            if not code.startswith("SKU-"):
                row["Barcode"] = None
                if not row.get("NeverDiminishing"):
                    rows[str(1000 + at)] = {"sku": code, "name": code, "client_id": CLIENT}
        self.mintsoft.seed({"products": rows})

    def spell_otherwise(self) -> None:
        """Mintsoft has every SKU in small letters."""
        for row in self.mintsoft.tenant.products.values():
            row["sku"] = row["sku"].lower()

    def more_places(self, places: dict[str, int]) -> None:
        """Warehouses of both sides with the stock of `MAIN`: code -> Mintsoft's id."""
        held = {place: units for place, units in self.mintsoft.stock.items() if place[0] == 3}
        codes = {key: row["sku"] for key, row in self.mintsoft.tenant.products.items()}
        for code, id_ in places.items():
            self.mintsoft.seed({"warehouses": {str(id_): {"name": code}}})
            row = {"WarehouseCode": code, "WarehouseName": code}
            units = {codes[product]: stock.units for (_, product), stock in held.items()}
            self.desk.seed({"warehouses": [row], "stock": {code: units}})
            ids = {str(product): stock.units for (_, product), stock in held.items()}
            self.mintsoft.seed({"stock": {str(id_): ids}})

    def feed_catalogue(self, count: int, places: list[int], units: int) -> None:
        """So many products at Mintsoft, ten to an item, with stock in each of these warehouses, of
        one in ten some in quarantine."""
        sizes = ("S", "M", "L", "XL", "XXL")
        self.mintsoft.seed(
            {
                "warehouses": {str(id_): {"name": f"Warehouse {id_}"} for id_ in places},
                "products": {
                    str(FIRST_ID + n): {
                        "sku": f"STYLE{n // 10:05d}-C{n % 10 // 5}-{sizes[n % 5]}",
                        "name": f"Shirt {n // 10} colour {n % 10 // 5} {sizes[n % 5]}",
                        "client_id": CLIENT,
                        "ean": f"57{n:011d}",
                    }
                    for n in range(count)
                },
            }
        )
        for id_ in places:
            ids = {str(FIRST_ID + n): units + n % 7 for n in range(count)}
            self.mintsoft.seed({"stock": {str(id_): ids}})
            for n in range(0, count, 10):
                self.mintsoft.set_stock(id_, FIRST_ID + n, units, 2)

    def count_anew(self, count: int, places: list[int], units: int) -> None:
        """So many products of each warehouse have another number."""
        for id_ in places:
            for number in range(count):
                self.mintsoft.set_stock(id_, FIRST_ID + number, units, 0)

    def miscount(self, count: int, units: int) -> None:
        """The warehouse counts so many products of `MAIN` anew."""
        for number in range(count):
            self.mintsoft.set_stock(PLACES["MAIN"], FIRST_ID + number, units, 0)

    def miscount_there(self, count: int, units: int) -> None:
        """Somebody counts so many products of Unleashed's `MAIN` anew."""
        Hands(self.desk).count_stock("MAIN", {code_of(n): units for n in range(count)})

    def change_products(self, count: int) -> None:
        """Somebody edits so many products at Unleashed."""
        hands = Hands(self.desk)
        for number in range(count):
            hands.change_product(code_of(1 + number), {"Barcode": f"58{number:011d}"})

    def place_orders(self, count: int, products: int) -> None:
        """So many sales orders of two lines."""
        hands = SalesHands(self.desk)
        for number in range(count):
            goods = {code_of(number % products): 2, code_of((number + 1) % products): 1}
            hands.place_order("WEBSHOP", goods, fields=ADDRESS)

    def edit_orders(self, count: int) -> None:
        """Somebody raises the first line of so many orders."""
        hands = SalesHands(self.desk)
        products = self.desk.company.all("Products")
        for order in list(self.desk.company.all("SalesOrders").values())[:count]:
            goods = {
                products[line["Product"]]["ProductCode"]: line["OrderQuantity"]
                for line in order["SalesOrderLines"]
            }
            first = next(iter(goods))
            hands.edit_order(order["OrderNumber"], goods | {first: goods[first] + 1})

    # -- what came of it --------------------------------------------------------------------

    def take_asked(self) -> list[str]:
        """What Unleashed was asked since the last time, as method and path."""
        taken, self.asked = self.asked, []
        return taken

    def twice(self) -> int:
        """Products and orders that Mintsoft has twice."""
        skus = Counter(row["sku"] for row in self.mintsoft.tenant.products.values())
        numbers = Counter(order.number for order in self.mintsoft.orders.values())
        return sum(count > 1 for counted in (skus, numbers) for count in counted.values())

    def there(self) -> dict[str, int]:
        """How much Mintsoft has."""
        return {
            "products": len(self.mintsoft.tenant.products),
            "orders": len(self.mintsoft.orders),
        }

    def stock_differs(self) -> int:
        """Products and warehouses of which the two count another number."""
        company, found = self.desk.company, 0
        by_code = {row["ProductCode"]: guid for guid, row in company.all("Products").items()}
        for (place, product), held in self.mintsoft.stock.items():
            code = self.mintsoft.tenant.products[product]["sku"]
            where = next(name for name, there in PLACES.items() if there == place)
            level = company.stock.there(by_code[code], self.desk.warehouse(where))
            found += level != Decimal(held.units)
        return found
