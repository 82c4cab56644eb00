"""Deliberate defects: personal data, and forgetting a person."""

from __future__ import annotations

from tests.mutations.model import LOST, TOLD, TWICE, Check, Defect, Edit, tests

FORGETTING = tests("unit/test_forgetting.py")
FLOW = tests("flow/test_privacy.py")
STORES = tests("contract/test_personal_data.py")
MARKET = tests("contract/test_market_store.py")
MAP = tests("template/test_personal_data.py")
COMMAND = tests("unit/cli/test_privacy.py")
RULES = "domain/forgetting.py"
NEEDS = "domain/still_needed.py"
FORGET = "flows/privacy/forget.py"
SUBJECT = "flows/privacy/subject.py"
ROWS = "adapters/dynamodb/personal_rows.py"
PERSONAL_TEXTS = 'personal_texts(order.model_dump(mode="json"))'
DATA = "adapters/dynamodb/personal_data.py"


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_PRIVACY = (
    _defect(
        "a return that waits for its goods is forgotten",
        LOST,
        (NEEDS, "if state.step is not None:", "if state.step is not None and state.flagged:"),
        FLOW,
        COMMAND,
    ),
    _defect(
        "what a refund told is masked, so that it would be told in other bytes",
        TWICE,
        (RULES, 'KEPT_WHOLE = frozenset({"refund", "lines"})', "KEPT_WHOLE = frozenset[str]()"),
        FORGETTING,
    ),
    _defect(
        "a forgotten return keeps its orders' names again when the portal tells of it",
        TOLD,
        (
            "flows/announce_return.py",
            "order_names=() if state.forgotten else portal_return.order_names,",
            "order_names=portal_return.order_names,",
        ),
        FLOW,
    ),
    _defect(
        "entries are masked before what they lead to is found",
        TOLD,
        (FORGET, "key=lambda one: one.place in LAST", "key=lambda one: one.place not in LAST"),
        FLOW,
    ),
    _defect(
        "tracking numbers of a marketplace's order are not known any more once it is closed",
        TOLD,
        (SUBJECT, 'personal_texts([order.model_dump(mode="json"), *facts])', PERSONAL_TEXTS),
        FLOW,
    ),
    _defect(
        "an e-mail finds the person whose e-mail ends with it",
        TOLD,
        (RULES, 'before, after = "[a-z0-9_.+-]"', 'before, after = "[a-z0-9_-]"'),
        FORGETTING,
    ),
    _defect(
        "an e-mail in capitals is not found",
        TOLD,
        (RULES, 'unicodedata.normalize("NFKC", text).casefold()', "text"),
        FORGETTING,
    ),
    _defect(
        "a word behind the end of a line is not found in JSON",
        TOLD,
        (RULES, 'return "\\\\" in text and', "return False and"),
        FORGETTING,
    ),
    _defect(
        "a refusal of an order of the marketplace stays in the ledger",
        TOLD,
        (SUBJECT, "yield create_order_key(merchant, order.number)", "pass"),
        STORES,
    ),
    _defect(
        "a refusal under an order's number with a sign before it stays in the ledger",
        TOLD,
        (DATA, 'names_any(unquote(row["pk"]), words)', 'names_any(row["pk"], words)'),
        FLOW,
    ),
    _defect(
        "a refusal of a step of a record that is kept by a Guid stays in the ledger",
        TOLD,
        (DATA, 'rows.steps_of(row["pk"]) in steps or names_any', "names_any"),
        STORES,
    ),
    _defect(
        "a note on an act about an order stays, since it names no return",
        TOLD,
        (DATA, "        yield from self._acts_that_name(subject)\n", ""),
        STORES,
    ),
    _defect(
        "what was parked about an order of the marketplace stays",
        TOLD,
        (ROWS, "        or not of_order.isdisjoint(pairwise(of_id))\n", ""),
        FLOW,
    ),
    _defect(
        "a row that changed meanwhile is written over",
        LOST,
        (DATA, 'parts = [f"#a{n} = :w{n}" for n', 'parts = [f"#a{n} <> :b0" for n'),
        STORES,
    ),
    _defect(
        "a row of a later release is written again without what that one added",
        LOST,
        (
            ROWS,
            "kept = model.model_validate_json(text)",
            'kept = model.model_validate_json(text, extra="ignore")',
        ),
        FLOW,
    ),
    _defect(
        "an open parked item loses its message",
        LOST,
        (ROWS, 'needed=mend if is_open else "",', 'needed="",'),
        STORES,
    ),
    _defect(
        "an RMA that Miinto tells of again is kept whole",
        TOLD,
        (
            "adapters/dynamodb/market_rmas.py",
            "if is_forgotten and not rma_needs(rma):",
            "if is_forgotten and rma_needs(rma):",
        ),
        STORES,
    ),
    _defect(
        "an RMA that is forgotten while it is kept is kept whole",
        TOLD,
        (
            "adapters/dynamodb/market_rmas.py",
            'puts[0]["Put"] |= _as_read(kept)',
            "_as_read(kept)",
        ),
        MARKET,
    ),
    _defect(
        "the register ends before it is done",
        LOST,
        (
            FORGET,
            "desk.data.remember(subject.merchant, name, began, done=False)",
            "desk.data.remember(subject.merchant, name, began, done=True)",
        ),
        FLOW,
    ),
    _defect(
        "a record of an order that is in work ends",
        LOST,
        (
            "adapters/dynamodb/sync.py",
            "    elif ends is not None and not state.parked:",
            "    if ends is not None:",
        ),
        tests("contract/test_sync_store.py"),
    ),
    _defect(
        "a queue keeps messages for longer than the map says",
        TOLD,
        (
            "domain/personal_data.py",
            '"RefundsQueue", "order numbers, return id, amounts; no name", "the refunds", 10',
            '"RefundsQueue", "order numbers, return id, amounts; no name", "the refunds", 4',
        ),
        MAP,
    ),
)
