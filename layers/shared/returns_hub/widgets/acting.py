"""The door for acts: what a button asks for in, what came of it out, to be shown in a pop-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from returns_hub.domain.privacy import masked
from returns_hub.errors import Permanent, Verdict
from returns_hub.flows.overview.dashboard_acts import VERBS, ActAsked, ActDesk, Told, act
from returns_hub.ports import Telemetry
from returns_hub.widgets.asked import LONGEST_NOTE, Asked, asked_of
from returns_hub.widgets.html import Html, tag
from returns_hub.widgets.page import dim, failed, head, note, page
from returns_hub.widgets.words import many, sentence

DESCRIBED = (
    "### Acts of the hub's widgets\nCalled by their buttons alone; it shows nothing by itself."
)
SAYS = {
    "already": "somebody had dealt with it, or it was parked again meanwhile",
    "needs an answer": "it needs an answer, which the command takes",
    "names no return": "it names no return, so there is nothing to be done again",
    "gone": "it was gone, or somebody else holds it for a minute",
}


def acted(
    event: object, desk_of: Callable[[str], ActDesk], telemetry: Telemetry, request: str
) -> str | dict[str, Any]:
    """The answer to one event.

    Args:
        event: As it came; anything.
        desk_of: Makes the desk for an act in somebody's name.
        telemetry: Told of faults.
        request: The request's id.
    """
    asked = asked_of(event)
    if asked.describe:
        return {"markdown": DESCRIBED}
    try:
        return _told(asked, act(wanted(asked), desk_of(asked.who)), request).markup
    except Verdict as verdict:
        said = f"{sentence(masked(verdict.reason))}."
        return failed(asked, said, dim(f"request {request}")).markup
    except Exception as error:  # noqa: BLE001 - a dashboard is no place for a stack trace
        telemetry.count("Faults")
        telemetry.log("fault", flow="ops_acts", fault=type(error).__name__)
        return failed(
            asked,
            "The act met a fault of the hub's own. Look again to see how far it came.",
            f"The log has it under the request {request}. What was done is not done again.",
        ).markup


def wanted(asked: Asked) -> ActAsked:
    """What the button asks for.

    Raises:
        Permanent: That is no act.
    """
    verb = next((one for one in VERBS if one == asked.params.get("act")), None)
    if verb is None:
        raise Permanent("act.unknown", "there is no such act; nothing was done")
    note_given = asked.form.get("note", "").strip()
    if len(note_given) > LONGEST_NOTE:
        words = f"a note has at most {LONGEST_NOTE} characters; nothing was done"
        raise Permanent("act.long_note", words)
    merchant = asked.params.get("merchant", "")
    return ActAsked(
        verb=verb,
        merchant=merchant if merchant == asked.merchant() else "",
        parked_id=asked.word("parked_id"),
        seen=asked.word("seen"),
        flow=asked.word("flow"),
        code=asked.word("code"),
        after=asked.word("after"),
        count=asked.number("count"),
        queue=asked.word("queue"),
        message_id=asked.word("message_id"),
        note=note_given,
    )


def _told(asked: Asked, told: Told, request: str) -> Html:
    done = {name: count for name, count in told.counts.items() if name not in SAYS}
    others = {name: count for name, count in told.counts.items() if name in SAYS}
    said = ", ".join(f"{count} {name}" for name, count in done.items()) or "Nothing was done"
    if len(told.counts) == 1 and told.done == 1:
        said = sentence(next(iter(done)))
    lines = (tag("p", f"{many(count, 'item')}: {SAYS[name]}.") for name, count in others.items())
    seen = "Refresh the list to see it without what was dealt with."
    return page(
        asked,
        head(said, "good" if told.done else "warn"),
        note(seen if told.done else "Nothing was changed.", *lines),
        dim(f"Recorded as {asked.who}, request {request}."),
    )
