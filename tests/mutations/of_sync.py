"""Deliberate defects: flows that keep records in step, and their store."""

from __future__ import annotations

from tests.mutations.model import LOST, SHADOW, TOLD, TWICE, Check, Defect, Edit, tests

STORE = tests("contract/test_sync_store.py")
RUN = tests("flow/test_sync_run.py")
TROUBLE = tests("flow/test_sync_trouble.py")
CHANGES = tests("flow/test_sync_changes.py")
MUCH = tests("flow/test_sync_much.py")
PLAN = tests("flow/test_sync_plan.py")
WALK = tests("flow/test_sync_walk.py")
FOLD = tests("unit/test_sync_records.py")


def _defect(name: str, breaks: str, where: tuple[str, str, str], *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(*where),), checks)


OF_SYNC = (
    Defect(
        "who is late overwrites a record's timeline",
        TWICE,
        (
            Edit(
                "adapters/dynamodb/sync.py",
                '            row["Put"]["ConditionExpression"] = "version = :version"\n',
                '            row["Put"]["ConditionExpression"] = "version <> :version OR '
                'version = :version"\n',
            ),
            Edit(
                "adapters/dynamodb/sync.py",
                """event of {state.flow} {state.key}"))
        put["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
""",
                """event of {state.flow} {state.key}"))
""",
            ),
        ),
        (STORE,),
    ),
    _defect(
        "a record's state expires, and with it that its counterpart was made",
        TWICE,
        (
            "adapters/dynamodb/sync.py",
            '        "standing": state.standing,\n',
            '        "standing": state.standing,\n        "expires_at": expiry(now),\n',
        ),
        STORE,
    ),
    _defect(
        "what is in work is not in the index of what is in work",
        LOST,
        (
            "adapters/dynamodb/sync.py",
            "    if state.in_work:\n        row |=",
            "    if state.in_work and state.steps:\n        row |=",
        ),
        STORE,
    ),
    _defect(
        "two records' steps share a key of the ledger",
        LOST,
        ("domain/operations.py", '    name = quote(key, safe="")\n', "    name = key\n"),
        FOLD,
    ),
    _defect(
        "a change that a shadow passed counts as done when the flow is live",
        LOST,
        (
            "flows/sync/endings.py",
            "    return bool(state.version) and not was_shadow and",
            "    return bool(state.version) and",
        ),
        MUCH,
    ),
    _defect(
        "a record that the source refuses to show keeps those behind it in the list waiting",
        LOST,
        (
            "flows/sync/run.py",
            "            return self._taking.park_unread(change.key, verdict)\n        found",
            "            raise verdict\n        found",
        ),
        RUN,
    ),
    _defect(
        "a flow that goes live does not read again what its shadow passed",
        LOST,
        (
            "flows/sync/run.py",
            "        if mode is Mode.LIVE and cursor.shadow_from is not None:\n",
            "        if mode is Mode.OFF and cursor.shadow_from is not None:\n",
        ),
        MUCH,
    ),
    _defect(
        "a record of before the shadow is passed by it for good",
        LOST,
        (
            "flows/sync/run.py",
            "        if ending is SHADOW and change.at is not None:\n",
            "        if ending is SHADOW and change.at is None:\n",
        ),
        MUCH,
    ),
    _defect(
        "a shadow writes",
        SHADOW,
        (
            "flows/sync/take.py",
            "        if self.mode is not Mode.LIVE:\n            if open_steps:\n",
            "        if self.mode is Mode.OFF:\n            if open_steps:\n",
        ),
        MUCH,
    ),
    _defect(
        "a shadow ends what a live run began",
        LOST,
        (
            "flows/sync/take.py",
            "            if open_steps:\n                draft.write()\n",
            "            if open_steps and plan.again:\n                draft.write()\n",
        ),
        MUCH,
    ),
    _defect(
        "the cursor passes what there was no time for",
        LOST,
        (
            "flows/sync/run.py",
            "                if not self._has_time():\n                    return False\n",
            "                if not self._has_time():\n                    return whole\n",
        ),
        MUCH,
    ),
    _defect(
        "the cursor passes a list that was cut off",
        LOST,
        (
            "flows/sync/run.py",
            '            self.endings["cut_off"] = 1\n            return False\n',
            '            self.endings["cut_off"] = 1\n            return whole\n',
        ),
        RUN,
    ),
    _defect(
        "the cursor passes a record that could not be recorded",
        LOST,
        (
            "flows/sync/run.py",
            "                whole = whole and ending.is_recorded\n",
            "                whole = whole and bool(ending.word)\n",
        ),
        RUN,
    ),
    _defect(
        "what waits takes all of the time",
        LOST,
        (
            "flows/sync/run.py",
            "        walk = self._walk_in_work(self._world.stores.clock.remaining() / 2)\n",
            "        walk = self._walk_in_work(0.0)\n",
        ),
        MUCH,
    ),
    _defect(
        "the walk over what is in work begins anew in every run",
        LOST,
        (
            "flows/sync/run.py",
            "        place = self._cursor.walk\n",
            "        place = Place()\n",
        ),
        MUCH,
    ),
    _defect(
        "an old page of the list undoes what is newer",
        TOLD,
        (
            "flows/sync/take.py",
            "            if of_list and is_older(state, change):\n",
            "            if not of_list and is_older(state, change):\n",
        ),
        RUN,
    ),
    _defect(
        "a record that others keep changing keeps the rest from being done",
        LOST,
        ("flows/sync/take.py", "        return NOT_RECORDED\n", '        raise Conflict("x")\n'),
        RUN,
    ),
    _defect(
        "a step that may have been carried out is forgotten when its record changes",
        TWICE,
        ("flows/sync/take.py", "        if left:\n", "        if left and skip is not None:\n"),
        CHANGES,
    ),
    _defect(
        "a step whose end nobody knows counts as never sent",
        TWICE,
        (
            "flows/operation.py",
            "    if claim.claimed_from not in {ClaimedFrom.NOTHING, ClaimedFrom.RELEASED}:\n",
            "    if claim.claimed_from not in set(ClaimedFrom):\n",
        ),
        CHANGES,
    ),
    _defect(
        "the newest version counts as told when an earlier one was carried out",
        TOLD,
        (
            "flows/sync/take.py",
            "            if _told_of_another(draft.state, step.name):\n",
            "            if not draft.state.done(step.name):\n",
        ),
        CHANGES,
        WALK,
    ),
    _defect(
        "a refused step of an earlier version is not sent for the next",
        LOST,
        (
            "domain/sync/records.py",
            '                "steps": _each(state, _may_be_sent_anew),\n',
            "",
        ),
        TROUBLE,
    ),
    _defect(
        "who vouches for one step has another one sent again",
        TWICE,
        (
            "domain/sync/records.py",
            '    if step.stuck != "unknown":\n        return step\n',
            "    if step.how and step.partner_id:\n        return step\n",
        ),
        TROUBLE,
        FOLD,
    ),
    _defect(
        "a version that came after the question is taken off with it",
        LOST,
        (
            "domain/sync/records.py",
            '    dealt_with = {"settled": state.parked_version, "outcome": "discarded"}\n',
            '    dealt_with = {"settled": state.source_version, "outcome": "discarded"}\n',
        ),
        TROUBLE,
    ),
    _defect(
        "a version that comes back is not told again",
        LOST,
        (
            "domain/sync/records.py",
            '        return next(begun, f"{name}/{self.turn}")\n',
            '        return next(begun, f"{name}/{self.source_version}")\n',
        ),
        RUN,
    ),
    _defect(
        "a record that was begun is let go of when the source forgets it",
        LOST,
        ("flows/sync/take.py", "        if state.was_begun:\n", "        if state.parked:\n"),
        CHANGES,
    ),
    _defect(
        "a record that makes no sense is in the list of parked work and goes on all the same",
        TWICE,
        (
            "flows/sync/take.py",
            '        draft.note("a person is asked", *facts, parked)\n        try:\n',
            '        draft.note("a person is asked", *facts)\n        try:\n',
        ),
        TROUBLE,
    ),
    _defect(
        "a replay of a record closes its item and lets nothing go on",
        LOST,
        (
            "flows/sync/by_hand.py",
            "        if state.parked != item.parked_id:\n",
            "        if state.parked == item.parked_id:\n",
        ),
        TROUBLE,
    ),
    _defect(
        "the plan counts what a shadow passed as done",
        TOLD,
        (
            "flows/sync/plan.py",
            "        self.mode = Mode.LIVE\n        self._found",
            "        self._found",
        ),
        PLAN,
    ),
    _defect(
        "the plan leaves out what is in work",
        TOLD,
        (
            "flows/sync/plan.py",
            "        return self._behind.in_work(merchant, flow, limit, after)\n",
            "        return self._behind.in_work(merchant, flow, 0, after)\n",
        ),
        PLAN,
    ),
)
