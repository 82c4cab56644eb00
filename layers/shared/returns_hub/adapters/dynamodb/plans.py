"""Plans that are kept, in the table of findings.

==========================  ==================  ===================================================
pk                          sk                  what
==========================  ==================  ===================================================
``{merchant}#plans``        ``{at}#{job}``      a plan's line in the list
``#plan#{plan id}``         ``PART#0001``       the plan, packed, in parts that an item can hold
==========================  ==================  ===================================================

All of them go after 90 days.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from datetime import timedelta

from returns_hub.adapters.dynamodb.items import expiry
from returns_hub.adapters.dynamodb.kept_models import read_model
from returns_hub.adapters.dynamodb.table import Row, Table, put
from returns_hub.domain.plans import Plan, PlanLine, line_of
from returns_hub.errors import Permanent

KEEP_FOR = timedelta(days=90)
PART = 300_000
"""Characters; an item of DynamoDB holds 400 KB."""


class DynamoDbPlans(Table):
    """`ports.plans.Plans`. keep: 1 request for each 25 parts, and 1. load: 1 for each megabyte."""

    def keep(self, plan: Plan) -> None:
        """See `Plans.keep`."""
        expires = expiry(plan.at, KEEP_FOR)
        self._write_all(map(put, _parts(plan, expires)))
        # By itself, since a batch is written in no order: what the list names is whole.
        self._write_all([put(_line(plan, expires))])

    def load(self, plan_id: str) -> Plan:
        """See `Plans.load`."""
        parts = [row["part"] for row in self._partition(_of_plan(plan_id), "PART#")]
        if not parts:
            raise Permanent(
                "plan.unknown", f"there is no plan {plan_id}; hub plan list has those that are kept"
            )
        try:
            packed = base64.b64decode("".join(parts), validate=True)
            return Plan.model_validate_json(zlib.decompress(packed), extra="ignore")
        except (ValueError, zlib.error):
            raise Permanent(
                "plan.unreadable", f"the plan {plan_id} is of another release; make it anew"
            ) from None

    def lines(self, merchant: str, limit: int) -> tuple[PlanLine, ...]:
        """See `Plans.lines`. 1 request for each page."""
        rows = self._rows(
            "pk = :pk",
            {":pk": f"{merchant}#plans"},
            limit,
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        return tuple(read_model(PlanLine, row["line"], "a plan") for row in rows)


def _parts(plan: Plan, expires: int) -> Iterator[Row]:
    packed = zlib.compress(plan.model_dump_json().encode(), 9)
    text = base64.b64encode(packed).decode()
    for number, start in enumerate(range(0, len(text), PART), start=1):
        yield {
            "pk": _of_plan(plan.plan_id),
            "sk": f"PART#{number:04d}",
            "part": text[start : start + PART],
            "expires_at": expires,
        }


def _line(plan: Plan, expires: int) -> Row:
    return {
        "pk": f"{plan.merchant}#plans",
        "sk": f"{plan.at:%Y%m%dT%H%M%S%fZ}#{plan.job}",
        "line": line_of(plan).model_dump_json(),
        "expires_at": expires,
    }


def _of_plan(plan_id: str) -> str:
    return f"#plan#{plan_id}"
