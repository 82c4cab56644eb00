"""Deliberate defects: what is said to Redo, and what is read of it, against its official schema."""

from __future__ import annotations

from tests.mutations.model import OFFICIAL, Defect, Edit

AS_DOCUMENTED = "what Redo documents is what is said and read"
PORTAL, MODELS = "adapters/redo/portal.py", "adapters/redo/models.py"

OF_REDO = (
    Defect(
        "the page's size is asked for by a header that Redo has not",
        AS_DOCUMENTED,
        (Edit(PORTAL, '{"X-Page-Size": str(PAGE_SIZE)}', '{"X-Per-Page": str(PAGE_SIZE)}'),),
        (OFFICIAL,),
    ),
    Defect(
        "a filter has a name that Redo has not",
        AS_DOCUMENTED,
        (Edit(PORTAL, '"updated_at_min": since', '"updated_since": since'),),
        (OFFICIAL,),
    ),
    Defect(
        "a comment is sent without its envelope",
        AS_DOCUMENTED,
        (Edit(PORTAL, '{"comment": {"message": text}}', '{"message": text}'),),
        (OFFICIAL,),
    ),
    Defect(
        "a line to process is sent with a quantity, which Redo would ignore",
        AS_DOCUMENTED,
        (Edit(PORTAL, '{"_id": line.line_id,', '{"_id": line.line_id, "quantity": 1,'),),
        (OFFICIAL,),
    ),
    Defect(
        "a total without its amount makes a return unreadable",
        AS_DOCUMENTED,
        (Edit(MODELS, "amount: Amount = None", "amount: Decimal"),),
        (OFFICIAL,),
    ),
    Defect(
        "a line needs a SKU to be read",
        AS_DOCUMENTED,
        (Edit(MODELS, "sku: str | None = None\n    quantity", "sku: str\n    quantity"),),
        (OFFICIAL,),
    ),
)
