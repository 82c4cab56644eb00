"""Deliberate defects: products, ASNs and order changes in Mintsoft."""

from __future__ import annotations

from tests.mutations.model import ANSWERS, CALM, LOST, TOLD, TWICE, Defect, Edit, tests

BOTH_GOODS = tests("contract/test_goods_warehouse.py")
PRODUCTS = tests("contract/test_mintsoft_products.py")
ASNS = tests("contract/test_mintsoft_asns.py")
CHANGES = tests("contract/test_mintsoft_order_changes.py")
RULES = tests("unit/test_warehouse_goods.py")
OF_PRODUCTS = "adapters/mintsoft/products.py"
OF_ASNS = "adapters/mintsoft/asns.py"
OF_CHANGES = "adapters/mintsoft/order_changes.py"
PAGES = "adapters/mintsoft/pages.py"
WORDS = "domain/warehouse_asns.py"

OF_MINTSOFT_GOODS = (
    Defect(
        "a product is made without looking whether it is there",
        TWICE,
        (
            Edit(
                OF_PRODUCTS,
                "        made = self._that_exists(draft.sku)\n        if made is not None:\n",
                "        made = None\n        if made is not None:\n",
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "a discontinued product counts as none",
        TWICE,
        (Edit(OF_PRODUCTS, '"IncludeDiscontinued": "true"', '"IncludeDiscontinued": "false"'),),
        (PRODUCTS,),
    ),
    Defect(
        "a product found by an alternative code is taken for the one with the SKU",
        LOST,
        (
            Edit(
                OF_PRODUCTS,
                "if any(_sku(row) == sku for row in shown):",
                "if shown:",
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "a search that is full of products is conclusive",
        TWICE,
        (
            Edit(
                OF_PRODUCTS,
                "return exact, alike, len(rows) >= PAGE_SIZE",
                "return exact, alike, False",
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "another client's product is changed",
        LOST,
        (
            Edit(
                OF_PRODUCTS,
                "if not isinstance(before, dict) or not self._is_ours(one(ProductRow, before)):",
                "if not isinstance(before, dict):",
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "a change of a product forgets the fields that it does not name",
        LOST,
        (
            Edit(
                OF_PRODUCTS, "body = as_json(before) | fields", 'body = {"ID": product_id} | fields'
            ),
        ),
        (PRODUCTS,),
    ),
    Defect(
        "fields that a change lost are not told",
        TOLD,
        (Edit(OF_PRODUCTS, "lost=tuple(lost))", "lost=())"),),
        (PRODUCTS,),
    ),
    Defect(
        "a product whose SKU is taken is a refusal like any other",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                '        if TAKEN.search(str(content.get("Message"))):\n',
                '        if TAKEN.search(str(content.get("Success"))):\n',
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "an ASN with our reference is taken for ours",
        LOST,
        (
            Edit(
                OF_ASNS,
                "if asn.marker.casefold() == draft.marker.casefold():",
                "if asn.reference == draft.reference:",
            ),
        ),
        (BOTH_GOODS,),
    ),
    Defect(
        "an ASN like ours without our marker is none",
        TWICE,
        (Edit(OF_ASNS, "                alike.append(asn)", "                pass"),),
        (BOTH_GOODS,),
    ),
    Defect(
        "a list of ASNs that did not end is conclusive",
        TWICE,
        (
            Edit(
                OF_ASNS, "        if read.next_page is not None:\n", "        if read.calls < 0:\n"
            ),
        ),
        (ASNS,),
    ),
    Defect(
        "a list of several pages is read once, and what slipped is nowhere",
        TWICE,
        (
            Edit(
                PAGES,
                "if len(fresh) < PAGE_SIZE or quiet == QUIET_PASSES:",
                "if fresh:",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "ASNs are listed without their items",
        LOST,
        (Edit(OF_ASNS, '"IncludeASNItems": "true"', '"IncludeItems": "true"'),),
        (ASNS,),
    ),
    Defect(
        "an ASN on which somebody works is deleted",
        LOST,
        (
            Edit(
                WORDS,
                "return came or self.stage not in NOT_BEGUN",
                "return came",
            ),
        ),
        (BOTH_GOODS,),
    ),
    Defect(
        "an ASN whose status is late knows nothing of the goods that came",
        LOST,
        (
            Edit(
                WORDS,
                "return came or self.stage not in NOT_BEGUN",
                "return self.stage not in NOT_BEGUN",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "units that only one of two numbers shows are booked in",
        TWICE,
        (
            Edit(
                WORDS,
                "return self.booked if self.booked == self.received else None",
                "return max(self.booked, self.received)",
            ),
        ),
        (RULES,),
    ),
    Defect(
        "a change of the header takes the marker away",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/asn_translate.py",
                "comments=_marked(asn.marker, comments),",
                "comments=comments,",
            ),
        ),
        (BOTH_GOODS,),
    ),
    Defect(
        "items that a change of the header lost are not told",
        TOLD,
        (Edit(OF_ASNS, "        self._require_goods(asn)\n", ""),),
        (ASNS,),
    ),
    Defect(
        "a day of delivery is moved by the zone",
        LOST,
        (
            Edit(
                "adapters/mintsoft/times.py",
                'return f"{day.isoformat()}T00:00:00" if day else None',
                'return f"{day.isoformat()}T23:00:00-01:00" if day else None',
            ),
        ),
        (ASNS,),
    ),
    Defect(
        "an order in work is changed",
        LOST,
        (
            Edit(
                OF_CHANGES,
                "if order.stage not in NOT_BEGUN or any(",
                "if any(",
            ),
        ),
        (BOTH_GOODS,),
    ),
    Defect(
        "units are added once more when a change is repeated",
        TWICE,
        (
            Edit(
                OF_CHANGES,
                "        if sum(item.quantity for item in lines) == units:\n            return\n",
                "",
            ),
        ),
        (BOTH_GOODS, CHANGES),
    ),
    Defect(
        "the last line of an order is removed",
        LOST,
        (
            Edit(
                OF_CHANGES,
                "elif not units and not any(",
                "elif not units and not lines and not any(",
            ),
        ),
        (BOTH_GOODS,),
    ),
    Defect(
        "lines of the former address stay",
        LOST,
        (Edit(OF_CHANGES, '"Address2": lines[1],', '"Address2": lines[1] or "2nd floor",'),),
        (CHANGES,),
    ),
    Defect(
        "what Mintsoft says of a buyer whose address changes reaches an operator's screen",
        CALM,
        (
            Edit("adapters/http/words.py", "told = without(text[", "told = str(text["),
            Edit(
                OF_CHANGES,
                'said = without_recipient(verdict.reason, person, change.delivery_notes or "")',
                "said = verdict.reason",
            ),
        ),
        (CHANGES,),
    ),
)
