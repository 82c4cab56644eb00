"""Deliberate defects: the webhook's door, and what becomes of its messages."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, tests

DOOR = tests("flow/test_webhook_door.py")
DELIVERIES = tests("flow/test_webhook.py")
EVENTS = tests("unit/test_http_api.py")

FLOW = "flows/receive_webhook.py"
KEYS = "adapters/secrets/webhook_keys.py"
READ = "adapters/redo/deliveries.py"
ANNOUNCE = "flows/announce_return.py"


def _defect(name: str, breaks: str, file: str, old: str, new: str) -> Defect:
    checks = (DELIVERIES, DOOR) if file in {READ, ANNOUNCE} else (DOOR, DELIVERIES)
    return Defect(name, breaks, (Edit(file, old, new),), checks)


OF_THE_DOOR = (
    _defect(
        "the door opens to any token",
        CALM,
        FLOW,
        "    return bool(entry.keys) and any(matches)",
        "    return bool(entry.keys) or any(matches)",
    ),
    _defect(
        "a merchant without tokens is opened by what stands for none",
        CALM,
        FLOW,
        "    return bool(entry.keys) and any(matches)",
        "    return any(matches)",
    ),
    _defect(
        "a merchant that there is not is answered otherwise",
        CALM,
        KEYS,
        "        except Permanent:\n            return self.nobody",
        "        except Permanent:\n            raise Retryable('no.merchant', '') from None",
    ),
    _defect(
        "a changed token is known only after a while",
        LOST,
        FLOW,
        "keys.entry(request.merchant, fresh=True)",
        "keys.entry(request.merchant)",
    ),
    _defect(
        "the token before does not open any more",
        LOST,
        "domain/webhooks.py",
        '(word, f"previous_{word}")',
        "(word,)",
    ),
    _defect(
        "a short token is good enough",
        CALM,
        "domain/webhooks.py",
        "if any(len(key) < proof.shortest for key in keys):",
        "if any(not key for key in keys):",
    ),
    _defect(
        "tokens are believed for ever while the store is away",
        CALM,
        KEYS,
        "            if known and age < STALE_SECONDS:",
        "            if known:",
    ),
    _defect(
        "every wrong token asks the store of secrets",
        CALM,
        KEYS,
        "(AGAIN_SECONDS if fresh else KEPT_SECONDS)",
        "(0 if fresh else KEPT_SECONDS)",
    ),
    _defect(
        "made-up merchants fill the memory",
        CALM,
        KEYS,
        "            self._known.clear()",
        "            pass",
    ),
    _defect(
        "a queue that is down counts as taken",
        LOST,
        FLOW,
        "        door.publish(text)",
        "        try:\n            door.publish(text)\n        except Verdict:\n            pass",
    ),
    _defect(
        "what cannot be used is answered and forgotten",
        TOLD,
        FLOW,
        "            return _keep(request, unusable, door)",
        '            return _refusal(door, unusable.status or 200, unusable.code, "no")',
    ),
    _defect(
        "what is kept holds its values",
        CALM,
        "domain/webhooks.py",
        '            return "text"',
        "            return content",
    ),
    _defect(
        "what waits for its approval is sent",
        CALM,
        FLOW,
        "    if delivery.status not in NOT_YET_APPROVED:",
        "    if delivery.status:",
    ),
    _defect(
        "a known return that waits again is not followed",
        LOST,
        FLOW,
        "        return stores.returns.load(merchant, delivery.return_id).version > 0",
        "        return False",
    ),
    _defect(
        "a version of the future is believed",
        LOST,
        FLOW,
        "    if version is None or version > now + CLOCKS_DIFFER:",
        "    if version is None:",
    ),
    _defect(
        "a message is as large as its bodies",
        LOST,
        FLOW,
        "    return full if len(full) <= LARGEST_MESSAGE else thin",
        "    return full",
    ),
    _defect(
        "whole bodies go onto the queue",
        CALM,
        READ,
        '    return read.model_dump(mode="json", by_alias=True, exclude_unset=True)',
        "    return dict(content) if isinstance(content, dict) and read else None",
    ),
    _defect(
        "a return goes without its order and its SKUs",
        LOST,
        READ,
        "    is_whole = portal_return is not None and portal_order is not None",
        "    is_whole = portal_return is not None",
    ),
    _defect(
        "an old delivery asks the portal again",
        CALM,
        ANNOUNCE,
        "    if event.source not in BY_VERSION or _is_news(event, state):",
        "    if event.source or _is_news(event, state):",
    ),
    _defect(
        "a repetition leaves what an earlier run began",
        LOST,
        ANNOUNCE,
        "    return not any(is_due(shipment, event) for shipment in state.shipments)",
        "    return True",
    ),
    _defect(
        "an old return that was touched after the switch is announced again",
        TWICE,
        ANNOUNCE,
        "    if event.source in TOLD_BY_WEBHOOK and not state.shipments:",
        "    if event.source in BY_VERSION and state.shipments:",
    ),
    _defect(
        "a version that was skipped is not remembered",
        CALM,
        ANNOUNCE,
        'world.record(state, "eligibility", *seen, *more)',
        'world.record(state, "eligibility", *(seen if more else ()), *more)',
    ),
    Defect(
        "of two headers the first counts",
        CALM,
        (
            Edit(
                "adapters/gateway/http_api.py",
                'if len(found) == 1 else ""',
                'if found else ""',
            ),
        ),
        (EVENTS,),
    ),
    Defect(
        "a body in base64 is taken as it came",
        LOST,
        (
            Edit(
                "adapters/gateway/http_api.py",
                'if event.get("isBase64Encoded") is not True:',
                'if event.get("isBase64Encoded") != "yes":',
            ),
        ),
        (EVENTS,),
    ),
)
