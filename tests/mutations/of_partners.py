"""Deliberate defects: what partners' answers mean, keys, the wire, and the gate."""

from __future__ import annotations

from tests.mutations.model import (
    ANNOUNCE,
    ANSWERS,
    CALM,
    CREDENTIALS,
    GATES,
    LISTS,
    LOST,
    PRESSURE,
    SEEDS,
    SETTLE,
    SLICE,
    TWICE,
    WIRE,
    Defect,
    Edit,
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
                "adapters/mintsoft/translate.py",
                'f"{draft.note[:room]} [{draft.marker}]"',
                'f"{draft.note[:room]}"',
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
                "adapters/mintsoft/pages.py",
                "            take(row)\n",
                "            take(row)\n"
                "        if len(rows) < PAGE_SIZE:\n"
                "            return Given(calls, complete=True)\n",
            ),
        ),
        (LISTS,),
    ),
    Defect(
        "a page with a row that drifted ends a list",
        LOST,
        (
            Edit(
                "adapters/mintsoft/pages.py",
                "        if not fresh:\n",
                "        if not fresh or len(fresh) < len(rows):\n",
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
                "        raise _refusal(content)\n    if success",
                "        return\n    if success",
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
                "if status in {400, 405,",
                "if status in {400, 405, 500,",
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
        "a key that may not be read is replaced, which ends it for everybody else",
        CALM,
        (
            Edit(
                "adapters/mintsoft/credentials.py",
                "if verdict.code not in NO_KEY:",
                "if not verdict.code:",
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
        "a pause that a partner asked for is shortened by finding it away",
        CALM,
        (Edit(GATE, 'f"{_NOT_AWAY} AND {_CLOSED_FOR_LESS}"', "_NOT_AWAY"),),
        (GATES,),
    ),
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
        "a write whose gate could not be told counts as known not done",
        TWICE,
        (
            Edit(
                "adapters/http/transport.py",
                "        except Verdict as verdict:\n            # It is about",
                "        except Permanent as verdict:\n            # It is about",
            ),
        ),
        (GATES,),
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
                "if outcome.why != NEVER_SENT:\n                self._gate",
                "if outcome.why == NEVER_SENT:\n                self._gate",
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
