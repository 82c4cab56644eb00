"""The doors of the dashboard: whatever the event is, the answer is whole, safe and short."""

from __future__ import annotations

import json
from functools import cache
from html.parser import HTMLParser
from typing import Any

from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import Refused, Target, Wrong
from tests.support.widget_samples import VIEWS, rich
from tests.support.widgets import Dashboard, event

VOID = {"input"}
UNSAFE = {"script", "iframe", "use", "a", "img", "object", "embed", "link", "base", "meta"}
LONGEST_ANSWER = 1_000_000


class _Checked(HTMLParser):
    """Refuses what a widget never has."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.closed_last = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSAFE or any(n.startswith("on") or n in {"href", "src"} for n, _ in attrs):
            raise Wrong("markup that does something", f"{tag} {attrs}")
        if tag == "cwdb-action" and self.closed_last != "button":
            raise Wrong("an action behind no button", str(attrs))
        self.closed_last = ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Wrong("markup that does not close", tag)
        self.closed_last = tag

    def handle_data(self, data: str) -> None:
        self.closed_last = ""
        if self.open and self.open[-1] == "cwdb-action":
            json.loads(data)


def _event(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None


def _check(answered: str | dict[str, Any], it: Dashboard) -> None:
    if isinstance(answered, dict):
        if set(answered) != {"markdown"}:
            raise Wrong("neither HTML nor Markdown", str(answered)[:200])
        return
    reader = _Checked()
    reader.feed(answered)
    reader.close()
    if reader.open:
        raise Wrong("half a widget", str(reader.open))
    if len(answered) > LONGEST_ANSWER:
        raise Wrong("an answer that is too long", str(len(answered)))
    faults = [fields for message, fields in it.telemetry.lines if message == "fault"]
    if faults:
        it.telemetry.lines.clear()
        raise Wrong("a fault of the hub's own", str(faults))


@cache
def _shown() -> Dashboard:
    """Shows change nothing, so one is enough."""
    return rich()


def widget_event(data: bytes) -> str | dict[str, Any]:
    """An event at the door that shows."""
    asked, it = _event(data), _shown()
    answered = it.answer(asked)
    _check(answered, it)
    json.dumps(answered)
    return answered


def act_event(data: bytes) -> str | dict[str, Any]:
    """An event at the door that acts: nothing is done that is not recorded."""
    asked, it = _event(data), rich()
    open_before = sum(item.state == "open" for item in it.parking.items.values())
    letters = sum(len(queue.letters) for queue in it.queues)
    known = len(it.audit.acts)
    answered = it.acted(asked)
    _check(answered, it)
    closed = open_before - sum(item.state == "open" for item in it.parking.items.values())
    gone = letters - sum(len(queue.letters) for queue in it.queues)
    if closed + gone > len(it.audit.acts) - known:
        raise Wrong("done and not recorded", str(asked)[:200])
    return answered


def _seeds(*contents: Any) -> tuple[bytes, ...]:
    return tuple(json.dumps(content).encode() for content in contents)


_ACT: dict[str, Any] = {"act": "parked replay", "merchant": "example", "seen": 1}
WIDGET_TARGETS = (
    Target(
        "widget_event",
        "json",
        widget_event,
        (str, dict),
        _seeds(
            *(event(**params) for _, params in VIEWS),
            {"describe": True, "widget": "find"},
            event(
                {"forms": {"all": {"words": "#5501 <script>", "merchant": "example"}}},
                widget="find",
                search=1,
            ),
            event(widget="parked", merchant="example", parked_id=CANARIES[0]),
        ),
    ),
    Target(
        "act_event",
        "json",
        act_event,
        (str, dict),
        _seeds(
            event(**_ACT, parked_id="create_external_return/ret00001/s1"),
            event(
                {"forms": {"all": {"note": "done by hand"}}},
                **_ACT | {"act": "parked discard"},
                parked_id="create_external_return/ret00002/s1",
            ),
            event(
                act="dlq replay",
                queue="approved-returns",
                message_id="0b5c2a9e-0000-4000-8000-000000000001",
            ),
            event(
                **_ACT | {"seen": "0"},
                flow="create_external_return",
                code="mintsoft.unknown_sku",
                count=25,
            ),
        ),
    ),
)
