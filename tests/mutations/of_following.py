"""Deliberate defects: following a return after it was announced, and what is due."""

from __future__ import annotations

from tests.mutations.model import (
    ANNOUNCE,
    CALM,
    CHECKING,
    CLOCKS,
    CLOSINGS,
    LOST,
    REOPENINGS,
    STORES,
    TOLD,
    TWICE,
    WATCH,
    Defect,
    Edit,
    tests,
)

CATCHING_UP = tests("flow/test_catch_up.py")

OF_FOLLOWING = (
    Defect(
        "what is due leaves the index when something else happens to the return",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                "item = _fitting(state_row(after, write_id, self._clock.now()), after.return_id)",
                "item = state_row(after, write_id, self._clock.now())\n"
                "        if before.due_at == after.due_at:\n"
                "            item.pop('due_pk', None)",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "a closing that was told is told again",
        TWICE,
        (
            Edit(
                "domain/following.py",
                "left = shipment.shadow or shipment.discarded or shipment.withdrawn",
                "left = shipment.shadow or shipment.discarded",
            ),
        ),
        (CLOSINGS,),
    ),
    Defect(
        "the closing is noted before the portal was told",
        LOST,
        (
            Edit(
                "flows/withdraw.py",
                "        facts += _told(note, shipment, state, world)\n"
                "        facts += _withdrawn(note, shipment, portal_return, world)\n",
                "        facts += _withdrawn(note, shipment, portal_return, world)\n"
                '        state = world.record(state, "early", *facts)\n'
                "        facts = _told(note, shipment, state, world)\n",
            ),
        ),
        (CLOSINGS,),
    ),
    Defect(
        "a comment that the portal refuses keeps a closing from being told at all",
        TOLD,
        (
            Edit(
                "flows/withdraw.py",
                "    except Permanent as verdict:\n",
                "    except ZeroDivisionError as verdict:\n",
            ),
        ),
        (CLOSINGS,),
    ),
    Defect(
        "a reading from before the reopening closes the return again",
        TOLD,
        (
            Edit(
                "domain/following.py",
                "if not portal_return.is_closed or is_older(portal_return, state):",
                "if not portal_return.is_closed:",
            ),
            Edit(
                "flows/announce_return.py",
                "    if is_older(portal_return, state):\n        return\n",
                "",
            ),
        ),
        (CLOSINGS,),
    ),
    Defect(
        "goods that were confirmed while a return was closed are never dealt with",
        LOST,
        (Edit("domain/following.py", '{"skipped_closed", "flagged",', '{"flagged",'),),
        (REOPENINGS,),
    ),
    Defect(
        "goods of a reopened return are open, and no index shows them",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                'case OperatorActed(act="replayed" | "answered") | Reopened():',
                'case OperatorActed(act="replayed"):',
            ),
        ),
        (STORES,),
    ),
    Defect(
        "reopening forgets which lines were sent to processing",
        TWICE,
        (
            Edit(
                "domain/changes.py",
                '        "portal_status": fact.status,\n        "flagged": False,\n',
                '        "portal_status": fact.status,\n        "flagged": False,\n'
                '        "batches": (),\n',
            ),
            Edit(
                "domain/changes.py",
                '        **with_batch(state, *unchecked, checked="reopened"),\n',
                "",
            ),
        ),
        (REOPENINGS,),
    ),
    Defect(
        "nobody is asked about what was paid before a reopening",
        TOLD,
        (Edit("flows/follow_return.py", "if sent and was in CLOSED:", "if False:"),),
        (REOPENINGS,),
    ),
    Defect(
        "catching up passes over what became of returns of ours",
        LOST,
        (
            Edit(
                "flows/catch_up.py",
                "if found.status not in UNDER_WAY and not hears_of(found, world):",
                "if found.status not in UNDER_WAY:",
            ),
        ),
        (CATCHING_UP,),
    ),
    Defect(
        "a stage of a clock rings again and again",
        TWICE,
        (Edit("domain/clocks.py", " if stage not in rung)", ")"),),
        (CLOCKS,),
    ),
    Defect(
        "a clock rings over goods that the warehouse has confirmed",
        TOLD,
        (Edit("flows/ring_clock.py", "    if _is_booked_in(shipment, world):", "    if False:"),),
        (CLOCKS,),
    ),
    Defect(
        "goods that are booked in do not end their clock",
        TOLD,
        (
            Edit(
                "domain/timeline.py",
                "_with_receipt(state, newest) | booked_in(state, fact.external_return_id)",
                "_with_receipt(state, newest)",
            ),
        ),
        (CLOCKS,),
    ),
    Defect(
        "a clock writes to the portal in shadow",
        TOLD,
        (
            Edit(
                "flows/ring_clock.py",
                "process_receipts.mode is not Mode.LIVE:",
                "process_receipts.mode is Mode.OFF:",
            ),
        ),
        (CLOCKS,),
    ),
    Defect(
        "lines that wait for the rest of the return are raised",
        TOLD,
        (
            Edit(
                "domain/processing_check.py",
                'return Reading("held", undone) if undone else Reading("complete")',
                'return Reading("not_completed", undone) if undone else Reading("complete")',
            ),
        ),
        (CHECKING,),
    ),
    Defect(
        "a return that did not complete is taken for one that did",
        TOLD,
        (
            Edit(
                "domain/processing_check.py",
                'return Reading("not_completed", undone)\n',
                'return Reading("not_completed" if undone else "complete", undone)\n',
            ),
        ),
        (CHECKING,),
    ),
    Defect(
        "a return that cannot be looked at keeps the others waiting",
        CALM,
        (
            Edit(
                "flows/watch_returns.py",
                "return (*behind, *found[: len(found) - len(behind)])",
                "return found",
            ),
        ),
        (WATCH,),
    ),
    Defect(
        "what can never succeed is looked at for ever, and nobody is asked",
        TOLD,
        (
            Edit(
                "flows/watch_returns.py",
                "            return _ask(state, due, verdict, world)",
                '            return "later"',
            ),
        ),
        (WATCH,),
    ),
    Defect(
        "a label that looks like a marker is written beside the marker",
        TWICE,
        (Edit("domain/shipments.py", " or MARKER.search(word) else word", " else word"),),
        (ANNOUNCE,),
    ),
    Defect(
        "a long note pushes the marker out",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/translate.py",
                'comments = f"{draft.note[:room]} [{draft.marker}]"',
                'comments = f"{draft.note} [{draft.marker}]"[: room + 3]  # cut',
            ),
        ),
        (ANNOUNCE,),
    ),
    Defect(
        "an external return that a person saw to stays in the warehouse's list",
        TOLD,
        (
            Edit(
                "flows/withdrawn_list.py",
                "        if shipment.withdrawn and state.due_of(",
                "        if shipment.withdrawn or state.due_of(",
            ),
        ),
        (CLOSINGS,),
    ),
)
