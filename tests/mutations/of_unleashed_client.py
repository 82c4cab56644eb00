"""Deliberate defects: Unleashed's client, its lists, its writes, and the month's calls."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Check, Defect, Edit, tests

SIGNING = tests("unit/unleashed/test_signing.py")
ANSWERS = tests("unit/unleashed/test_answers.py")
DATES = tests("unit/unleashed/test_dates.py")
PAGING = tests("unit/unleashed/test_paging.py")
WHOLE = tests("unit/unleashed/test_whole.py")
BUDGET = tests("unit/unleashed/test_budget.py")
CLIENT = tests("unit/unleashed/test_client.py")
HOOKS = tests("unit/unleashed/test_webhooks.py")
CODES = tests("unit/unleashed/test_natural_keys.py")
STORES = tests("contract/test_unleashed_stores.py")
SOCKETS = tests("component/test_unleashed_client_on_the_wire.py")


def _defect(name: str, breaks: str, file: str, old: str, new: str, *checks: Check) -> Defect:
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_UNLEASHED_CLIENT = (
    _defect(
        "Unleashed's key is decoded before it is the key",
        CALM,
        "adapters/unleashed/signing.py",
        "hmac.new(key.encode(), query.encode()",
        "hmac.new(base64.b64decode(key[-20:]), query.encode()",
        SIGNING,
    ),
    _defect(
        "values of a query are percent-encoded",
        CALM,
        "adapters/unleashed/signing.py",
        'return "&".join(f"{_name(name)}={_value(name, value)}" for name, value in query)',
        'return "&".join(f"{_name(name)}={_value(name, value)}" for name, value in query)'
        '.replace(":", "%3A")',
        SIGNING,
        CLIENT,
        SOCKETS,
    ),
    _defect(
        "a value that needs escaping is sent and hoped for",
        TOLD,
        "adapters/unleashed/signing.py",
        "    if not is_safe(text):\n",
        "    if False:\n",
        SIGNING,
        CLIENT,
    ),
    _defect(
        "a write that may have been carried out counts as not done",
        TWICE,
        "adapters/unleashed/errors.py",
        "    if is_read:\n        return Retryable(",
        "    if is_read or reason:\n        return Retryable(",
        ANSWERS,
        CLIENT,
    ),
    _defect(
        "a fault that is reported under 200 counts as done",
        LOST,
        "adapters/unleashed/errors.py",
        "    if is_refusal(content):\n",
        "    if is_refusal(content) and is_read:\n",
        ANSWERS,
    ),
    Defect(
        "a refusal repeats the name of the buyer",
        TOLD,
        (
            Edit("adapters/http/words.py", "told = without(text[", "told = str(text["),
            Edit(
                "adapters/unleashed/client.py",
                "hidden = {*private, *private_in(body)}",
                "hidden = {*private}",
            ),
        ),
        (CLIENT,),
    ),
    _defect(
        "a refused key is tried again with every call",
        CALM,
        "adapters/unleashed/client.py",
        "        self._require_not_refused(keys)\n",
        "",
        CLIENT,
    ),
    _defect(
        "a clamped page is taken for one more",
        LOST,
        "adapters/unleashed/paging.py",
        "        if self.number is not None and self.number != asked:\n            return True\n"
        "        return self.pages is not None and asked >= self.pages\n",
        "        return not self.rows\n",
        PAGING,
    ),
    _defect(
        "a page that is not there is the end of a list that counts its pages",
        LOST,
        "adapters/unleashed/paging.py",
        "if number == first or pages is not None:",
        "if number == first:",
        PAGING,
    ),
    _defect(
        "a list that heeds no page number ends with its first page",
        LOST,
        "adapters/unleashed/paging.py",
        "        if self.rows and not is_clamped:\n",
        "        if not self.rows and not is_clamped:\n",
        PAGING,
    ),
    _defect(
        "a list that shifted while it was read counts as whole",
        LOST,
        "adapters/unleashed/paging.py",
        "        if counts != {len(self._identities)}:\n            return False\n",
        "",
        PAGING,
    ),
    _defect(
        "the front of a list is not looked at again",
        LOST,
        "adapters/unleashed/paging.py",
        "        return told is not None and [_version(row) for row in told.rows] == front",
        "        return told is not None",
        PAGING,
    ),
    _defect(
        "a list that says nothing of pages is read again to its first old page only",
        LOST,
        "adapters/unleashed/paging.py",
        "(told.pages is None and known == len(self._identities))",
        "(told.pages is None and not news)",
        PAGING,
    ),
    _defect(
        "an offset moves Unleashed's milliseconds",
        TOLD,
        "adapters/unleashed/dates.py",
        "    moment = _of_milliseconds(int(found[1])) if found else _of_iso(text)\n",
        "    moment = _of_milliseconds(int(found[1]) + 36000 * int(found[2] or 0)) if found "
        "else _of_iso(text)\n",
        DATES,
    ),
    _defect(
        "an update writes only what it means",
        LOST,
        "adapters/unleashed/whole.py",
        '    body = dict(raw) if dates == "as_read" else _with_iso_dates(raw)\n',
        '    body = {"Guid": raw.get("Guid")} if dates == "as_read" else _with_iso_dates(raw)\n',
        WHOLE,
    ),
    _defect(
        "another's change is overwritten",
        LOST,
        "adapters/unleashed/whole.py",
        "    require_unchanged(planned_on, fresh)\n",
        "",
        WHOLE,
    ),
    _defect(
        "batches are not asked for before an object is written back",
        LOST,
        "adapters/unleashed/whole.py",
        "        fresh = client.one(path, query, template=template)\n",
        "        fresh = client.one(path, template=template)\n",
        WHOLE,
    ),
    _defect(
        "a full sync takes what the days to come need",
        CALM,
        "domain/unleashed/budget.py",
        "        most -= forecast(usage.lasting, now) - usage.lasting\n",
        "        most -= 0\n",
        BUDGET,
    ),
    _defect(
        "urgent calls stop with the others",
        CALM,
        "domain/unleashed/budget.py",
        "    if plan.monthly_calls is None or kind is CallClass.URGENT:\n",
        "    if plan.monthly_calls is None:\n",
        BUDGET,
        CLIENT,
    ),
    _defect(
        "each environment has the month's calls to itself",
        CALM,
        "adapters/dynamodb/calls.py",
        '            more["ConditionExpression"] = '
        '"attribute_not_exists(calls) OR calls <= :room"\n',
        '            del values[":room"]\n',
        STORES,
    ),
    _defect(
        "a month's calls left over are the next one's",
        TOLD,
        "adapters/unleashed/meter.py",
        "self._month, self._usage, self._left = month, None, {}",
        "self._month, self._usage = month, None",
        BUDGET,
    ),
    _defect(
        "a code is found by its beginning",
        TWICE,
        "adapters/unleashed/natural_keys.py",
        "            if pair is not None and pair[0] == code:\n",
        "            if pair is not None and pair[0].startswith(code):\n",
        CODES,
    ),
    _defect(
        "a delivery of Unleashed's is taken however old it is",
        TWICE,
        "adapters/unleashed/webhooks.py",
        " or abs(now.timestamp() - int(stamp)) > OLDEST_SECONDS:",
        ":",
        HOOKS,
    ),
    _defect(
        "an empty key opens the door to what is signed with it",
        LOST,
        "adapters/unleashed/webhooks.py",
        "        for key in keys\n        if key\n",
        "        for key in keys\n",
        HOOKS,
    ),
)
