"""An invented world of Miinto's: two logins, five shops in three countries, eight variants."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from local.simulators.miinto.catalogue import sample_catalogue

IDENTIFIER = "hub@example.test"
RIVAL = "rival@example.test"
DK, DK_OUTLET, SE, NL = (
    "1-m!i!s-045-1234",
    "1-m!i!s-045-1235",
    "1-m!i!s-046-2121",
    "1-m!i!s-031-778",
)
RIVALS_DK = "1-m!i!s-045-9999"


def sample(secret: str = "an invented secret") -> dict[str, Any]:  # noqa: S107 - invented
    """What `MiintoSimulator.seed` takes.

    The merchant's login (`IDENTIFIER`) has two Danish shops, a Swedish and a Dutch one; `RIVAL` has
    one Danish shop; ``empty@example.test`` has none.
    """
    shops = [
        {"id": DK, "country": "DK", "currency": "DKK", "name": "Example Fashion DK"},
        {"id": DK_OUTLET, "country": "DK", "currency": "DKK", "name": "Example Outlet DK"},
        {"id": SE, "country": "SE", "currency": "SEK", "name": "Example Fashion SE"},
        {"id": NL, "country": "NL", "currency": "EUR", "name": "Example Fashion NL"},
        {"id": RIVALS_DK, "country": "DK", "currency": "DKK", "name": "Another boutique"},
    ]
    logins: list[tuple[str, int, list[str]]] = [
        (IDENTIFIER, 12345, [DK, DK_OUTLET, SE, NL]),
        (RIVAL, 54321, [RIVALS_DK]),
        ("empty@example.test", 777, []),
    ]
    return {
        "shops": shops,
        "accounts": [
            {"identifier": name, "secret": secret, "accessor": accessor, "shops": of}
            for name, accessor, of in logins
        ],
        "catalogue": [asdict(variant) for variant in sample_catalogue()],
        "providers": {
            "DK": [{"id": "postnord", "name": "PostNord"}, {"id": "gls", "name": "GLS"}],
            "SE": [{"id": "postnord", "name": "PostNord"}],
            "NL": [
                {"id": "postnl", "name": "PostNL"},
                {"id": "store-shipment", "name": "Store Shipment"},
            ],
        },
    }
