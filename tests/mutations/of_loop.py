"""Deliberate defects: Loop's dialect."""

from __future__ import annotations

from tests.mutations.model import CALM, LOST, TOLD, TWICE, Defect, Edit, tests

LOOP_ANSWERS = tests("unit/test_loop_answers.py")
LOOP_PORTAL = tests(
    "contract/test_loop_reading.py",
    "contract/test_loop_list.py",
    "contract/test_loop_writing.py",
    "contract/test_loop_faults.py",
)
LOOP_WEBHOOK = tests("unit/test_loop_webhook.py")
LOOP_DOOR = tests("flow/test_loop_door.py")
LOOP_FLOW = tests("flow/test_loop.py")
LOOP_COMMAND = tests("unit/cli/test_loop_on_a_hub.py")

OF_LOOP = (
    Defect(
        "every 200 of Loop's counts as done",
        LOST,
        (
            Edit(
                "adapters/loop/errors.py",
                'if content is True or content == "true":',
                "if content is not None:",
            ),
        ),
        (LOOP_ANSWERS, LOOP_FLOW),
    ),
    Defect(
        "an answer of Loop's that is no JSON counts as not done",
        TWICE,
        (
            Edit(
                "adapters/loop/errors.py",
                'raise _unclear("the portal\'s answer is not whole JSON", is_read=False)',
                'raise Retryable("loop.down", "not whole JSON")',
            ),
        ),
        (LOOP_ANSWERS, LOOP_PORTAL),
    ),
    Defect(
        "a fault that Loop reports under 200 counts as a refusal",
        TWICE,
        (Edit("adapters/loop/errors.py", "if codes & FAULTS:", "if codes & FAULTS and is_read:"),),
        (LOOP_ANSWERS,),
    ),
    Defect(
        "notes that cannot be read count as none",
        TWICE,
        (
            Edit(
                "adapters/loop/portal.py",
                "if content is NONE_THERE:",
                "if content is NONE_THERE or content is None:",
            ),
        ),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a part of a return is processed as the whole",
        TWICE,
        (
            Edit(
                "adapters/loop/portal.py",
                "if chosen != open_lines:",
                "if not chosen <= open_lines:",
            ),
        ),
        (LOOP_PORTAL, LOOP_FLOW),
    ),
    Defect(
        "goods are processed although the portal would restock what must not be",
        TOLD,
        (
            Edit(
                "adapters/loop/portal.py",
                "if any(line.restock is not does for line in lines):",
                "if all(line.restock is not does for line in lines) and not lines:",
            ),
        ),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a return that was closed meanwhile is processed",
        TWICE,
        (Edit("adapters/loop/portal.py", "if now.is_closed:", "if not now.lines:"),),
        (LOOP_PORTAL,),
    ),
    Defect(
        "the list leaves out what is under review or cancelled",
        LOST,
        (
            Edit(
                "adapters/loop/portal.py",
                'STATES = (None, "review", "cancelled")',
                "STATES = (None,)",
            ),
        ),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a next page loses the filters of the list",
        LOST,
        (
            Edit(
                "adapters/loop/client.py",
                "asked = {**query, **self._query_of(following, path)}",
                "asked = dict(self._query_of(following, path))",
            ),
        ),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a next page at another address is followed",
        CALM,
        (Edit("adapters/loop/client.py", "if not is_ours:", "if not is_ours and not parts:"),),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a list that repeats its page counts as whole",
        LOST,
        (
            Edit(
                "adapters/loop/client.py",
                "            if not following:\n",
                "            if not following or following in seen:\n",
            ),
        ),
        (LOOP_PORTAL, LOOP_FLOW),
    ),
    Defect(
        "a list of several pages is read once though it may drift",
        LOST,
        (Edit("adapters/loop/portal.py", "if pages == 1 or not news:", "if pages:"),),
        (LOOP_PORTAL,),
    ),
    Defect(
        "the changes of a window's last second are left out",
        LOST,
        (
            Edit(
                "adapters/loop/portal.py",
                "_second(until + timedelta(milliseconds=999))",
                "_second(until)",
            ),
        ),
        (LOOP_PORTAL,),
    ),
    Defect(
        "a delivery without a secret counts as signed",
        CALM,
        (Edit("adapters/loop/webhook.py", "if not secret or not header:", "if not header:"),),
        (LOOP_WEBHOOK,),
    ),
    Defect(
        "a label's time is taken for its return's",
        LOST,
        (
            Edit(
                "adapters/loop/webhook.py",
                "if is_return else None,\n        has_failed",
                "if topic else None,\n        has_failed",
            ),
        ),
        (LOOP_WEBHOOK,),
    ),
    Defect(
        "a signature is compared with the body's hash alone",
        CALM,
        (
            Edit(
                "adapters/loop/webhook.py",
                "hmac.new(secret.encode(), body, hashlib.sha256).digest()",
                "hashlib.sha256(body).digest()",
            ),
        ),
        (LOOP_DOOR, LOOP_WEBHOOK),
    ),
    Defect(
        "a bearer token opens a door that asks for a signature",
        CALM,
        (
            Edit(
                "adapters/loop/webhook.py",
                "    return is_signed(request.body, request.signature, secret)",
                "    return is_signed(request.body, request.signature, secret) or secret in "
                "request.authorization",
            ),
        ),
        (LOOP_DOOR,),
    ),
    Defect(
        "a delivery without a time may be taken for an old one",
        LOST,
        (
            Edit(
                "flows/announce_return.py",
                "event.source in ALWAYS_NEWS",
                "event.source == REPLAY",
            ),
        ),
        (LOOP_DOOR,),
    ),
    Defect(
        "a time of Loop's that cannot be read stops the delivery",
        LOST,
        (
            Edit(
                "adapters/loop/webhook.py",
                "    except (ValidationError, Unreadable, Misconfigured):\n        return None",
                "    except (ValidationError, Unreadable, Misconfigured):\n"
                '        raise Permanent("webhook.no_return", "no time") from None',
            ),
        ),
        (LOOP_DOOR,),
    ),
    Defect(
        "a trigger is logged whatever it holds",
        CALM,
        (
            Edit(
                "adapters/loop/webhook.py",
                'trigger if trigger in TRIGGERS else "other"',
                "trigger",
            ),
        ),
        (LOOP_DOOR,),
    ),
    Defect(
        "a label's delivery is not passed on",
        LOST,
        (
            Edit(
                "adapters/loop/webhook.py",
                'NOT_OURS = frozenset({"restock",',
                'NOT_OURS = frozenset({"label", "restock",',
            ),
        ),
        (LOOP_DOOR, LOOP_WEBHOOK),
    ),
    Defect(
        "Redo's host has to sign what it does not sign",
        LOST,
        (
            Edit(
                "domain/portals.py",
                '{"authentication": "bearer"} | content["webhook"]',
                'content["webhook"]',
            ),
        ),
        (LOOP_WEBHOOK,),
    ),
    Defect(
        "a partner's key may be named so that the door may read it",
        CALM,
        (Edit("domain/file_types.py", 'if name.endswith("webhook"):', "if not name:"),),
        (LOOP_WEBHOOK,),
    ),
    Defect(
        "a comment that is too long loses its marker",
        TWICE,
        (
            Edit(
                "flows/comment.py",
                "    return text[: longest - len(ending)] + ending",
                "    return whole[:longest]",
            ),
        ),
        (LOOP_FLOW,),
    ),
    Defect(
        "an expired return is announced",
        CALM,
        (
            Edit(
                "adapters/loop/translate.py",
                '"expired": ReturnStatus.NEEDS_REVIEW,',
                '"expired": ReturnStatus.OPEN,',
            ),
        ),
        (LOOP_PORTAL, LOOP_FLOW),
    ),
    Defect(
        "a file whose restock setting contradicts the portal's passes the check",
        TOLD,
        (Edit("domain/portal_limits.py", "if asked is not does:", "if asked and not asked:"),),
        (LOOP_COMMAND,),
    ),
)
