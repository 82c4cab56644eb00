"""Entries that ask a partner, which answers from a script: what reading and writing may give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from returns_hub.errors import Permanent, Retryable
from returns_hub.flows.world import World
from returns_hub.ports import Capabilities, ReceiptPage
from tests.fuzz.replies import Scripted, ScriptedPartner, read_script, script
from tests.fuzz.targets import Wrong, as_json, writable
from tests.support import fakes
from tests.support.loop_worlds import LoopBench
from tests.support.worlds import Bench

PartnerName = Literal["redo", "mintsoft", "loop"]
REDO_DONE = frozenset({200, 201, 202, 204})
PROBLEM = Scripted(
    400,
    headers=(("Content-Type", "application/problem+json"),),
    body=as_json({"type": "about:blank", "title": "Bad Request", "detail": "status is not one"}),
)
LIMITED = Scripted(429, headers=(("Retry-After", "7"),), body=b"<html>Too Many Requests</html>")
DOWN = Scripted(503, body=b"<html>Service Unavailable</html>")
EMPTY_404 = Scripted(404)
OUTAGES = (script(PROBLEM), script(LIMITED), script(DOWN), script(EMPTY_404), script(Scripted(401)))
_BENCHES: dict[str, tuple[Bench, ScriptedPartner]] = {}


def scripted_world(name: PartnerName) -> tuple[World, ScriptedPartner]:
    """A world whose one partner answers from a script; new for each case but for its simulators."""
    if name not in _BENCHES:
        bench, partner = LoopBench() if name == "loop" else Bench(), ScriptedPartner()
        setattr(bench, f"to_{name}", partner)
        _BENCHES[name] = (bench, partner)
    bench, partner = _BENCHES[name]
    bench.telemetry = fakes.Telemetry()
    bench.capabilities.put("example", Capabilities(marker_look_up=True))
    return bench.world(), partner


def scripted_bench(name: PartnerName) -> Bench:
    """The bench of that partner, which lasts."""
    return _BENCHES[name][0]


def send_by() -> datetime:
    """Until when a write may be sent."""
    return fakes.START + timedelta(minutes=2)


def reading(
    partner_name: PartnerName,
    act: Callable[[World], object],
    *,
    also: frozenset[int] = frozenset(),
) -> Callable[[bytes], object]:
    """An entry that reads. A value comes of a whole 2xx answer, or of a status in `also`."""

    def run(data: bytes) -> object:
        world, partner = scripted_world(partner_name)
        partner.play(read_script(data))
        value = act(world)
        last = partner.seen.last
        good = REDO_DONE if partner_name == "redo" else {200}
        if last and last.status not in good | also:
            raise Wrong("a value comes of an answer that is none", f"status {last.status}")
        if last and last.status in good and not last.is_whole:
            raise Wrong("a value comes of an answer that is cut off", "")
        writable(value)
        for receipt in value.receipts if isinstance(value, ReceiptPage) else ():
            writable(receipt)
        return value

    return run


def writing(
    partner_name: PartnerName,
    act: Callable[[World], object],
    *,
    is_done: Callable[[Scripted], bool],
    is_not_done: Callable[[Scripted], bool],
) -> Callable[[bytes], object]:
    """An entry that writes: success and refusal only where the answer to the write says so."""

    def run(data: bytes) -> object:
        world, partner = scripted_world(partner_name)
        partner.play(read_script(data))
        try:
            value = act(world)
        except (Permanent, Retryable) as verdict:
            last = partner.seen.wrote
            if last and last.wire != "refused" and not last.is_encoded and not is_not_done(last):
                raise Wrong("a write that may be done counts as not done", str(verdict)) from None
            raise
        last = partner.seen.wrote
        if last is None or (not last.is_encoded and not is_done(last)):
            raise Wrong("a write that is not provably done counts as done", repr(value)[:100])
        return value

    return run


def is_answered(reply: Scripted) -> bool:
    """Whether what the partner says reached the hub, if only in part."""
    return reply.wire in {"", "cut"}
