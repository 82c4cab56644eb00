"""Deliberate defects: what is said to Redo, and what is read of it, against its official schema."""

from __future__ import annotations

from tests.mutations.model import LISTS, LOST, OFFICIAL, POLICIES, Defect, Edit

AS_DOCUMENTED = "what Redo documents is what is said and read"
PORTAL, MODELS = "adapters/redo/portal.py", "adapters/redo/models.py"
CLIENT, WEBHOOKS = "adapters/redo/client.py", "adapters/redo/webhook_models.py"
TRANSLATE, SCOPES = "adapters/redo/translate.py", "adapters/redo/scopes.py"

OF_REDO = (
    Defect(
        "a list of Redo's that names a page twice counts as whole",
        LOST,
        (
            Edit(
                CLIENT,
                "            if not following:\n",
                "            if not following or following in seen:\n",
            ),
        ),
        (LISTS,),
    ),
    Defect(
        "the page's size is asked for by a header that Redo has not",
        AS_DOCUMENTED,
        (Edit(CLIENT, '{"X-Page-Size": str(page_size)}', '{"X-Per-Page": str(page_size)}'),),
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
        (Edit(PORTAL, '"processInput": given}', '"processInput": given, "quantity": 1}'),),
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
    Defect(
        "an amount is sent as a text",
        AS_DOCUMENTED,
        (Edit(PORTAL, "= float(line.amount)", "= str(line.amount)"),),
        (OFFICIAL,),
    ),
    Defect(
        "a subscription is changed with its topic, which Redo refuses",
        AS_DOCUMENTED,
        (
            Edit(
                WEBHOOKS,
                '{"webhook": {"externalId": wanted.external_id, ',
                '{"webhook": {"topic": TOPIC, "externalId": wanted.external_id, ',
            ),
        ),
        (OFFICIAL,),
    ),
    Defect(
        "an invoice without a currency is refused",
        AS_DOCUMENTED,
        (
            Edit(
                WEBHOOKS,
                '(body.charge.currency or "") if body.charge',
                "body.charge.currency if body.charge",
            ),
        ),
        (OFFICIAL,),
    ),
    Defect(
        "what no money was given of makes a return's worth unknown",
        AS_DOCUMENTED,
        (
            Edit(
                TRANSLATE,
                "part.currency for part in parts if part.amount}",
                "part.currency for part in parts}",
            ),
        ),
        (POLICIES,),
    ),
    Defect(
        "a list that has no pages is asked for a page",
        AS_DOCUMENTED,
        (Edit(SCOPES, 'if scope == "returns_read" else {}', "if scope else {}"),),
        (OFFICIAL,),
    ),
)
