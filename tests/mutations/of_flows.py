"""Deliberate defects: announcing returns and dealing with receipts."""

from __future__ import annotations

from tests.mutations.model import (
    ANNOUNCE,
    CALM,
    CRASHES,
    LOST,
    MESSAGES,
    OPERATOR,
    SEEDS,
    SETTLE,
    SHADOW,
    TOLD,
    TWICE,
    Defect,
    Edit,
)

OF_ANNOUNCING = (
    Defect(
        "what was made is not recorded where the portal cannot be told",
        LOST,
        (
            Edit(
                "flows/announce_shipments.py",
                "        _record(noted, state, world)\n        raise",
                "        raise",
            ),
        ),
        (ANNOUNCE,),
    ),
    Defect(
        "planned lines are planned again",
        TWICE,
        (Edit("flows/plan_return.py", "taken=state.planned_lines,", "taken=frozenset(),"),),
        (ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a line that joins an announced shipment takes its external return for its own",
        LOST,
        (Edit("domain/shipments.py", "key=_unused(key, used),", "key=key,"),),
        (ANNOUNCE,),
    ),
    Defect(
        "a return is skipped and what may exist is not looked for",
        LOST,
        (
            Edit(
                "flows/announce_return.py",
                "    state = finish_what_may_exist(state, world)\n",
                "",
            ),
        ),
        (ANNOUNCE, SEEDS),
    ),
    Defect(
        "a refused shipment is passed over in silence",
        TOLD,
        (
            Edit(
                "flows/announce_shipments.py",
                "            state = _park(shipment, verdict, state, world)",
                "            continue",
            ),
        ),
        (ANNOUNCE, SEEDS),
    ),
    Defect(
        "one shipment's trouble is forgotten for the other's sake",
        LOST,
        (
            Edit(
                "flows/announce_shipments.py",
                "            later = verdict\n",
                "            later = None\n",
            ),
        ),
        (ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a return whose plan is not carried out counts as announced",
        LOST,
        (
            Edit(
                "flows/announce_return.py",
                "if state.is_announced and not",
                "if state.shipments and not",
            ),
        ),
        (ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "an old body is believed however old it is",
        TWICE,
        (
            Edit(
                "flows/announce_return.py",
                "timedelta(minutes=5)",
                "timedelta(days=5)",
            ),
        ),
        (MESSAGES, SEEDS),
    ),
    Defect(
        "a message that is none is dropped without a trace",
        TOLD,
        (
            Edit(
                "flows/receive_approved_return.py",
                "return park_message(text, verdict, stores, flow=FLOW)",
                'return "parked"',
            ),
        ),
        (MESSAGES,),
    ),
    Defect(
        "a comment's look-up always says not told",
        TWICE,
        (
            Edit(
                "flows/comment.py",
                "return Found(operation.marker) if told else NotFound()",
                "return NotFound() if told else NotFound()",
            ),
        ),
        (ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a comment is written without its marker",
        TWICE,
        (Edit("flows/comment.py", "{text} [{marker}]", "{text}"),),
        (ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a record of the old connector is adopted for two shipments",
        TWICE,
        (Edit("flows/adopt.py", "if partner_id not in taken:", "if partner_id:"),),
        (ANNOUNCE,),
    ),
    Defect(
        "a refused product id is kept for the next try",
        LOST,
        (Edit("flows/make_external_return.py", "catalogue.forget(", "catalogue.known("),),
        (ANNOUNCE,),
    ),
    Defect(
        "shadow sends what it plans",
        SHADOW,
        (
            Edit(
                "flows/announce_return.py",
                "    if mode is Mode.SHADOW:",
                "    if mode is Mode.OFF:",
            ),
            Edit("flows/announce_return.py", "shadow=mode is Mode.SHADOW", "shadow=False"),
        ),
        (ANNOUNCE,),
    ),
)

OF_RECEIPTS = (
    Defect(
        "the cursor moves past undone work",
        LOST,
        (Edit("flows/process_receipts.py", ", since=held_back)", ")"),),
        (SETTLE, SEEDS),
    ),
    Defect(
        "what was not begun counts as seen",
        LOST,
        (
            Edit(
                "flows/process_receipts.py",
                'if ending in {"later", "not_started"}:',
                'if ending in {"later"}:',
            ),
        ),
        (SETTLE, SEEDS),
    ),
    Defect(
        "the cursor moves on after a search that was not complete",
        LOST,
        (Edit("flows/find_receipts.py", "since=now if complete else", "since=now if now else"),),
        (SETTLE, SEEDS),
    ),
    Defect(
        "a record that cannot be read holds up all the others",
        LOST,
        (Edit("flows/find_receipts.py", "UNREAD_IN_A_ROW = 3", "UNREAD_IN_A_ROW = 1"),),
        (SETTLE,),
    ),
    Defect(
        "the walk over open external returns never begins anew",
        LOST,
        (
            Edit(
                "flows/find_receipts.py",
                "if len(open_ones) == limit else 0",
                "if open_ones else after",
            ),
        ),
        (SETTLE, SEEDS),
    ),
    Defect(
        "a receipt is forgotten after a crash before it was settled",
        LOST,
        (
            Edit(
                "flows/settle_receipt.py",
                "known.receipt == receipt.key and not is_due(known, world):",
                "known.receipt == receipt.key:",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "batches of an earlier run are never finished",
        LOST,
        (
            Edit(
                "flows/settle_receipt.py",
                "state = finish_batches(state, portal_return, world)",
                "state = state",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "lines are sent before they are committed",
        TWICE,
        (
            Edit(
                "flows/settle_receipt.py",
                "            state = world.record(state, decision.rule, *facts, committed)\n"
                "            state = send_batch(state.batches[-1], state, case.portal_return,"
                " world)\n",
                "            from returns_hub.domain.timeline import BatchState, LinesProcessed\n"
                "            batch = BatchState(\n"
                "                number=number, receipt=case.receipt.key, lines=decision.lines\n"
                "            )\n"
                "            state = send_batch(batch, state, case.portal_return, world)\n"
                "            done = LinesProcessed(batch=number, how='sent')\n"
                "            state = world.record(state, decision.rule, *facts, committed, done)\n",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "lines in a process call are chosen for another",
        TWICE,
        (
            Edit(
                "flows/make_case.py",
                "case_lines(portal_return, state.committed_lines)",
                "case_lines(portal_return, frozenset())",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "a process call is repeated on a guess",
        TWICE,
        (
            Edit(
                "flows/process_lines.py",
                "        return Inconclusive(\n",
                "        from returns_hub.domain.operations import NotFound\n"
                "        return NotFound() if now else Inconclusive(\n",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "a process call that nobody heard the end of counts as done",
        LOST,
        (
            Edit(
                "flows/process_lines.py",
                "if now.is_closed or not _still_open(batch, now):",
                "if now:",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "a line that the team has finished is sent all the same",
        TWICE,
        (
            Edit(
                "flows/process_lines.py",
                "if line.line_id in open_lines]",
                "if line.line_id]",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
    Defect(
        "goods that the warehouse has not confirmed are paid",
        TWICE,
        (Edit("flows/find_receipts.py", "for row in rows if row.confirmed}", "for row in rows}"),),
        (SETTLE, SEEDS),
    ),
    Defect(
        "the receipts' lease ends before their run",
        TWICE,
        (
            Edit(
                "flows/lease.py",
                "stores.clock.remaining() + MARGIN_SECONDS",
                "MARGIN_SECONDS",
            ),
        ),
        (SETTLE, SEEDS),
    ),
    Defect(
        "a warehouse that is away stops the other merchants too",
        CALM,
        (
            Edit(
                "flows/process_receipts.py",
                "    except Verdict as verdict:",
                "    except Permanent as verdict:",
            ),
        ),
        (SETTLE, SEEDS),
    ),
    Defect(
        "reads of what changed do not overlap",
        LOST,
        (Edit("flows/find_receipts.py", "FIRST_LOOK_BACK) - overlap", "FIRST_LOOK_BACK)"),),
        (SETTLE, SEEDS),
    ),
    Defect(
        "a replayed shipment is sent anew though nobody vouched for it",
        TWICE,
        (
            Edit(
                "domain/changes.py",
                "shipment.attempt + (1 if fact.send_again else 0)",
                "shipment.attempt + 1",
            ),
        ),
        (OPERATOR, SEEDS),
    ),
    Defect(
        "a replayed batch is sent anew though nobody vouched for it",
        TWICE,
        (
            Edit(
                "domain/changes.py",
                "batch.attempt + (1 if fact.send_again else 0)",
                "batch.attempt + 1",
            ),
        ),
        (OPERATOR, SEEDS),
    ),
    Defect(
        "a closed return is processed",
        TWICE,
        (
            Edit(
                "domain/decisions.py",
                "    if case.closed:",
                "    if case.closed and not case.goods:",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a green line's goods go back on sale",
        TOLD,
        (
            Edit(
                "domain/decisions.py",
                "case.restock and not line.keep_item and choice.sellable",
                "case.restock and choice.sellable",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "units of several external returns do not add up",
        LOST,
        (
            Edit(
                "flows/make_case.py",
                "goods=(*state.received_goods(but=receipt.external_return_id), *goods)",
                "goods=goods",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a short line is paid while its other parcel is on the way",
        TWICE,
        (
            Edit(
                "domain/choices.py",
                'if row in {"short", "missing"} and case.more_expected:',
                'if row == "missing" and case.more_expected:',
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a flag comes before its note",
        TOLD,
        (
            Edit(
                "flows/flag.py",
                "    add_comment(world, return_id, about, note, retry_rejected=retry_rejected)\n",
                "",
            ),
            Edit(
                "flows/flag.py",
                "    world.run(operation, send=send, look_up=look_up)\n",
                "    world.run(operation, send=send, look_up=look_up)\n"
                "    add_comment(world, return_id, about, note, retry_rejected=retry_rejected)\n",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
)
