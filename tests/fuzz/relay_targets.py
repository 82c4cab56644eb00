"""Entries of the despatch relay: messages of its queue, and what receivers answer."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

from returns_hub.domain.relay.despatch import RelayedDespatch
from returns_hub.errors import Misconfigured, Permanent, Retryable
from returns_hub.flows.relay.despatch_message import asked_again, parse
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Target, Wrong, checked_reason, delivered, without_canaries, writable
from tests.support.relay import RelayBench

ENDINGS = frozenset({"told", "known", "superseded", "parked"})
NOT_DONE = frozenset(range(300, 500)) - {408, 409}
"""Statuses under which a receiver says that it did not take an event."""


@cache
def _message(revision: int = 1) -> bytes:
    """What the source puts onto the queue."""
    bench = RelayBench()
    made = bench.sent("DK-1001", ("TEE", 2), ("MUG", 1))
    bench.run()
    for number in range(2, revision + 1):
        bench.add_tracking(made, f"TR-{number}")
        bench.run()
    return bench.outbox.texts[-1].encode()


def _changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(_message()) | changes).encode()


def _of_revision(number: int) -> bytes:
    """The message of a late revision."""
    content = json.loads(_message())
    told = content["despatch"]
    told |= {"revision": number, "id": f"{told['despatch_id']}-r{number}"}
    return json.dumps(content).encode()


def despatch_message(data: bytes) -> RelayedDespatch:
    """The message's despatch; told again it is the same one."""
    text = delivered(data)
    found = parse(text)
    writable(found)
    if parse(found.to_json()) != found:
        raise Wrong("a despatch that is told again is another", repr(found)[:200])
    again = parse(asked_again(text, send_again=True))
    if again.despatch != found.despatch or not (again.retry and again.send_again):
        raise Wrong("a person's repetition tells another despatch", repr(again)[:200])
    return found


def despatch_to_its_end(data: bytes) -> str:
    """The message through the whole flow, twice: it ends in one way, and its receiver has at most
    the one event that it holds."""
    bench = RelayBench()
    text = delivered(data)
    ended = bench.tell(text)
    for item in bench.parking.items.values():
        checked_reason(item.reason, item.code)
        without_canaries(f"{item.reason} {item.subject} {item.parked_id}", item.code)
    for _, fields in bench.telemetry.lines:
        without_canaries(str(fields), "log line")
    taken = bench.taken()
    if (ended == "told") != (len(taken) == 1):
        raise Wrong("what a receiver has is not what the flow says", f"{ended}, {len(taken)}")
    if ended not in ENDINGS and not ended.startswith("relay."):
        raise Wrong("the flow ends in a way that is none", ended)
    again = bench.tell(text)
    if len(bench.taken()) != len(taken) or bench.channel.books.came_again:
        raise Wrong("a despatch that comes again is told again", f"{ended}, then {again}")
    return ended


def receiver(data: bytes) -> str:
    """A receiver's answer: taken and refused only where it says so."""
    bench, partner = RelayBench(), ScriptedPartner()
    bench.to_receivers["channel"] = partner
    partner.play(read_script(data))
    asked = parse(delivered(_message()))
    (target,) = bench.live().merchant.despatch_relay.targets
    by = bench.clock.now() + timedelta(minutes=1)
    try:
        value = bench.target(target).tell(asked.despatch, by)
    except (Permanent, Retryable, Misconfigured) as verdict:
        last = partner.seen.last
        if last and last.wire != "refused" and not (not last.wire and last.status in NOT_DONE):
            is_cut = last.wire == "cut" and last.status in NOT_DONE
            if not is_cut:
                raise Wrong("a telling that may be done counts as not done", str(verdict)) from None
        raise
    last = partner.seen.last
    if last is None or last.wire not in {"", "cut"} or not _is_taken(last, asked.despatch.id):
        raise Wrong("a telling without a clear answer counts as done", repr(last)[:100])
    return value


def _is_taken(reply: Scripted, event_id: str) -> bool:
    if 200 <= reply.status < 300:
        return True
    named = event_id.encode() in reply.body or event_id in dict(reply.headers).values()
    return reply.status == 409 and (named or reply.is_encoded or b"\\u" in reply.body)


_ID = json.loads(_message())["despatch"]["id"]

RELAY_TARGETS: tuple[Target, ...] = (
    Target(
        "despatch-message",
        "json",
        despatch_message,
        (RelayedDespatch,),
        (
            _message(),
            _changed(retry=True, send_again=True),
            _changed(buyer=CANARIES[0]),
            _of_revision(2_000_000_000),
        ),
    ),
    Target(
        "despatch-to-its-end",
        "json",
        despatch_to_its_end,
        (str,),
        (
            _message(),
            _message(3),
            _changed(target="nobody"),
            _changed(merchant="another-1"),
            _changed(address=CANARIES[1]),
            _of_revision(2_000_000_000),
        ),
    ),
    Target(
        "despatch-receiver",
        "script",
        receiver,
        (str,),
        (
            script(Scripted(202)),
            script(Scripted(409, body=json.dumps({"event": _ID}).encode())),
            script(Scripted(409, headers=(("Idempotency-Key", _ID),))),
            script(Scripted(422, body=b'{"errors": {"lines": ["no such order"]}}')),
            script(Scripted(401), Scripted(204)),
            script(Scripted(429, headers=(("Retry-After", "20"),))),
            script(Scripted(400, body=f'{{"message": "{CANARIES[0]}"}}'.encode())),
            *OUTAGES,
        ),
    ),
)
