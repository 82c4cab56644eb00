"""By what returns are found in DynamoDB: the step where they wait, and terms that people look for.

The state's item is in the sparse index ``returns-by-step`` while the return waits for anything:
``step_pk`` is ``{merchant}#{step}`` and ``step_sk`` ``{since}#{return id}``, so that a step's
returns are read from the one that waits longest. Each term is an item of its own,
``{merchant}#find#{kind}#{term}`` with ``{moment}#{return id}``, so that a SKU of many returns tells
the newest first. It is written in the transaction that first names the term.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns_hub.adapters.dynamodb.items import as_text, expiry, from_text
from returns_hub.adapters.dynamodb.table import Row
from returns_hub.domain.overview.search_terms import Term
from returns_hub.domain.overview.steps import Step, delivered_since
from returns_hub.domain.state import ReturnState
from returns_hub.ports import Waiting

STEP_INDEX = "returns-by-step"
MOST_TERMS = 60
"""Of one transaction. DynamoDB takes 100 actions, and the events come first."""
MOST_ACTIONS = 100


def step_attributes(state: ReturnState) -> Row:
    """What puts a state's item into the index, and what the index tells; empty outside of it."""
    if state.step is None or state.step_since is None:
        return {}
    row: Row = {
        "step_pk": step_pk(state.merchant, state.step),
        "step_sk": f"{as_text(state.step_since)}#{state.return_id}",
    }
    if state.value is not None:
        row |= {"value": str(state.value), "currency": state.currency}
    delivered = delivered_since(state)
    return row if delivered is None else row | {"delivered_at": as_text(delivered)}


def step_pk(merchant: str, step: Step) -> str:
    """The index's partition of a step."""
    return f"{merchant}#{step.value}"


def waiting_of(row: Mapping[str, Any]) -> Waiting:
    """A row of the index."""
    since, return_id = str(row["step_sk"]).split("#", maxsplit=1)
    delivered = row.get("delivered_at")
    return Waiting(
        return_id=return_id,
        since=from_text(since),
        value=Decimal(row["value"]) if "value" in row else None,
        currency=str(row.get("currency", "")),
        delivered_at=None if delivered is None else from_text(delivered),
    )


def term_pk(merchant: str, term: Term) -> str:
    """The partition of a term."""
    return f"{merchant}#find#{term.kind.value}#{term.text}"


def term_rows(
    state: ReturnState, terms: Sequence[Term], at: datetime, now: datetime, others: int
) -> tuple[list[Row], Sequence[Term]]:
    """Items of the terms that fit into a transaction beside other actions, and what does not."""
    room = max(0, min(MOST_TERMS, MOST_ACTIONS - others))
    rows: list[Row] = [
        {
            "pk": term_pk(state.merchant, term),
            "sk": f"{as_text(at)}#{state.return_id}",
            "return_id": state.return_id,
            "expires_at": expiry(now),
        }
        for term in terms[:room]
    ]
    return rows, terms[room:]
