"""The sample tenant of WAIR's simulator, for when it runs by itself."""

from __future__ import annotations

from typing import Any

TENANT = "example"
USER = "hub-example"
PASSWORD = "an invented password"  # noqa: S105 - invented


def sample(password: str = PASSWORD) -> dict[str, Any]:
    """A tenant with a user and some advice; see `WairSimulator.seed`."""
    return {
        "tenants": [
            {
                "code": TENANT,
                "users": {USER: password},
                "targets": [
                    {"locationId": place, "skuId": f"TEE-RED-{size}", "targetQuantity": units}
                    for place, units in (("COR", 30), ("LDN", 6.5))
                    for size in ("S", "M")
                ],
                "transfers": [
                    {
                        "referenceId": f"RED-{number}",
                        "fromLocationId": "COR",
                        "toLocationId": "LDN",
                        "skuId": "TEE-RED-M",
                        "quantity": number,
                        "transferType": "Redistribution",
                        "approvalBatchId": "AB-7",
                        "approvalBatchDescription": "Week 48",
                        "plannedDispatchDate": "2026-11-24",
                        "confirmedDateTime": f"2026-11-0{number}T09:00:00Z",
                    }
                    for number in (1, 2, 3)
                ],
            }
        ]
    }
