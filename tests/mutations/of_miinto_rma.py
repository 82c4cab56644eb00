"""Deliberate defects: RMAs of Miinto as returns, what a person confirms, and the RMA contract."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, SHADOW, TOLD, TWICE, Defect, Edit, tests

CONFIRM = tests("unit/test_confirm.py")
CONTRACT = tests("unit/test_rma_contract.py")
RETURNS = tests("flow/test_rma_returns.py")
FETCH = tests("flow/test_fetch_rmas.py")
BY_HAND = tests("flow/test_decide_rma.py")
CONFIRMING = "domain/confirming.py"
BODIES = "adapters/miinto/rma_bodies.py"
PORTAL = "adapters/miinto/portal.py"
FETCHING = "flows/miinto/fetch_rmas.py"
DECIDING = "flows/miinto/decide_rma.py"

OF_MIINTO_RMA = (
    Defect(
        "what the hub decided itself is told as left undone",
        TOLD,
        (
            Edit(
                "flows/announce_return.py",
                "    if _is_our_own_doing(portal_return, state):",
                "    if False and _is_our_own_doing(portal_return, state):",
            ),
        ),
        (RETURNS,),
    ),
    Defect(
        "a question that nobody will answer stays on the list",
        TOLD,
        (
            Edit(
                "flows/miinto/rma_questions.py",
                "        if item.subject == portal_return.id and item.code == ASKED:",
                "        if item.subject != portal_return.id and item.code == ASKED:",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "an RMA is accepted though a person confirms every accept",
        TWICE,
        (
            Edit(
                CONFIRMING,
                'if len(rejects) == len(open_) or confirm.processing == "never":',
                'if len(rejects) == len(open_) or confirm.processing != "unless_matched":',
            ),
        ),
        (CONFIRM, RETURNS),
    ),
    Defect(
        "a decline is sent unconfirmed",
        TOLD,
        (Edit(CONFIRMING, "if rejects and confirm.rejecting:", "if rejects and False:"),),
        (CONFIRM,),
    ),
    Defect(
        "other goods do not keep a return from passing",
        TOLD,
        (
            Edit(
                CONFIRMING,
                "if any(finding.line_id is None for finding in findings):",
                "if any(finding.sku is None for finding in findings):",
            ),
        ),
        (CONFIRM,),
    ),
    Defect(
        "a line without a SKU counts as matched",
        TOLD,
        (
            Edit(
                CONFIRMING,
                "if any(not line.sku and line.standing is Standing.OPEN for line in case.lines):",
                "if any(not line.id for line in case.lines):",
            ),
        ),
        (CONFIRM,),
    ),
    Defect(
        "an accept outlives the finding that it was given for",
        TWICE,
        (
            Edit(
                "domain/choices.py",
                "return None if _is_another_finding(case, finding) else said",
                "return said",
            ),
        ),
        (CONFIRM, RETURNS),
    ),
    Defect(
        "a flag that the portal does not have is lost",
        LOST,
        (
            Edit(
                "domain/decisions.py",
                "if decision.action is not Action.FLAG or abilities.flags:",
                "if decision.action is Action.FLAG or abilities.flags:",
            ),
        ),
        (CONFIRM,),
    ),
    Defect(
        "the words of an older answer decline",
        TOLD,
        (
            Edit(
                "domain/answering.py",
                "kept = {line: words for line, words in before.items() if line not in answers}",
                "kept = dict(before)",
            ),
        ),
        (CONFIRM,),
    ),
    Defect(
        "a case forgets why a person declines",
        TOLD,
        (Edit("flows/make_case.py", "        answer_reasons=state.answer_reasons,\n", ""),),
        (RETURNS,),
    ),
    Defect(
        "a word that nobody listed is taken for pending",
        TWICE,
        (
            Edit(
                "domain/miinto/rma_contract.py",
                'if said in map(str.casefold, words)), "")',
                'if said in map(str.casefold, words)), "pending")',
            ),
        ),
        (CONTRACT,),
    ),
    Defect(
        "a position's own word is not held against its list",
        TWICE,
        (Edit(BODIES, 'if meaning not in {"by_position", own}:', "if not own:"),),
        (CONTRACT,),
    ),
    Defect(
        "who bought is kept",
        TOLD,
        (
            Edit(
                BODIES,
                "return {k: without(v, names) for k, v in content.items() if k not in names}",
                "return {k: without(v, names) for k, v in content.items()}",
            ),
        ),
        (CONTRACT,),
    ),
    Defect(
        "an id is changed by being written as a number",
        TWICE,
        (Edit(BODIES, 're.fullmatch(r"0|[1-9][0-9]{0,17}", id_)', "id_.isdigit()"),),
        (CONTRACT,),
    ),
    Defect(
        "what somebody decided at Miinto is decided again",
        TWICE,
        (
            Edit(
                PORTAL,
                "wanted = [line for line in lines if line.line_id in pending]",
                "wanted = [line for line in lines if pending]",
            ),
        ),
        (RETURNS, BY_HAND),
    ),
    Defect(
        "somebody else's decision is not told",
        TOLD,
        (Edit(PORTAL, "    decided_elsewhere_too=True,\n", ""),),
        (RETURNS, BY_HAND),
    ),
    Defect(
        "an RMA of unknown words is decided",
        TWICE,
        (
            Edit(
                PORTAL,
                "        return ReturnStatus.UNKNOWN\n",
                "        return ReturnStatus.OPEN\n",
            ),
        ),
        (RETURNS, BY_HAND),
    ),
    Defect(
        "receipts of RMAs are passed over while their flow is off",
        LOST,
        (
            Edit(
                "flows/process_receipts.py",
                '        return "off"\n    for',
                "        return park_receipt(\n"
                '            receipt, return_id, Permanent("off", "off"), world\n'
                "        )\n    for",
            ),
        ),
        (RETURNS,),
    ),
    Defect(
        "RMAs are processed by the switch of the portal's returns",
        SHADOW,
        (
            Edit(
                "flows/process_receipts.py",
                "    world = world.for_return(return_id)\n    if world",
                "    world = world.for_return(return_id) if return_id else world\n"
                "    if False and world",
            ),
        ),
        (RETURNS,),
    ),
    Defect(
        "one portal that is away stops what is due of the other",
        CALM,
        (
            Edit(
                "flows/watch_returns.py",
                "    if len(away) == len(worlds):",
                "    if away:",
            ),
        ),
        (RETURNS,),
    ),
    Defect(
        "a fetched RMA is remembered as told before it is",
        LOST,
        (
            Edit(
                FETCHING,
                '        before = self._told.sent.get(return_id, "")\n',
                '        before = self._told.sent.get(return_id, "")\n'
                "        self._told.sent[return_id] = told\n"
                "        self._is_saved()\n",
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "a fetched RMA that the queue did not take is forgotten",
        LOST,
        (
            Edit(
                FETCHING,
                '        before = self._told.sent.get(return_id, "")\n        news',
                '        before = self._told.sent.pop(return_id, "")\n        news',
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "a list of RMAs without order is left before its end",
        LOST,
        (
            Edit(
                FETCHING,
                "        if is_in_order and older >= ENOUGH_OLDER:\n",
                "        if older >= ENOUGH_OLDER:\n",
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "an RMA that Miinto does not know any more is asked for with every run",
        CALM,
        (
            Edit(
                FETCHING,
                "                self._told.sent[return_id] = self._unknown_today\n",
                "                self._told.sent.clear()\n",
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "one RMA's trouble stops the others",
        CALM,
        (
            Edit(
                FETCHING,
                "            if self.in_a_row == MOST_TROUBLES_IN_A_ROW:\n",
                "            if self.in_a_row:\n",
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "a decision at Miinto is not heard of",
        LOST,
        (
            Edit(
                FETCHING,
                "        for return_id, id_ in self._gone_from(shop, listed):",
                "        for return_id, id_ in ():",
            ),
        ),
        (FETCH, RETURNS),
    ),
    Defect(
        "one shop's failure stops the others",
        CALM,
        (
            Edit(
                FETCHING,
                '                self._note("failed")\n',
                '                self._note("failed")\n                break\n',
            ),
        ),
        (FETCH,),
    ),
    Defect(
        "an accept against the warehouse's finding is not refused",
        TWICE,
        (
            Edit(
                "flows/miinto/against.py",
                "    if rows and is_refused:",
                "    if rows and not is_refused:",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "a position in a request of the hub's is decided beside it",
        TWICE,
        (
            Edit(
                DECIDING,
                "is LineStatus.OPEN and id_ not in state.committed_lines\n",
                "is LineStatus.OPEN\n",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "what a person began is finished by nobody",
        LOST,
        (
            Edit(
                "flows/by_hand.py",
                "        DueSet(due_kind=DueKind.BY_HAND, at=at + FINISH_AFTER, "
                'why="is what was begun finished?"),\n',
                "",
            ),
        ),
        (BY_HAND,),
    ),
    Defect(
        "a replayed request without a receipt is found by nobody",
        LOST,
        (
            Edit(
                "domain/changes.py",
                '        changes |= with_due(state, DueKind.BY_HAND, "", at)\n',
                "        pass\n",
            ),
        ),
        (BY_HAND,),
    ),
)
