"""Deliberate defects. Each one breaks a promise of the hub, and a test has to catch it.

An old text has to occur exactly once in its file: `test_defects.py` holds the list to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
HUB = "layers/shared/returns_hub"


@dataclass(frozen=True)
class Edit:
    """One change to one file, named relative to `HUB`."""

    file: str
    old: str
    new: str

    @property
    def path(self) -> str:
        """The file, relative to the repository."""
        return f"{HUB}/{self.file}"

    def applied_to(self, text: str) -> str:
        """The file's text with the change.

        Raises:
            ValueError: The old text is not there exactly once.
        """
        count = text.count(self.old)
        if count != 1:
            raise ValueError(f"{self.path}: {count} times instead of once: {self.old!r}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Check:
    """A command that has to fail: pytest, or a stretch of the simulation's seeds."""

    kind: Literal["pytest", "simulation"]
    arguments: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The check in a few words."""
        if self.kind == "pytest":
            return " ".join(self.arguments)
        return f"simulation {' '.join(self.arguments)}"


@dataclass(frozen=True)
class Defect:
    """A defect, the promise that it breaks, and what should catch it, the cheapest first."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]
    checks: tuple[Check, ...]


def tests(*arguments: str) -> Check:
    """Tests by their paths below ``tests``."""
    return Check("pytest", tuple(f"tests/{argument}" for argument in arguments))


def seeds(first: int, runs: int) -> Check:
    """Seeds of the simulation, lived through one after the other."""
    return Check("simulation", ("--seed", str(first), "--runs", str(runs), "--jobs", "1"))


OPERATION = tests("unit/test_operation.py")
ANSWERS = tests("unit/test_partner_answers.py")
CREDENTIALS = tests("unit/test_credentials.py")
LISTS = tests("unit/test_lists.py")
MESSAGES = tests("unit/test_messages.py")
BATCHES = tests("unit/test_sqs.py")
ANNOUNCE = tests("flow/test_announce.py")
SETTLE = tests("flow/test_settle.py")
STORES = tests("contract/test_stores.py")
WIRE = tests("component/test_on_the_wire.py")
CRASHES = tests("simulation/test_crash_everywhere.py")
OPERATOR = tests("flow/test_operator.py")
LETTERS = tests("unit/test_dead_letters.py")
GATES = tests("contract/test_gates.py")
PRESSURE = tests("simulation/test_pressure.py")
SLICE = tests("simulation/test_seeds.py")
SEEDS = seeds(0, 200)

TWICE = "nothing twice"
LOST = "nothing lost"
TOLD = "every difference explained"
SHADOW = "try it before it writes"
CALM = "one's trouble is its own"

OF_AN_OPERATION = (
    Defect(
        "a write is confirmed before it is sent",
        LOST,
        (
            Edit(
                "flows/operation.py",
                "        partner_id = send(send_by)\n",
                "        _settle(ledger, claim, OperationState.CONFIRMED)\n"
                "        return Done(send(send_by), 'sent')\n",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a claim that was taken over sends without a look-up",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "if claim.claimed_from is ClaimedFrom.UNSETTLED:",
                "if claim.fence < 0:",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a look-up that cannot tell is taken for not found",
        TWICE,
        (Edit("flows/operation.py", "case NotFound():", "case NotFound() | Inconclusive():"),),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "an unknown outcome is released as known not done",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "except Retryable as verdict:",
                "except (Retryable, UnknownOutcome) as verdict:",
            ),
        ),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "a refusal is released and sent again",
        TWICE,
        (Edit("flows/operation.py", "OperationState.REJECTED", "OperationState.RELEASED"),),
        (OPERATION, ANNOUNCE, CRASHES, SEEDS),
    ),
    Defect(
        "an outcome that nobody can know never goes to a person",
        TOLD,
        (
            Edit(
                "flows/operation.py",
                "seconds=operation.give_up_seconds",
                "days=operation.give_up_seconds",
            ),
        ),
        (OPERATION, ANNOUNCE),
    ),
    Defect(
        "whoever lost its claim believes its own word",
        TWICE,
        (
            Edit(
                "flows/operation.py",
                "    except Conflict:\n",
                "    except Conflict:\n        return\n",
            ),
        ),
        (OPERATION, CRASHES, SEEDS),
    ),
    Defect(
        "the lease leaves no time for what was sent to be seen",
        TWICE,
        (
            Edit(
                "domain/operations.py",
                "self.request_seconds + self.settle_seconds + CLOCKS_DIFFER_SECONDS",
                "self.request_seconds + CLOCKS_DIFFER_SECONDS",
            ),
        ),
        (OPERATION, STORES, SEEDS),
    ),
    Defect(
        "a write may leave until the very end of its lease",
        TWICE,
        (
            Edit(
                "domain/operations.py",
                "timedelta(seconds=self.unseen_seconds)",
                "timedelta(seconds=CLOCKS_DIFFER_SECONDS)",
            ),
        ),
        (OPERATION, STORES, SEEDS),
    ),
)

OF_THE_LEDGER = (
    Defect(
        "a claim is given to anybody who asks",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                '"attribute_not_exists(pk) OR #state',
                '"attribute_not_exists(pk) OR attribute_exists(pk) OR #state',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a claim is taken over while its lease holds",
        TWICE,
        (Edit("adapters/dynamodb/ledger.py", "lease_until < :now", "lease_until <> :now"),),
        (STORES, SEEDS),
    ),
    Defect(
        "a claim is settled without its fence",
        TWICE,
        (Edit("adapters/dynamodb/ledger.py", '"fence = :fence AND', '"fence >= :fence AND'),),
        (STORES, SEEDS),
    ),
    Defect(
        "our own claim, its answer lost, is taken for another's",
        LOST,
        (Edit("adapters/dynamodb/ledger.py", "== claim_id:", '== "":'),),
        (STORES,),
    ),
    Defect(
        "a take-over whose answer was lost counts as a first claim",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                "ClaimedFrom.NOTHING if first else ClaimedFrom.UNSETTLED",
                "ClaimedFrom.NOTHING",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a released claim keeps the clock of its first try",
        TOLD,
        (
            Edit(
                "adapters/dynamodb/ledger.py",
                'update += " REMOVE first_claimed_at"',
                'update += ""',
            ),
        ),
        (STORES,),
    ),
)

OF_THE_OTHER_STORES = (
    Defect(
        "a timeline is appended without its version",
        TWICE,
        (
            Edit("adapters/dynamodb/returns.py", '"version = :version"', '"version >= :version"'),
            Edit(
                "adapters/dynamodb/returns.py",
                'put["ConditionExpression"] = "attribute_not_exists(pk)"',
                'put["ConditionExpression"] = "attribute_not_exists(nothing)"',
            ),
            Edit(
                "adapters/dynamodb/returns.py",
                '"ConditionExpression": "attribute_not_exists(pk)",',
                '"ConditionExpression": "attribute_not_exists(nothing)",',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a timeline that is there already is appended without its version",
        TWICE,
        (
            Edit("adapters/dynamodb/returns.py", '"version = :version"', '"version >= :version"'),
            Edit(
                "adapters/dynamodb/returns.py",
                '"ConditionExpression": "attribute_not_exists(pk)",',
                '"ConditionExpression": "attribute_not_exists(nothing)",',
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a transaction that was applied twice is not known as our own",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                'if stored.get("write_id") != write_id:',
                "if stored:",
            ),
        ),
        (STORES,),
    ),
    Defect(
        "of the open external returns only one page is read",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                'if not found or "LastEvaluatedKey" not in page:',
                "if page:",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "an external return counts as closed while more may come",
        LOST,
        (
            Edit(
                "adapters/dynamodb/returns.py",
                "open_after[settled] = outcome in STILL_OPEN",
                "open_after[settled] = False",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "a tick ignores the lease of another",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/control.py",
                "OR lease_until < :now ",
                "OR lease_until <> :now ",
            ),
        ),
        (STORES, SEEDS),
    ),
    Defect(
        "the cursor is moved without its fence",
        LOST,
        (Edit("adapters/dynamodb/control.py", '"fence = :fence"', '"fence >= :fence"'),),
        (STORES, SEEDS),
    ),
)

OF_ANNOUNCING = (
    Defect(
        "planned lines are planned again",
        TWICE,
        (Edit("flows/announce_return.py", "taken=state.planned_lines,", "taken=frozenset(),"),),
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
                "        state = _finish_what_may_exist(state, world)\n",
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
                "flows/announce_return.py",
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
                "flows/announce_return.py",
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
                "return _park_message(text, verdict, stores)",
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
        (Edit("flows/comment.py", "{text} [{operation.marker}]", "{text}"),),
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
        (Edit("flows/announce_return.py", "catalogue.forget(", "catalogue.known("),),
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
                "known.receipt == receipt.key and known.settled:",
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
                "flows/settle_receipt.py", "        state.committed_lines,", "        frozenset(),"
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
                "flows/process_receipts.py",
                "stores.clock.remaining() + LEASE_MARGIN_SECONDS",
                "LEASE_MARGIN_SECONDS",
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
                "domain/timeline.py",
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
                "domain/timeline.py",
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
                "domain/receipts.py",
                "    if portal_return.is_closed:",
                "    if portal_return.is_closed and not received:",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a green line's goods go back on sale",
        TOLD,
        (
            Edit(
                "domain/receipts.py",
                "restock=policy.restock and not line.keep_item,",
                "restock=policy.restock,",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "units of several external returns do not add up",
        LOST,
        (
            Edit(
                "flows/settle_receipt.py",
                "received = state.received_units()",
                "received = dict(state.received_units() and {})",
            ),
            Edit(
                "flows/settle_receipt.py",
                "        received[sku] -= units\n",
                "        received[sku] = 0\n",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a short line is paid while its other parcel is on the way",
        TWICE,
        (
            Edit(
                "domain/receipts.py",
                "policy.short_line is ShortLine.PROCESS and not more_expected",
                "policy.short_line is ShortLine.PROCESS",
            ),
        ),
        (SETTLE,),
    ),
    Defect(
        "a flag comes before its note",
        TOLD,
        (
            Edit(
                "flows/settle_receipt.py",
                '    add_comment(world, state.return_id, f"flag/',
                "    from functools import partial\n"
                '    add_note = partial(add_comment, world, state.return_id, f"flag/',
            ),
            Edit(
                "flows/settle_receipt.py",
                "    flagged = Flagged(",
                "    add_note()\n    flagged = Flagged(",
            ),
        ),
        (SETTLE, CRASHES, SEEDS),
    ),
)

OF_THE_PARTNERS = (
    Defect(
        "a write leaves although its time to send has passed",
        TWICE,
        (
            Edit(
                "adapters/http/transport.py",
                "if send_by is not None and self._clock.now() > send_by:",
                "if send_by is not None and not self._clock:",
            ),
        ),
        (WIRE, SEEDS),
    ),
    Defect(
        "a write without an answer is repeated at once",
        TWICE,
        (
            Edit(
                "adapters/http/transport.py",
                "and (is_read or not outcome.sent):",
                "and (is_read or outcome.why):",
            ),
        ),
        (ANNOUNCE, SEEDS),
    ),
    Defect(
        "a read timeout counts as never sent",
        TWICE,
        (
            Edit(
                "adapters/http/transport.py",
                'NoAnswer(sent=True, why="read timeout")',
                'NoAnswer(sent=False, why="read timeout")',
            ),
        ),
        (ANSWERS, ANNOUNCE, SEEDS),
    ),
    Defect(
        "the marker is not written into the record",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/warehouse.py",
                'f"{draft.note} [{draft.marker}]"',
                'f"{draft.note}"',
            ),
        ),
        (ANNOUNCE, SEEDS),
    ),
    Defect(
        "not found is believed although the search was never proven",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/warehouse.py",
                "if self._proven().marker_look_up:",
                "if self._proven().marker_look_up is not False:",
            ),
        ),
        (LISTS, ANNOUNCE, SEEDS),
    ),
    Defect(
        "another client's record is taken for ours",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/warehouse.py",
                "return row.client_id == self._connection.client_id",
                "return row.client_id is not None",
            ),
        ),
        (LISTS, ANNOUNCE, SEEDS),
    ),
    Defect(
        "a short page of a list is taken for its end",
        LOST,
        (
            Edit(
                "adapters/mintsoft/warehouse.py",
                "            found |= fresh\n",
                "            found |= fresh\n"
                "            if len(rows) < PAGE_SIZE:\n"
                "                return ReceiptPage(tuple(found.values()), page_number)\n",
            ),
        ),
        (LISTS,),
    ),
    Defect(
        "the look-up searches only the day of the claim",
        TWICE,
        (
            Edit(
                "adapters/mintsoft/warehouse.py",
                "self._days(since - timedelta(days=1), self._clock.now() + timedelta(days=1))",
                "self._days(since, since)",
            ),
        ),
        (LISTS, SEEDS),
    ),
    Defect(
        "a write that Redo may have carried out counts as not done",
        TWICE,
        (
            Edit(
                "adapters/redo/errors.py",
                "status in {429, 503} and (status == 429 or is_read)",
                "status in {429, 500, 503}",
            ),
        ),
        (ANSWERS, SETTLE),
    ),
    Defect(
        "429 counts as an unknown outcome",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                "if status == 429:",
                "if status == 429 and is_read:",
            ),
        ),
        (ANSWERS,),
    ),
    Defect(
        "HTTP 200 with Success: false is taken for success",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                "    if success is True:\n",
                "    if success is False and isinstance(content.get('ID'), int):\n"
                "        return int(content['ID'])\n"
                "    if success is True:\n",
            ),
        ),
        (ANSWERS, ANNOUNCE),
    ),
    Defect(
        "an error of the server counts as a refusal of the write",
        LOST,
        (
            Edit(
                "adapters/mintsoft/errors.py",
                "if status in {400, 403,",
                "if status in {400, 403, 500,",
            ),
        ),
        (ANSWERS, ANNOUNCE),
    ),
    Defect(
        "a static key is exchanged by a login",
        CALM,
        (
            Edit(
                "adapters/mintsoft/credentials.py",
                "                raise _refused(self._merchant, self._connection.secret)",
                "                return self._renew(used).text",
            ),
        ),
        (CREDENTIALS,),
    ),
    Defect(
        "a session key is renewed without the lease",
        CALM,
        (
            Edit(
                "adapters/mintsoft/credentials.py",
                'f"mintsoft-login/{self._merchant}"',
                'f"mintsoft-login/{self._merchant}/{self._owner}"',
            ),
        ),
        (CREDENTIALS,),
    ),
    Defect(
        "a refused password is tried again and again",
        CALM,
        (
            Edit(
                "adapters/mintsoft/credentials.py",
                "== given.version\n",
                '== ""\n',
            ),
        ),
        (CREDENTIALS,),
    ),
)

GATE = "adapters/dynamodb/gates.py"

OF_THE_GATE = (
    Defect(
        "each environment has a rate of its own",
        CALM,
        (Edit(GATE, "OR next_free < :now)", "OR next_free <> :now)"),),
        (GATES, PRESSURE),
    ),
    Defect(
        "all merchants pass through one gate",
        CALM,
        (Edit(GATE, 'f"gate#{name}"', '"gate#"'),),
        (GATES, PRESSURE),
    ),
    Defect(
        "a short pause ends a longer one",
        CALM,
        (Edit(GATE, "OR closed_until < :until", "OR closed_until <> :until"),),
        (GATES, PRESSURE),
    ),
    Defect(
        "everybody probes a partner that is away",
        CALM,
        (Edit(GATE, '"closed_until = :seen"', '"closed_until >= :seen"'),),
        (GATES, PRESSURE),
    ),
    Defect(
        "one failure closes the gate",
        CALM,
        (Edit("adapters/http/gate.py", "FAILURES_TO_OPEN = 5", "FAILURES_TO_OPEN = 1"),),
        (GATES, PRESSURE),
    ),
    Defect(
        "a pause that the partner asks for is not passed on",
        CALM,
        (Edit("adapters/http/transport.py", "self._gate.told_to_wait(wait)", "str(wait)"),),
        (GATES, PRESSURE, SLICE),
    ),
    Defect(
        "a partner that does not answer is not told to the gate",
        CALM,
        (
            Edit(
                "adapters/http/transport.py",
                'if outcome.why != "invalid request":',
                'if outcome.why == "invalid request":',
            ),
        ),
        (GATES, PRESSURE, SLICE),
    ),
    Defect(
        "work is begun although a partner is known to be away",
        CALM,
        (Edit("flows/receive_approved_return.py", "        world.require_partners()\n", ""),),
        (GATES, PRESSURE, SLICE),
    ),
)

OF_OPERATORS = (
    Defect(
        "a dead letter is deleted before it is sent again",
        LOST,
        (
            Edit(
                "adapters/queues/dead_letters.py",
                "        first()\n        try:\n",
                "        try:\n",
            ),
            Edit(
                "adapters/queues/dead_letters.py",
                "        del self._handles[letter.message_id]\n",
                "        del self._handles[letter.message_id]\n        first()\n",
            ),
        ),
        (LETTERS,),
    ),
    Defect(
        "dead letters that were looked at stay hidden",
        LOST,
        (
            Edit(
                "adapters/queues/dead_letters.py",
                "            found.give_back()",
                "            found.missing",
            ),
        ),
        (LETTERS,),
    ),
    Defect(
        "a replay that was interrupted is told twice",
        TOLD,
        (
            Edit(
                "flows/operator.py",
                "if state.parked_ids.isdisjoint({item.parked_id}):",
                "if not state.version:",
            ),
        ),
        (OPERATOR,),
    ),
    Defect(
        "an item that somebody has dealt with is dealt with again",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/parking.py",
                'ConditionExpression="#state = :open"',
                'ConditionExpression="#state <> :open OR #state = :open"',
            ),
        ),
        (STORES,),
    ),
)

OF_BATCHES = (
    Defect(
        "a batch's answer swallows a failure",
        LOST,
        (
            Edit(
                "adapters/queues/sqs.py",
                "for message_id in failed]}",
                "for message_id in failed[1:]]}",
            ),
        ),
        (BATCHES, SEEDS),
    ),
    Defect(
        "a fault of ours goes on as a fresh copy for ever",
        TOLD,
        (Edit("adapters/queues/sqs.py", ", copy=False)", ")"),),
        (BATCHES,),
    ),
    Defect(
        "one record's fault stops the rest of its batch",
        CALM,
        (
            Edit(
                "adapters/queues/sqs.py",
                "except Exception as error:",
                "except OSError as error:",
            ),
        ),
        (BATCHES,),
    ),
    Defect(
        "a record is begun that cannot end in time",
        TWICE,
        (
            Edit(
                "adapters/queues/sqs.py",
                "if clock.remaining() < worst_case:",
                "if clock.remaining() < 0:",
            ),
        ),
        (BATCHES,),
    ),
)

DEFECTS: tuple[Defect, ...] = (
    *OF_AN_OPERATION,
    *OF_THE_LEDGER,
    *OF_THE_OTHER_STORES,
    *OF_ANNOUNCING,
    *OF_RECEIPTS,
    *OF_THE_PARTNERS,
    *OF_THE_GATE,
    *OF_OPERATORS,
    *OF_BATCHES,
)
