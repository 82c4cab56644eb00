"""Entries where answers and deliveries in Loop's dialect come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from returns_hub.adapters.loop.webhook import is_signed, read_delivery
from returns_hub.domain.portals import LoopConnection
from returns_hub.domain.returns import PortalReturn, ReturnStatus, ReturnSummary
from returns_hub.domain.strict_json import read_json
from returns_hub.domain.webhooks import Delivery
from returns_hub.flows.world import World
from tests.fuzz.mutations import CANARIES
from tests.fuzz.partner_answers import OUTAGES, reading, writing
from tests.fuzz.replies import Scripted, script
from tests.fuzz.targets import Refused, Target, Wrong
from tests.support import fakes
from tests.support.loop_worlds import RETURN, label, line_item, loop_return

NOT_DONE = frozenset({400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429})
REFUSAL = {
    "errors": {"message": f"Return of {CANARIES[0]} is closed", "code": "UNPROCESSABLE_RETURN"}
}
SENTENCE = {"message": "Return is cancelled and therefore cannot be processed."}
THERE_IS_NONE = {"error": {"message": "No return found with this ID."}}
BODY = loop_return(
    [line_item(1, "TEE"), line_item(2, None, quantity=2)],
    labels=[label("A", [501]), label(None)],
    customer=CANARIES[0],
    address={"phone": CANARIES[1]},
    gift_card_order_id=CANARIES[2],
)
LIST = "http://127.0.0.1:3/api/v1/warehouse/return/list"
SECRET = "fuzz"


def _content(reply: Scripted) -> Any:
    try:
        return reply.content()
    except ValueError:
        return None


def _done(reply: Scripted) -> bool:
    content = _content(reply)
    return reply.wire == "" and reply.status == 200 and (content is True or content == "true")


def _refused(reply: Scripted) -> bool:
    if reply.wire not in {"", "cut"}:
        return False
    if reply.status in NOT_DONE:
        return True
    content = _content(reply)
    if reply.status != 200 or not isinstance(content, dict):
        return False
    words = (content.get(name) for name in ("message", "content"))
    says_no = any("cannot be" in word.lower() for word in words if isinstance(word, str))
    return bool(content.get("errors") or content.get("error")) or says_no


def _writing(act: Callable[[World], None]) -> Callable[[bytes], object]:
    return writing("loop", act, is_done=_done, is_not_done=_refused)


def _send_by() -> Any:
    return fakes.START + timedelta(minutes=2)


def _updated(world: World) -> tuple[ReturnSummary, ...]:
    return tuple(world.portal.returns_updated(fakes.START - timedelta(days=1), fakes.START))


def delivery(data: bytes) -> Delivery:
    """A webhook's body: never signed by chance, and whatever it holds told in words."""
    if is_signed(data, data.decode("utf-8", "replace"), SECRET):
        raise Wrong("a body counts as its own signature", "")
    try:
        content = read_json(data)
    except ValueError:
        raise Refused("not JSON") from None
    found = read_delivery(LoopConnection(), content)
    if found.updated_at and found.updated_at.tzinfo is None:
        raise Wrong("a time without a zone", repr(found))
    return found


WRITES = (script("true"), script(REFUSAL), script(SENTENCE), script({}), *OUTAGES)
LOOP_TARGETS: tuple[Target, ...] = (
    Target(
        "loop-read-return",
        "script",
        reading("loop", lambda world: world.portal.read_return(RETURN)),
        (PortalReturn,),
        (script(BODY), script(THERE_IS_NONE), script(BODY | {"state": "closed"}), *OUTAGES),
    ),
    Target(
        "loop-returns-updated",
        "script",
        reading("loop", _updated),
        (tuple,),
        (
            script([BODY]),
            script({"returns": [BODY], "nextPageUrl": f"{LIST}?cursor=a"}, {"returns": []}),
            script({"returns": [BODY], "nextPageUrl": "https://x.test/?cursor=a"}),
            *OUTAGES,
        ),
    ),
    Target(
        "loop-comments",
        "script",
        reading("loop", lambda world: world.portal.comments(RETURN), also=frozenset({422})),
        (tuple,),
        (
            script({"notes": [{"id": 1, "content": "text"}, {"content": None}]}),
            script(Scripted(422, body=b'"false"')),
            *OUTAGES,
        ),
    ),
    Target(
        "loop-flag",
        "script",
        _writing(lambda world: world.portal.set_status(RETURN, ReturnStatus.FLAGGED, _send_by())),
        (type(None),),
        WRITES,
    ),
    Target(
        "loop-add-comment",
        "script",
        _writing(lambda world: world.portal.add_comment(RETURN, "text", _send_by())),
        (type(None),),
        WRITES,
    ),
    Target(
        "loop-delivery",
        "json",
        delivery,
        (Delivery,),
        (
            b'{"topic": "return", "trigger": "return.updated", "id": 1673, "state": "open", '
            b'"updated_at": "2026-03-02 09:15:00"}',
            b'{"topic": "label", "return_id": "1673", "updated_at": "2026-03-02T09:15:00Z"}',
        ),
    ),
)
